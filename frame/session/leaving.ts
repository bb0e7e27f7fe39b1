/**
 * Folds a close as one change, although the operator's leaving comes as an event of its own before it.
 */
import type { ChatEvent } from '../../shared/chat.ts';
import type { Changes, Changeset } from './changes.ts';
import type { Later } from './timers.ts';

export interface Leaving {
  take(event: ChatEvent): void;
  /** Drops the event that waits: a fresh summary contains it. */
  forget(): void;
}

/** `operator.left` waits so long for the close that may follow it. */
const WAITS_MS = 100;

export function createLeaving(later: Later, { change }: Changes, fold: (event: ChatEvent, set: Changeset) => void): Leaving {
  let waiting: { event: ChatEvent; stop: () => void } | undefined;

  function forget(): void {
    waiting?.stop();
    waiting = undefined;
  }

  return {
    forget,
    take(event) {
      const left = waiting?.event;
      forget();
      const isClose = left !== undefined && event.kind === 'chat.closed' && event.chat === left.chat;
      if (left !== undefined && !isClose) change((set) => fold(left, set));
      if (event.kind === 'operator.left') {
        const stop = later(WAITS_MS, () => {
          waiting = undefined;
          change((set) => fold(event, set));
        });
        waiting = { event, stop };
        return;
      }
      change((set) => {
        if (isClose) fold(left, set);
        fold(event, set);
      });
    },
  };
}
