/**
 * Files that were pasted or dropped and wait, with the unsent text of the same visitor, for *Send*. They live with the page; knows
 * nothing of how they travel.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { Uid, VisitorId } from '../../shared/chat.ts';
import type { FileLike } from './session.ts';

export interface HeldFile {
  uid: Uid;
  file: FileLike;
}

export interface Held {
  readonly byVisitor: ReadonlySignal<ReadonlyMap<VisitorId, readonly HeldFile[]>>;
  has(visitor: VisitorId): boolean;
  add(visitor: VisitorId, files: readonly HeldFile[]): void;
  discard(visitor: VisitorId, uid: Uid): void;
  /** Hands them over; nothing waits any more. */
  take(visitor: VisitorId): readonly HeldFile[];
  rename(from: VisitorId, to: VisitorId): void;
}

export function createHeld(): Held {
  const byVisitor = signal<ReadonlyMap<VisitorId, readonly HeldFile[]>>(new Map());
  const of = (visitor: VisitorId): readonly HeldFile[] => byVisitor.peek().get(visitor) ?? [];

  function set(visitor: VisitorId, files: readonly HeldFile[]): void {
    const next = new Map(byVisitor.peek());
    if (files.length === 0) next.delete(visitor);
    else next.set(visitor, files);
    byVisitor.value = next;
  }

  function take(visitor: VisitorId): readonly HeldFile[] {
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
        of(visitor).filter((held) => held.uid !== uid),
      ),
    take,
    rename: (from, to) => set(to, [...of(to), ...take(from)]),
  };
}
