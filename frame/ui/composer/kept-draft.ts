/**
 * Keeps the draft in the tab's storage, so that a reload, the next page or a crash does not lose it. It stores nothing before the
 * visitor has acted, and removes the draft when the visitor is forgotten. It never sends the draft.
 */
import { type Signal, effect } from '@preact/signals';
import type { Session } from '../../session/contract.ts';
import { forgetRecent } from '../emoji/recent.ts';

const KEY = `callgear-draft${location.search}`;

/** Restores the draft, unless the visitor has written meanwhile, and keeps it from now on. Returns a function that ends this. */
export function keepDraft(session: Session, draft: Signal<string>, onForgotten: () => void): () => void {
  if (draft.peek() === '') draft.value = read();
  let wasKnown = false;
  return effect(() => {
    const isKnown = session.visitorId.value !== null;
    if (wasKnown && !isKnown) {
      draft.value = '';
      forgetRecent();
      onForgotten();
    }
    // Who has sent something has acted, though the server has not said yet who that is.
    if (wasKnown || isKnown || session.pending.value.length > 0) write(draft.value);
    wasKnown = isKnown;
  });
}

// A browser may refuse storage by throwing; then the draft lives as long as the page.

function read(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function write(text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, text);
  } catch {
    // As above.
  }
}
