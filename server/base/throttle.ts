/**
 * A throttle passes on the first value at once, later ones at most once in `everyMs`, and always the last value. It also passes
 * on equal values; the caller decides whether two values are the same.
 */
import type { Clock } from './clock.ts';

/** Takes values and tells the latest. */
export interface Throttle<T> {
  set(value: T): void;
  /** Forgets a value that was not told yet. */
  drop(): void;
}

export function createThrottle<T>({ clock, everyMs, tell }: { clock: Clock; everyMs: number; tell: (value: T) => void }): Throttle<T> {
  let toldAtMs = -Infinity;
  let waiting: { value: T } | undefined;
  let stop = () => {};

  const tellNow = (value: T) => {
    waiting = undefined;
    toldAtMs = clock.nowMs();
    tell(value);
  };

  return {
    set(value) {
      const isTimed = waiting !== undefined;
      waiting = { value };
      // A clock that was set back must not make us wait for longer than `everyMs`.
      const waitMs = Math.min(toldAtMs + everyMs - clock.nowMs(), everyMs);
      if (waitMs <= 0) {
        stop();
        return tellNow(value);
      }
      if (!isTimed) stop = clock.after(waitMs, () => waiting !== undefined && tellNow(waiting.value));
    },
    drop() {
      stop();
      waiting = undefined;
    },
  };
}
