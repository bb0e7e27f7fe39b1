/**
 * The pages that are connected, and so who has come and who has left.
 *
 * A page that vanished counts as present for a moment, so that a reload is no coming and going. An anonymous page that said
 * goodbye is gone at once: its document has ended.
 */
import type { PageInfo, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { Language } from '../../shared/languages/languages.ts';
import type { Properties } from '../../shared/properties.ts';
import type { Clock } from '../base/clock.ts';
import type { People } from './people.ts';
import { isThere, isToldOf, type Entry, type OpenPage, type Person } from './person.ts';

/** The open pages of everybody. */
export interface Pages {
  pageOpened(person: Person, page: OpenPage): void;
  pageMoved(conn: string, page: PageInfo, isInvitable: boolean): void;
  /** The page speaks another language now. */
  pageSpeaks(conn: string, language: Language): void;
  /** What the person's newest page speaks. */
  languageOf(id: VisitorId): Language | undefined;
  /** What a page tells operators of its visitor. Until the visitor has acted, it is kept here alone. */
  propertiesChanged(conn: string, properties: Properties): void;
  /** @param isGoodbye the page closed its connection; it did not just fall silent */
  pageClosed(conn: string, isGoodbye: boolean): void;
  /** Forgets the pages of somebody who is taken out of the inbox. */
  forget(entry: Entry): void;
}

export interface PagesOptions {
  people: People;
  clock: Clock;
  /** For this long a page that vanished counts as present. */
  graceMs: number;
  /** Something of this entry is different. */
  onChange: (entry: Entry, at: UnixSeconds) => void;
  onProperties: (entry: Entry) => void;
  /** A visit has begun. */
  onArrived: (entry: Entry) => void;
  /** A visit has ended. */
  onLeft: (entry: Entry) => void;
}

export function createPages({ people, clock, graceMs, onChange, onProperties, onArrived, onLeft }: PagesOptions): Pages {
  const entryByConn = new Map<string, Entry>();

  function endGrace(entry: Entry): void {
    entry.stopGrace?.();
    entry.stopGrace = undefined;
  }

  function leave(entry: Entry): void {
    endGrace(entry);
    entry.leftAt = entry.closedAt;
    onLeft(entry);
    onChange(entry, clock.nowSeconds());
  }

  function pageClosed(conn: string, isGoodbye: boolean): void {
    const entry = entryByConn.get(conn);
    const page = entry?.pages.get(conn);
    if (entry === undefined || page === undefined) return;
    entryByConn.delete(conn);
    entry.pages.delete(conn);
    entry.lastPage = page.page;
    entry.wasInvitable = page.isInvitable;
    entry.closedAt = clock.nowSeconds();
    if (entry.pages.size > 0) return onChange(entry, clock.nowSeconds());
    if (entry.isAnonymous && isGoodbye) return leave(entry);
    entry.stopGrace = clock.after(graceMs, () => leave(entry));
  }

  /** What was read from the store for this page. An entry that hears facts is as new as that for the chat. */
  function takeOver(entry: Entry, person: Person): void {
    entry.card = person.card;
    entry.properties = person.properties;
    if (entry.chat === null && person.chat !== null && person.chat.lastSeq > 0 && !isToldOf(entry, person.chat))
      people.setChat(entry, person.chat);
    if (entry.chat === null && entry.invite === null) people.setInvite(entry, person.invite);
  }

  return {
    pageOpened(person, page) {
      const now = clock.nowSeconds();
      const before = entryByConn.get(page.conn);
      const known = people.get(person.id);
      const entry = known ?? people.add(person, now);
      const isArrival = !isThere(entry);
      if (known !== undefined && !person.isAnonymous) takeOver(entry, person);
      if (isArrival && entry.chat === null) entry.since = now;
      entry.leftAt = null;
      endGrace(entry);
      if (before !== undefined && before !== entry) pageClosed(page.conn, true);
      entry.pages.set(page.conn, page);
      entryByConn.set(page.conn, entry);
      if (isArrival) onArrived(entry);
      onChange(entry, now);
    },
    pageMoved(conn, page, isInvitable) {
      const entry = entryByConn.get(conn);
      const open = entry?.pages.get(conn);
      if (entry === undefined || open === undefined) return;
      entry.pages.set(conn, { ...open, page, isInvitable });
      onChange(entry, clock.nowSeconds());
    },
    pageSpeaks(conn, language) {
      const entry = entryByConn.get(conn);
      const open = entry?.pages.get(conn);
      if (open !== undefined) entry?.pages.set(conn, { ...open, language });
    },
    languageOf: (id) => [...(people.get(id)?.pages.values() ?? [])].at(-1)?.language,
    propertiesChanged(conn, properties) {
      const entry = entryByConn.get(conn);
      if (entry === undefined || entry.properties === properties) return;
      entry.properties = properties;
      onProperties(entry);
    },
    pageClosed,
    forget(entry) {
      for (const conn of entry.pages.keys()) entryByConn.delete(conn);
    },
  };
}
