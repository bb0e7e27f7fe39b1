/**
 * Whether the clock is good enough to purge by: purging cannot be undone, and a clock a year ahead makes all data look too old.
 * We trust it when it has run evenly for an hour, and at once at the start if the newest stored data is recent. So a server that
 * was off for a year still purges, an hour after its start.
 */
import { JUMP_MS, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

export interface ClockTrust {
  /** The time to purge by, in seconds; `undefined`: not now. */
  now(): number | undefined;
}

export const EVEN_FOR_MS = 3_600_000;

/** @param newestSeconds time of the newest stored record; `undefined` if nothing is stored */
export function createClockTrust({ clock, log, newestSeconds }: { clock: Clock; log: Log; newestSeconds: number | undefined }): ClockTrust {
  const steadyMs = () => clock.steadyMs?.() ?? clock.nowMs();
  let offsetMs = clock.nowMs() - steadyMs();
  /** Since when it has gone evenly; `undefined`: nothing speaks against it. */
  let evenSinceMs: number | undefined;

  const doubt = (what: string) => {
    evenSinceMs = steadyMs();
    log.warn({ clock: new Date(clock.nowMs()).toISOString() }, `${what}: nothing is removed until the clock has gone evenly for an hour`);
  };
  if (newestSeconds !== undefined && clock.nowMs() - newestSeconds * 1000 > JUMP_MS)
    doubt('the clock is days beyond the newest that is stored');

  return {
    now() {
      const nowMs = clock.nowMs();
      const offered = nowMs - steadyMs();
      if (Math.abs(offered - offsetMs) > JUMP_MS) doubt('the clock has jumped by days');
      offsetMs = offered;
      if (evenSinceMs !== undefined && steadyMs() - evenSinceMs < EVEN_FOR_MS) return undefined;
      evenSinceMs = undefined;
      return Math.floor(nowMs / 1000);
    },
  };
}
