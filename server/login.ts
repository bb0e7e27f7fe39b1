/**
 * How often a password may be tried. After some failures each further try for the same account from the same address waits
 * twice as long as the one before; a try that comes too early is not looked at. Knows no passwords and no store, so the
 * answer is the same whether the account exists.
 *
 * A try counts as failed from its beginning, so that a thousand tries at once gain nothing.
 */
import type { Clock } from './clock.ts';
import type { Limits } from './config.ts';

export interface LoginDelay {
  /** Takes a try. `undefined`: go on. Else the milliseconds until the next one is looked at. */
  take(account: string, address: string): number | undefined;
  /** The password was right: forget the failures. */
  clear(account: string, address: string): void;
}

interface Tries {
  failures: number;
  nextAtMs: number;
}

/** So many pairs are remembered; beyond that the oldest are forgotten, or an attacker could fill the memory. */
const REMEMBERED = 10_000;

export function createLoginDelay({ clock, limits }: { clock: Clock; limits: Limits['login'] }): LoginDelay {
  const byPair = new Map<string, Tries>();
  const keyOf = (account: string, address: string) => JSON.stringify([account, address]);

  /** A pair that has waited out twice the longest delay begins anew. */
  const current = (key: string, nowMs: number): Tries => {
    const tries = byPair.get(key);
    return tries === undefined || nowMs > tries.nextAtMs + 2 * limits.maxDelayMs ? { failures: 0, nextAtMs: 0 } : tries;
  };

  return {
    take(account, address) {
      const key = keyOf(account, address);
      const nowMs = clock.nowMs();
      const tries = current(key, nowMs);
      if (nowMs < tries.nextAtMs) return tries.nextAtMs - nowMs;
      const failures = tries.failures + 1;
      const over = failures - limits.tries;
      const delayMs = over < 0 ? 0 : Math.min(limits.firstDelayMs * 2 ** over, limits.maxDelayMs);
      byPair.delete(key);
      byPair.set(key, { failures, nextAtMs: nowMs + delayMs });
      for (const oldest of byPair.keys()) {
        if (byPair.size <= REMEMBERED) break;
        byPair.delete(oldest);
      }
      return undefined;
    },
    clear: (account, address) => void byPair.delete(keyOf(account, address)),
  };
}
