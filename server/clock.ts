/**
 * Time, handed to whoever needs it, so that a test can turn the hands itself. Dates that clients see are whole seconds;
 * what the server waits for is milliseconds. Says nothing about order: that is `seq` alone.
 */
import type { UnixSeconds } from '../shared/chat.ts';

export interface Clock {
  nowMs(): number;
  nowSeconds(): UnixSeconds;
  /** Calls `fn` once, `ms` from now. Returns what prevents it. */
  after(ms: number, fn: () => void): () => void;
}

/** `setTimeout` fires at once when it is given more than this (2^31 − 1 ms, some 24 days). */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  nowSeconds: () => Math.floor(Date.now() / 1000),
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
