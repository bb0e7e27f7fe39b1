/**
 * What the visitor has read: counts unread messages, moves the read markers, and reports them to the server.
 */
import type { ChatId } from '../../shared/chat.ts';
import type { CatchUp } from './catch-up.ts';
import type { Changes, Changeset } from './changes.ts';
import type { Chats } from './chats.ts';
import type { History } from './history.ts';

export interface Reading {
  unread(): number;
  /** The visitor has read the chat up to this seq, here or on another page; and an operator, up to another. */
  mark(chat: ChatId, seq: number, set: Changeset, byOperator?: number): void;
  /** The visitor has seen everything up to now. */
  markAll(): void;
}

/** @param tell has the server told how far the visitor has read */
export function createReading(
  chats: Chats,
  history: History,
  { change }: Changes,
  { cursorAt }: CatchUp,
  tell: (chat: ChatId, seq: number) => void,
): Reading {
  const unread = (): number => history.countUnread((chat) => chats.get(chat)?.readByVisitor);

  function mark(chat: ChatId, seq: number, set: Changeset, byOperator?: number): void {
    const before = unread();
    chats.read(chat, seq, byOperator);
    if (unread() < before) set.after.push({ name: 'messageviewed' });
  }

  return {
    unread,
    mark,
    markAll() {
      change((set) => {
        for (const { id, readByVisitor } of chats.all()) {
          if (!history.entries.some((entry) => entry.chat === id && entry.isCounted && entry.seq > readByVisitor)) continue;
          const seq = cursorAt(id);
          mark(id, seq, set);
          tell(id, seq);
        }
      });
    },
  };
}
