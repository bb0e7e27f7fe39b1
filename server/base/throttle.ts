/**
 * Of what comes too fast only the latest counts: told at once, then at most once in `everyMs`, and the last one always.
 * What was told before is not told again by itself; whether two are the same is for whoever sets them.
 */
import type { Clock } from './clock.ts';

export interface Latest<T> {
  set(value: T): void;
  /** What has not been told yet never is. */
  drop(): void;
}

export function createLatest<T>({ clock, everyMs, tell }: { clock: Clock; everyMs: number; tell: (value: T) => void }): Latest<T> {
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
      // A clock that was set back must not make us wait longer than ever.
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
