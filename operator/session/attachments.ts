/**
 * Files that were pasted or dropped and wait, with the unsent text of the same visitor, for *Send*. They live with the page.
 * How they reach the server is not decided here.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { Uid, VisitorId } from '../../shared/chat.ts';
import type { FileLike } from './outgoing.ts';

export interface Attachment {
  uid: Uid;
  file: FileLike;
}

export interface Attachments {
  readonly byVisitor: ReadonlySignal<ReadonlyMap<VisitorId, readonly Attachment[]>>;
  has(visitor: VisitorId): boolean;
  add(visitor: VisitorId, files: readonly Attachment[]): void;
  discard(visitor: VisitorId, uid: Uid): void;
  /** Returns the files and forgets them. */
  take(visitor: VisitorId): readonly Attachment[];
  rename(from: VisitorId, to: VisitorId): void;
}

export function createAttachments(): Attachments {
  const byVisitor = signal<ReadonlyMap<VisitorId, readonly Attachment[]>>(new Map());
  const of = (visitor: VisitorId): readonly Attachment[] => byVisitor.peek().get(visitor) ?? [];

  function set(visitor: VisitorId, files: readonly Attachment[]): void {
    const next = new Map(byVisitor.peek());
    if (files.length === 0) next.delete(visitor);
    else next.set(visitor, files);
    byVisitor.value = next;
  }

  function take(visitor: VisitorId): readonly Attachment[] {
    const files = of(visitor);
    set(visitor, []);
    return files;
  }

  return {
    byVisitor,
    has: (visitor) => of(visitor).length > 0,
    add: (visitor, files) => set(visitor, [...of(visitor), ...files]),
    discard: (visitor, uid) =>
      set(
        visitor,
        of(visitor).filter((attachment) => attachment.uid !== uid),
      ),
    take,
    rename: (from, to) => set(to, [...of(to), ...take(from)]),
  };
}
