/**
 * Watches whether a workplace is used, for one connection. A sign of use prolongs the session, and the workplace is warned before a
 * session ends for want of one. Other connections may prolong the same session, so the store is asked before a warning.
 * `changes.ts` closes sessions that have ended.
 */
import type { UnixSeconds } from '../../shared/chat.ts';
import type { Auth } from '../auth/auth.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { StoredSession } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';

export interface IdleWatch {
  begin(session: string, endsAt: UnixSeconds): void;
  /** Somebody has used the workplace. */
  used(): Promise<void>;
  close(): void;
}

export interface IdleWatchOptions {
  store: Pick<Store, 'session'>;
  auth: Pick<Auth, 'use'>;
  clock: Clock;
  log: Log;
  idleMs: number;
  /** The session ends in this many milliseconds unless somebody uses it. `null`: somebody has. */
  onEnding: (inMs: number | null) => void;
  onProlonged: (endsAt: UnixSeconds) => void;
}

/** The warning leaves this much time to come back to the keyboard. */
const WARN_MS = 120_000;
/** A session in use is prolonged this often, not with every key. */
const EVERY_MS = 60_000;

/** How often at most a workplace says that somebody uses it. */
export const usedEveryMs = (idleMs: number) => Math.min(EVERY_MS, idleMs / 10);

export function createIdleWatch({ store, auth, clock, log, idleMs, onEnding, onProlonged }: IdleWatchOptions): IdleWatch {
  const warnMs = Math.min(WARN_MS, idleMs / 2);
  let session: string | undefined;
  let endsAt: UnixSeconds = 0;
  let usedAtMs = -Infinity;
  let isWarned = false;
  let isClosed = false;
  let stop = () => {};

  /** Until it is time to warn; once warned, until the end. */
  function wait(): void {
    stop();
    const leftMs = endsAt * 1000 - clock.nowMs();
    stop = clock.after(Math.max(0, isWarned ? leftMs : leftMs - warnMs), () => {
      look().catch((error: unknown) => log.error({ err: error }, 'a session could not be looked at'));
    });
  }

  async function look(): Promise<void> {
    const now = session === undefined ? undefined : await store.session(session, clock.nowSeconds());
    if (now === undefined || isClosed || take(now) || isWarned) return;
    // A session whose twelve hours are over can't be prolonged.
    if (now.expiresAt >= (now.lastsUntil ?? 0)) return;
    isWarned = true;
    onEnding(endsAt * 1000 - clock.nowMs());
    wait();
  }

  /** Whether the session lasts longer than we knew. */
  function take(now: StoredSession): boolean {
    if (isClosed || now.expiresAt <= endsAt) return false;
    endsAt = now.expiresAt;
    onProlonged(endsAt);
    if (isWarned) onEnding(null);
    isWarned = false;
    wait();
    return true;
  }

  return {
    begin(id, ends) {
      session = id;
      endsAt = ends;
      wait();
    },
    async used() {
      if (session === undefined || (!isWarned && clock.nowMs() - usedAtMs < usedEveryMs(idleMs))) return;
      usedAtMs = clock.nowMs();
      try {
        const now = await auth.use(session);
        if (now !== undefined) take(now);
      } catch (error) {
        // The frame is handled all the same; the next sign of use tries again.
        log.error({ err: error }, 'a session could not be prolonged');
        usedAtMs = -Infinity;
      }
    },
    close() {
      isClosed = true;
      stop();
    },
  };
}
