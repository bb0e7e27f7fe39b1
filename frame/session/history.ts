/**
 * History: the stored messages that are loaded, of all the visitor's chats, oldest first and without holes, and what happened
 * between them. Grows at the end by live events and at the front by pages. Holds no signal and tells nobody; the session does.
 */
import type { ChatId, FileInfo, Message, MessageAdded, Moment, Uid } from '../../shared/chat.ts';
import type { HistoryCursor, HistoryPage } from '../../shared/wire/protocol.ts';
import { toMessage } from '../../shared/timeline.ts';

export interface Entry {
  chat: ChatId;
  seq: number;
  message: Message;
  file: FileInfo | null;
  /** Counts as unread until it is read. */
  isCounted: boolean;
}

export interface History {
  readonly entries: readonly Entry[];
  /** The messages of `entries`; the same array until something changes. */
  readonly messages: readonly Message[];
  readonly moments: readonly Moment[];
  readonly hasOlder: boolean;
  has(uid: Uid): boolean;
  find(uid: Uid): Entry | undefined;
  /** Adds a live message; `isSeen` ones never count as unread. */
  add(event: MessageAdded, isSeen: boolean): Entry;
  /** Adds what has just happened. */
  note(moment: Moment): void;
  /** Puts an older page in front. Returns what was new of it. */
  prepend(page: HistoryPage): Message[];
  replace(page: HistoryPage): void;
  /** Where the next older page ends. */
  cursor(): HistoryCursor | null;
  /** Operator messages beyond the marker of their chat; a chat without a marker counts as read. */
  countUnread(readUpTo: (chat: ChatId) => number | undefined): number;
}

export function createHistory(): History {
  let entries: readonly Entry[] = [];
  let messages: readonly Message[] = [];
  let moments: readonly Moment[] = [];
  let hasOlder = false;

  function set(next: readonly Entry[]): void {
    entries = next;
    messages = next.map((entry) => entry.message);
  }

  return {
    get entries() {
      return entries;
    },
    get messages() {
      return messages;
    },
    get moments() {
      return moments;
    },
    get hasOlder() {
      return hasOlder;
    },
    has: (uid) => entries.some((entry) => entry.message.uid === uid),
    find: (uid) => entries.find((entry) => entry.message.uid === uid),
    add(event, isSeen) {
      const entry = toEntry(event, isSeen);
      set([...entries, entry]);
      return entry;
    },
    note: (moment) => void (moments = [...moments, moment]),
    prepend(page) {
      const known = new Set(entries.map((entry) => entry.message.message_id));
      const fresh = page.items.filter((event) => !known.has(event.message_id)).map((event) => toEntry(event, false));
      moments = [...(page.moments ?? []), ...moments];
      hasOlder = page.hasOlder;
      if (fresh.length > 0) set([...fresh, ...entries]);
      return fresh.map((entry) => entry.message);
    },
    replace(page) {
      moments = page.moments ?? [];
      hasOlder = page.hasOlder;
      set(page.items.map((event) => toEntry(event, false)));
    },
    cursor() {
      const oldest = entries[0];
      return oldest === undefined ? null : { chat: oldest.chat, seq: oldest.seq };
    },
    countUnread: (readUpTo) => entries.filter((entry) => entry.isCounted && entry.seq > (readUpTo(entry.chat) ?? Infinity)).length,
  };
}

function toEntry(event: MessageAdded, isSeen: boolean): Entry {
  return {
    chat: event.chat,
    seq: event.seq,
    message: toMessage(event),
    file: event.file,
    isCounted: event.author.kind === 'operator' && !isSeen,
  };
}
