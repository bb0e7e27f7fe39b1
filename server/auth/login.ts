/**
 * How often a password may be tried. After some failures each further try for the same account from the same address waits
 * twice as long as the one before; so does, after some more, every try for the account from addresses where its right password
 * never came from, or a thousand addresses would have a thousand times the tries. A try that comes too early is not looked at.
 *
 * It knows no passwords and no accounts, so the answer is the same whether one exists. A try counts as failed from its
 * beginning, so a thousand parallel tries gain nothing. The counts are stored, so a restart gives nobody fresh tries.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../limits/limits.ts';
import { accountLock } from '../store/locks.ts';
import type { LoginTries } from '../store/sessions.ts';
import type { Store, Transaction } from '../store/store.ts';

export interface LoginDelay {
  /** Takes a try. `undefined`: go on. Else the milliseconds until the next one is looked at. */
  take(account: string, address: string): Promise<number | undefined>;
  /** The password was right: forget the failures from there, and know the address. */
  clear(account: string, address: string): Promise<void>;
}

/** An account may be mistyped so many times as often from everywhere together as from one place. */
const EVERYWHERE = 4;
/** Waiting for the crowd to go is bounded more tightly: an owner on a journey waits with it. */
const EVERYWHERE_MAX_MS = 60_000;
/** Where the right password came from is another place than the crowd's, for so long. */
const KNOWN_MS = 30 * 24 * 3600 * 1000;

const NEW: LoginTries = { failures: 0, nextAtMs: 0, knownUntilMs: 0 };

export interface LoginDelayOptions {
  store: Store;
  clock: Clock;
  limits: Limits['login'];
}

export function createLoginDelay({ store, clock, limits }: LoginDelayOptions): LoginDelay {
  /** Who tries is a person: only a keyed hash of it is stored. */
  const keyOf = (...about: string[]) =>
    createHmac('sha256', store.secret)
      .update(JSON.stringify(['login', ...about]))
      .digest('base64url');

  /** The recorded tries of a key; a key idle for twice the longest delay begins anew. */
  const current = async (tx: Transaction, key: string, nowMs: number): Promise<LoginTries> => {
    const tries = believable((await tx.loginTries(key)) ?? NEW, nowMs);
    return nowMs > tries.nextAtMs + 2 * limits.maxDelayMs ? { ...NEW, knownUntilMs: tries.knownUntilMs } : tries;
  };

  /** A wait that is longer than the longest was written by a clock that was ahead: the failures count, the time does not. */
  const believable = (tries: LoginTries, nowMs: number): LoginTries => ({
    failures: tries.failures,
    nextAtMs: tries.nextAtMs > nowMs + limits.maxDelayMs ? nowMs : tries.nextAtMs,
    knownUntilMs: tries.knownUntilMs > nowMs + KNOWN_MS ? 0 : tries.knownUntilMs,
  });

  const counted = (tries: LoginTries, free: number, maxMs: number, nowMs: number): LoginTries => {
    const failures = tries.failures + 1;
    const over = failures - free;
    return { ...tries, failures, nextAtMs: nowMs + (over < 0 ? 0 : Math.min(limits.firstDelayMs * 2 ** over, maxMs)) };
  };

  return {
    take(account, address) {
      const nowMs = clock.nowMs();
      const [here, everywhere] = [keyOf(account, address), keyOf(account)];
      return store.transact([accountLock(keyOf(account))], async (tx) => {
        const mine = await current(tx, here, nowMs);
        const all = mine.knownUntilMs > nowMs ? undefined : await current(tx, everywhere, nowMs);
        const waitMs = Math.max(mine.nextAtMs, all?.nextAtMs ?? 0) - nowMs;
        if (waitMs > 0) return waitMs;
        await tx.saveLoginTries(here, counted(mine, limits.tries, limits.maxDelayMs, nowMs));
        if (all !== undefined) {
          const maxMs = Math.min(EVERYWHERE_MAX_MS, limits.maxDelayMs);
          await tx.saveLoginTries(everywhere, counted(all, EVERYWHERE * limits.tries, maxMs, nowMs));
        }
        return undefined;
      });
    },
    clear(account, address) {
      const nowMs = clock.nowMs();
      return store.transact([accountLock(keyOf(account))], async (tx) => {
        await tx.saveLoginTries(keyOf(account, address), { failures: 0, nextAtMs: nowMs, knownUntilMs: nowMs + KNOWN_MS });
        const all = await tx.loginTries(keyOf(account));
        // The try that was right is taken back; those of the crowd are not.
        if (all !== undefined && all.failures > 0) await tx.saveLoginTries(keyOf(account), { ...all, failures: all.failures - 1 });
      });
    },
  };
}
