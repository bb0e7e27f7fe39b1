/**
 * What visitors are typing at this moment, for the operators who watch them. In memory for ten seconds after the last key,
 * never stored, never logged. Long runs of digits and account numbers are hidden: people begin to type them into the wrong
 * window, and have not decided yet to send them.
 */
import type { VisitorId } from '../shared/chat.ts';
import type { Clock } from './clock.ts';

export interface Drafts {
  /** The latest wins; told at most so often, the last one always. */
  set(visitor: VisitorId, text: string): void;
  /** The draft was sent, or left. */
  clear(visitor: VisitorId): void;
  get(visitor: VisitorId): string;
  close(): void;
}

export interface DraftsOptions {
  clock: Clock;
  perSecond: number;
  onDraft: (visitor: VisitorId, text: string) => void;
}

interface Draft {
  text: string;
  toldAtMs: number;
  told: string;
  stopTelling: (() => void) | undefined;
  stopExpiry: () => void;
}

const LIFE_MS = 10_000;

export function createDrafts({ clock, perSecond, onDraft }: DraftsOptions): Drafts {
  const drafts = new Map<VisitorId, Draft>();
  const betweenMs = 1000 / perSecond;

  const tell = (visitor: VisitorId, draft: Draft) => {
    draft.stopTelling = undefined;
    if (draft.told === draft.text) return;
    draft.told = draft.text;
    draft.toldAtMs = clock.nowMs();
    onDraft(visitor, draft.text);
  };

  const clear = (visitor: VisitorId) => {
    const draft = drafts.get(visitor);
    if (draft === undefined) return;
    draft.stopTelling?.();
    draft.stopExpiry();
    drafts.delete(visitor);
    if (draft.told !== '') onDraft(visitor, '');
  };

  return {
    set(visitor, text) {
      const before = drafts.get(visitor);
      if (text === '') return clear(visitor);
      before?.stopExpiry();
      const draft: Draft = {
        text: maskNumbers(text),
        toldAtMs: before?.toldAtMs ?? 0,
        told: before?.told ?? '',
        stopTelling: before?.stopTelling,
        stopExpiry: clock.after(LIFE_MS, () => clear(visitor)),
      };
      drafts.set(visitor, draft);
      draft.stopTelling?.();
      const waitMs = draft.toldAtMs + betweenMs - clock.nowMs();
      if (waitMs <= 0) return tell(visitor, draft);
      draft.stopTelling = clock.after(waitMs, () => tell(visitor, draft));
    },
    clear,
    get: (visitor) => drafts.get(visitor)?.text ?? '',
    close() {
      for (const draft of drafts.values()) {
        draft.stopTelling?.();
        draft.stopExpiry();
      }
      drafts.clear();
    },
  };
}

/** 12 digits or more, with single separators: a card number, or most of one while it is being typed. */
const CARD = /\+?\d(?:[ .-]?\d){11,}/g;
/** With a plus in front and at most 15 digits it is a telephone number. */
const isPhone = (found: string) => found.startsWith('+') && found.replace(/\D/g, '').length <= 15;
/** Two letters, two digits, and at least eight more characters in groups, as account numbers are written. */
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/gi;

/** @example maskNumbers('my card 4111 1111 1111 1111'); // 'my card •••• •••• •••• ••••' */
export function maskNumbers(text: string): string {
  return text
    .replace(IBAN, (found) => (/\d{6}/.test(found.replace(/ /g, '')) ? found.replace(/[A-Z0-9]/gi, '•') : found))
    .replace(CARD, (found) => (isPhone(found) ? found : found.replace(/\d/g, '•')));
}
