/**
 * Everybody the inbox knows, by id and by open chat. It owns the entries, and keeps the two indexes and the end of each
 * invitation true. It decides nothing and tells nobody.
 */
import type { ChatSummary, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { StandingInvite } from '../store/visitors.ts';
import { newEntry, type Entry, type Person } from './person.ts';

/** The entries of the inbox. */
export interface People {
  get(id: VisitorId): Entry | undefined;
  ofChat(chat: string): Entry | undefined;
  all(): Entry[];
  /** Everybody with an open chat. */
  talking(): Entry[];
  add(person: Person, at: UnixSeconds): Entry;
  remove(entry: Entry): void;
  /** Takes over a chat; one that has ended counts as none. */
  setChat(entry: Entry, chat: ChatSummary | null): void;
  /** Takes over an invitation until it expires. */
  setInvite(entry: Entry, invite: StandingInvite | null): void;
  close(): void;
}

export interface PeopleOptions {
  clock: Clock;
  /** The person's invitation has expired. */
  onExpired: (entry: Entry) => void;
}

export function createPeople({ clock, onExpired }: PeopleOptions): People {
  const entries = new Map<VisitorId, Entry>();
  const entryByChat = new Map<string, Entry>();
  /** What calls off the end of an invitation. */
  const expiries = new Map<Entry, () => void>();

  function stopExpiry(entry: Entry): void {
    expiries.get(entry)?.();
    expiries.delete(entry);
  }

  function setChat(entry: Entry, chat: ChatSummary | null): void {
    if (entry.chat !== null) entryByChat.delete(entry.chat.id);
    entry.chat = chat?.isOpen === true ? chat : null;
    if (entry.chat !== null) entryByChat.set(entry.chat.id, entry);
  }

  function setInvite(entry: Entry, invite: StandingInvite | null): void {
    stopExpiry(entry);
    const leftMs = invite === null ? 0 : invite.expires * 1000 - clock.nowMs();
    entry.invite = leftMs > 0 ? invite : null;
    if (entry.invite === null) return;
    const stop = clock.after(leftMs, () => {
      expiries.delete(entry);
      entry.invite = null;
      onExpired(entry);
    });
    expiries.set(entry, stop);
  }

  return {
    get: (id) => entries.get(id),
    ofChat: (chat) => entryByChat.get(chat),
    all: () => [...entries.values()],
    talking: () => [...entryByChat.values()],
    add(person, at) {
      const entry = newEntry(person, at);
      entries.set(person.id, entry);
      setChat(entry, person.chat);
      setInvite(entry, person.invite);
      return entry;
    },
    remove(entry) {
      entry.stopGrace?.();
      stopExpiry(entry);
      entries.delete(entry.id);
      if (entry.chat !== null) entryByChat.delete(entry.chat.id);
    },
    setChat,
    setInvite,
    close() {
      for (const entry of entries.values()) {
        entry.stopGrace?.();
        stopExpiry(entry);
      }
      entries.clear();
    },
  };
}
