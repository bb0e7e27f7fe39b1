/**
 * Changes: the one way in which the session's facts may change. A change runs its work on the facts, shows the result in the
 * signals, and then tells the page's events in the promised order: a query in a handler always confirms the event.
 */
import type { Message } from '../../shared/chat.ts';
import type { PageEvent } from '../../shared/page/bridge.ts';
import type { SessionChange } from './contract.ts';
import { eventsBetween, type PublicState } from './public-state.ts';

/** What a change has to tell beside the difference that everybody can see. */
export interface Changeset {
  /** Told before the difference. */
  before: PageEvent[];
  /** Told after the difference. */
  after: PageEvent[];
  added: Message[];
  older?: { messages: Message[]; hasOlder: boolean };
  isReplaced?: boolean;
  /** The difference is not told: the page begins with it. */
  isQuiet?: boolean;
  hasJoined?: boolean;
}

export interface Changes {
  /** What everybody could see before the present change. */
  readonly state: PublicState;
  /** Runs `work` on the facts, then shows and tells what it changed. A change within a change is part of it. */
  change(work: (set: Changeset) => unknown): void;
  subscribe(listener: (change: SessionChange) => void): () => void;
  close(): void;
}

/**
 * @param look the public state of the facts as they are
 * @param finish ends what a change made possible, before anybody sees it
 * @param show puts the facts into the signals
 */
export function createChanges(
  look: () => PublicState,
  isRatingEnabled: () => boolean,
  finish: (set: Changeset) => void,
  show: (isNewState: boolean) => void,
): Changes {
  let state = look();
  let current: Changeset | undefined;
  let isTelling = false;
  let isClosed = false;
  const listeners = new Set<(change: SessionChange) => void>();
  const untold: SessionChange[] = [];

  /** Tells every listener each change in order, also those that a listener causes. */
  function tell(change: SessionChange): void {
    untold.push(change);
    if (isTelling) return;
    isTelling = true;
    try {
      for (let next = untold.shift(); next !== undefined; next = untold.shift()) {
        for (const listener of [...listeners]) listener(next);
      }
    } finally {
      isTelling = false;
    }
  }

  return {
    get state() {
      return state;
    },
    change(work) {
      if (isClosed) return;
      if (current !== undefined) {
        work(current);
        return;
      }
      const set: Changeset = { before: [], after: [], added: [] };
      const old = state;
      current = set;
      try {
        work(set);
        finish(set);
      } finally {
        current = undefined;
      }
      state = look();
      const seen = eventsBetween(old, state, set.hasJoined === true, isRatingEnabled());
      show(state.state !== old.state);
      tell({
        ...(set.added.length > 0 && { added: set.added }),
        ...(set.older && { older: set.older }),
        ...(set.isReplaced && { isReplaced: true }),
        events: [...set.before, ...(set.isQuiet ? [] : seen), ...set.after],
      });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      isClosed = true;
      listeners.clear();
    },
  };
}
