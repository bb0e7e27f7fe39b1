/**
 * What visitors are typing now, for the operators who watch them. A draft stays in memory for ten seconds after the last key, and is
 * never stored or logged. The frame hides long numbers, and this file hides them once more.
 */
import type { VisitorId } from '../../shared/chat.ts';
import { maskNumbers } from '../../shared/mask.ts';
import type { Clock } from '../base/clock.ts';

/** The drafts of all visitors. */
export interface Drafts {
  /** Sets a draft. It passes drafts on at most `perSecond` times a second, and always the last one. */
  set(visitor: VisitorId, text: string): void;
  /** The draft was sent, or its visitor has left. */
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
