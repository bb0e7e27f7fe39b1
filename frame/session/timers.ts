/**
 * The session's timers: none of them outlives it.
 */
import type { Clock } from '../../shared/client/platform.ts';

/** Calls back once after `ms`, unless the session is closed before. Returns the function that prevents it. */
export type Later = (ms: number, callback: () => void) => () => void;

export function createTimers(clock: Clock): { later: Later; close(): void } {
  const stops = new Set<() => void>();
  return {
    later(ms, callback) {
      const stop = (): void => {
        stops.delete(stop);
        cancel();
      };
      const cancel = clock.after(ms, () => {
        stops.delete(stop);
        callback();
      });
      stops.add(stop);
      return stop;
    },
    close: () => [...stops].forEach((stop) => stop()),
  };
}
