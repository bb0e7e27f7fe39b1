/**
 * What an operator has prepared and not sent, by visitor: a text, and files to go with it. Both live with the page. Sending
 * them is the commands' work.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { VisitorId } from '../../shared/chat.ts';
import { createAttachments, type Attachments } from './attachments.ts';

export interface Replies {
  readonly texts: ReadonlySignal<ReadonlyMap<VisitorId, string>>;
  readonly attachments: Attachments;
  /** The text for this visitor; empty if there is none. */
  text(visitor: VisitorId): string;
  /** Whether there is a text or a file for this visitor. */
  has(visitor: VisitorId): boolean;
  write(visitor: VisitorId, text: string): void;
  rename(from: VisitorId, to: VisitorId): void;
}

export function createReplies(): Replies {
  const texts = signal<ReadonlyMap<VisitorId, string>>(new Map());
  const attachments = createAttachments();

  const text = (visitor: VisitorId): string => texts.peek().get(visitor) ?? '';

  function write(visitor: VisitorId, next: string): void {
    const all = new Map(texts.peek());
    if (next === '') all.delete(visitor);
    else all.set(visitor, next);
    texts.value = all;
  }

  return {
    texts,
    attachments,
    text,
    has: (visitor) => texts.peek().has(visitor) || attachments.has(visitor),
    write,
    rename(from, to) {
      const moved = text(from);
      write(from, '');
      if (moved !== '') write(to, moved);
      attachments.rename(from, to);
    },
  };
}
