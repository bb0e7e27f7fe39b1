/**
 * The server's time. A visitor's own clock may be wrong, and may be set meanwhile, so dates follow the server's.
 */
import type { UnixSeconds } from '../../shared/chat.ts';
import type { Clock } from '../../shared/client/platform.ts';

export interface ServerTime {
  /** The server has said what time it is. Before that, the visitor's clock counts. */
  readonly isKnown: boolean;
  now(): UnixSeconds;
  /** The server says that it is this time now, in milliseconds. */
  set(ms: number): void;
}

export function createServerTime(clock: Clock): ServerTime {
  /** The server's time when our own clock had elapsed nothing. */
  let start: number | undefined;
  return {
    get isKnown() {
      return start !== undefined;
    },
    now: () => (start === undefined ? clock.now() : start + clock.elapsed()) / 1000,
    set: (ms) => void (start = ms - clock.elapsed()),
  };
}
