/**
 * Time, given to every part that needs it, so that a test can set it. Dates that clients see are whole seconds; waits of the server
 * are milliseconds. Time says nothing about order: `seq` alone does.
 */
import type { UnixSeconds } from '../../shared/chat.ts';

export interface Clock {
  nowMs(): number;
  nowSeconds(): UnixSeconds;
  /** Milliseconds that nobody can set: they only say how much time has passed. A clock of a test has none. */
  steadyMs?(): number;
  /** Calls `fn` once, `ms` from now. Returns a function that prevents it. */
  after(ms: number, fn: () => void): () => void;
}

/** `setTimeout` fires at once when it is given more than this (2^31 − 1 ms, some 24 days). */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/** A clock that is set by more than this has most likely been set wrong; by less, no period is off by much. */
export const JUMP_MS = 48 * 3_600_000;
/** A wrong clock is put right within this time. */
const HOLD_MS = 300_000;

/**
 * The machine's time, except for jumps of days. A jump is believed once the machine has kept it for five minutes; until then
 * time goes on as before. A machine that slept for days wakes up to five such minutes.
 */
export function createSteadyTime(wall: () => number, steady: () => number): () => number {
  let offsetMs = wall() - steady();
  let doubted: { offsetMs: number; sinceMs: number } | undefined;
  return () => {
    const nowMs = steady();
    const offered = wall() - nowMs;
    if (Math.abs(offered - offsetMs) <= JUMP_MS) doubted = undefined;
    else if (doubted === undefined || Math.abs(offered - doubted.offsetMs) > JUMP_MS) doubted = { offsetMs: offered, sinceMs: nowMs };
    if (doubted === undefined || nowMs - doubted.sinceMs >= HOLD_MS) {
      offsetMs = offered;
      doubted = undefined;
    }
    return Math.round(nowMs + offsetMs);
  };
}

const steadyMs = () => performance.now();
const systemMs = createSteadyTime(() => Date.now(), steadyMs);

export const systemClock: Clock = {
  nowMs: systemMs,
  nowSeconds: () => Math.floor(systemMs() / 1000),
  steadyMs,
  after(ms, fn) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      const step = Math.min(Math.max(left, 0), LONGEST_TIMEOUT_MS);
      timer = setTimeout(() => (left > step ? wait(left - step) : fn()), step);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};
