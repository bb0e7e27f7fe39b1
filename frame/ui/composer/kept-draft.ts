/**
 * The draft, kept by the tab: a reload, the next page or a crash must not cost a half-written thought. Only once the visitor
 * has acted, since who has not leaves nothing behind; and who is forgotten takes it along. It is never sent from here.
 */
import { type Signal, effect } from '@preact/signals';
import type { Session } from '../../session/session.ts';

const KEY = `callgear-draft${location.search}`;

/** Puts back what was kept, unless something was written meanwhile, and keeps it from now on. Returns what ends it. */
export function keepDraft(session: Session, draft: Signal<string>, onForgotten: () => void): () => void {
  if (draft.peek() === '') draft.value = read();
  let wasKnown = false;
  return effect(() => {
    const isKnown = session.visitorId.value !== null;
    if (wasKnown && !isKnown) {
      draft.value = '';
      onForgotten();
    }
    if (wasKnown || isKnown) write(draft.value);
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
