/**
 * The operator who is typing. The server sends a sign now and then; this decides when it is news and when it is over.
 */
import type { Clock } from '../../shared/client/platform.ts';
import type { Changes } from './changes.ts';
import type { Later } from './timers.ts';

export interface Typing {
  readonly name: string | null;
  take(name: string): void;
  end(): void;
}

/** An operator who has shown no sign of typing for so long has stopped. */
const LASTS_MS = 5_000;
/** The page hears so often of one who goes on. */
const TELL_EVERY_MS = 3_000;

export function createTyping(clock: Clock, later: Later, changes: Changes): Typing {
  let name: string | null = null;
  let toldAt = -Infinity;
  let stop: (() => void) | undefined;

  function end(): void {
    stop?.();
    stop = undefined;
    name = null;
    toldAt = -Infinity;
  }

  return {
    get name() {
      return name;
    },
    take(next) {
      if (changes.state.state !== 'chat') return;
      stop?.();
      stop = later(LASTS_MS, () => changes.change(end));
      changes.change((set) => {
        const isNews = next !== name || clock.elapsed() - toldAt >= TELL_EVERY_MS;
        name = next;
        if (!isNews) return;
        toldAt = clock.elapsed();
        set.after.push({ name: 'chattyping', operator: next });
      });
    },
    end,
  };
}
