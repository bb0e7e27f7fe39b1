/**
 * The visitor's chats as folded so far, and which of them counts: the open one, else the last. Also knows which chats a
 * close of this page hides: "On site" is where a start ends that was overtaken by a close, whatever arrives in between.
 */
import type { ChatEvent, ChatId, ChatSummary, Uid } from '../../shared/chat.ts';
import { applyEvent, emptyChat } from '../../shared/timeline.ts';

export interface Chats {
  readonly current: ChatSummary | null;
  get(id: ChatId): ChatSummary | undefined;
  all(): readonly ChatSummary[];
  /** Notes which of the visitor's chats this is. */
  count(id: ChatId, number: number): void;
  apply(event: ChatEvent): void;
  /** Only this one from now on. */
  replace(chat: ChatSummary | null): void;
  /** Moves both read markers up; never down. */
  read(id: ChatId, byVisitor: number, byOperator?: number): void;
  /** The closes that are on their way when a chat begins, or that are applied here first, hide it until they are settled. */
  hide(id: ChatId, closes: Iterable<Uid>): void;
  isHidden(id: ChatId, isOnItsWay: (close: Uid) => boolean): boolean;
}

export function createChats(): Chats {
  const chats = new Map<ChatId, ChatSummary>();
  const numbers = new Map<ChatId, number>();
  const hiddenBy = new Map<ChatId, Set<Uid>>();
  let current: ChatSummary | null = null;

  function put(chat: ChatSummary): void {
    chats.set(chat.id, chat);
    current = [...chats.values()].reduce((best, other) => (isAhead(other, best) ? other : best), chat);
  }

  return {
    get current() {
      return current;
    },
    get: (id) => chats.get(id),
    all: () => [...chats.values()],
    count: (id, number) => void numbers.set(id, number),
    apply(event) {
      put(applyEvent(chats.get(event.chat) ?? emptyChat(event.chat, numbers.get(event.chat) ?? 1), event));
    },
    replace(chat) {
      chats.clear();
      current = null;
      if (chat !== null) put(chat);
    },
    read(id, byVisitor, byOperator = 0) {
      const chat = chats.get(id);
      if (chat === undefined) return;
      const { readByVisitor, readByOperator, lastSeq } = chat;
      const upTo = (marker: number, seq: number) => Math.max(marker, Math.min(seq, lastSeq));
      put({ ...chat, readByVisitor: upTo(readByVisitor, byVisitor), readByOperator: upTo(readByOperator, byOperator) });
    },
    hide(id, closes) {
      hiddenBy.set(id, new Set([...(hiddenBy.get(id) ?? []), ...closes]));
    },
    isHidden: (id, isOnItsWay) => [...(hiddenBy.get(id) ?? [])].some(isOnItsWay),
  };
}

/** An open chat comes before closed ones, a later one before earlier ones. */
function isAhead(chat: ChatSummary, other: ChatSummary): boolean {
  return chat.isOpen === other.isOpen ? chat.number > other.number : chat.isOpen;
}
