/**
 * The inbox: who is there. It knows every connected page, with or without a visitor who has acted; every open chat; and which
 * operators are online, and so whether a site or a group can be reached. It decides nothing about chats and stores nothing:
 * it hears facts, and reads the open chats once, at the start.
 *
 * A chat stays in the list when one of the two is gone. The line says so: the visitor has left, or the operator is away.
 */
import type { ChatSummary, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { Properties } from '../../shared/properties.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import type { Clock } from '../base/clock.ts';
import { createListeners } from '../base/listeners.ts';
import type { Log } from '../base/log.ts';
import type { Fact } from '../bus/facts.ts';
import type { Feed } from '../bus/feed.ts';
import type { Limits } from '../limits/limits.ts';
import { RETURN_MS } from '../room/absence.ts';
import type { Store } from '../store/store.ts';
import { readAbsences, readOpenChats, type Absences, type OpenChat } from './open-chats.ts';
import { createOperatorPresence, type OperatorPresence } from './operator-presence.ts';
import { createPages, type Pages } from './pages.ts';
import { createPeople } from './people.ts';
import { applyRead, applyToLine, canBeInvited, isThere, isTold, presenceOf, toItem, type Entry, type Person } from './person.ts';

/** What the inbox tells its listeners. */
export type InboxChange =
  /** A line of the list *Visitors* is new or different. */
  | { t: 'item'; item: VisitorItem }
  | { t: 'gone'; site: SiteKey; id: VisitorId }
  | { t: 'renamed'; site: SiteKey; from: VisitorId; to: VisitorId }
  /** The data for the person's own pages may have changed: card, invitation, chat. */
  | { t: 'person'; id: VisitorId }
  | { t: 'properties'; id: VisitorId; properties: Properties }
  /** Somebody came online or went offline. */
  | { t: 'operators' }
  /** Operators, sites or settings may be different from what was read of them. */
  | { t: 'changed' }
  /** A visit began, or ended. */
  | { t: 'arrived'; site: SiteKey; id: VisitorId; isAnonymous: boolean }
  | { t: 'left'; site: SiteKey; id: VisitorId };

/** Who is there. */
export interface Inbox extends OperatorPresence, Omit<Pages, 'forget'> {
  /** An anonymous page has acted: it is `to` from now on. Its page is opened anew under that id. */
  renamed(site: SiteKey, from: VisitorId, to: VisitorId): void;
  /** The visitor was erased: gone at once, with open pages and chat. */
  erased(id: VisitorId): void;
  /** Visitors without a page here: they have an open chat, or left a moment ago. */
  absent(): Person[];
  person(id: VisitorId): Person | undefined;
  /** Everybody with an open chat. */
  talking(): Person[];
  /** Whether a page of theirs is open, or was a moment ago. */
  isHere(id: VisitorId): boolean;
  /** The person whose open chat this is. */
  personOfChat(chat: string): Person | undefined;
  items(sites: ReadonlySet<SiteKey>): VisitorItem[];
  item(id: VisitorId): VisitorItem | undefined;
  canBeInvited(id: VisitorId): boolean;
  /** Returns what ends it. */
  subscribe(listener: (change: InboxChange) => void): () => void;
  close(): void;
}

export interface InboxOptions {
  store: Store;
  feed: Pick<Feed, 'subscribe' | 'begin'>;
  clock: Clock;
  limits: Pick<Limits, 'timing'>;
  log: Log;
}

export async function createInbox({ store, feed, clock, limits, log }: InboxOptions): Promise<Inbox> {
  const graceMs = limits.timing.presenceGraceMs;
  const listeners = createListeners<InboxChange>();
  /** Entries that have changed since the last report of them. */
  const dirty = new Set<Entry>();
  const people = createPeople({ clock, onExpired: (entry) => touch(entry, clock.nowSeconds()) });
  const operators = createOperatorPresence({
    clock,
    graceMs,
    onChange: () => emit({ t: 'operators' }),
    onPresence(id) {
      for (const entry of people.talking()) if (entry.chat?.operator?.id === id) touch(entry, clock.nowSeconds());
    },
  });
  const { forget: forgetPages, ...pages } = createPages({
    people,
    clock,
    graceMs,
    onChange: touch,
    onProperties: ({ id, properties }) => emit({ t: 'properties', id, properties }),
    onArrived: ({ site, id, isAnonymous }) => emit({ t: 'arrived', site, id, isAnonymous }),
    onLeft: ({ site, id }) => emit({ t: 'left', site, id }),
  });
  /** For a moment after a start nobody new is marked as gone: people need that moment to come back. */
  let isSettling = true;
  const stopSettling = clock.after(RETURN_MS, () => {
    isSettling = false;
    for (const entry of people.talking()) {
      const isMarked = !isThere(entry) || (entry.chat !== null && isMarkedAway(entry.chat));
      if (!isThere(entry)) entry.leftAt ??= clock.nowSeconds();
      if (isMarked) touch(entry, clock.nowSeconds());
    }
  });
  const stopHearing = feed.subscribe(hear);
  let before: Absences = { away: new Set(), left: new Map() };

  const emit = listeners.tell;

  /** Whether the line marks the operator of this chat as away. After a start, only if they were away before it. */
  function isMarkedAway({ id, operator }: ChatSummary): boolean {
    const absence = operator === null ? null : operators.absence(operator.id);
    return absence !== null && (!isSettling || absence.isUnseen !== true || before.away.has(id));
  }

  function itemOf(entry: Entry): VisitorItem {
    return toItem(entry, entry.chat !== null && isMarkedAway(entry.chat));
  }

  /** Tells of an entry once, after everything that happens in the same turn: a transfer is no moment of waiting. */
  function touch(entry: Entry, at: UnixSeconds): void {
    const presence = presenceOf(entry);
    if (presence !== entry.presence) {
      entry.presence = presence;
      entry.since = at;
    }
    if (dirty.size === 0) queueMicrotask(flush);
    dirty.add(entry);
  }

  function flush(): void {
    const touched = [...dirty];
    dirty.clear();
    for (const entry of touched) {
      if (people.get(entry.id) !== entry) continue;
      if (isThere(entry) || entry.chat !== null) emit({ t: 'item', item: itemOf(entry) });
      else forget(entry);
      emit({ t: 'person', id: entry.id });
    }
  }

  function forget(entry: Entry): void {
    people.remove(entry);
    forgetPages(entry);
    emit({ t: 'gone', site: entry.site, id: entry.id });
  }

  /** An open chat of somebody without a page here. Their card is read from the store, later. */
  function addAbsent(site: SiteKey, id: VisitorId): Entry {
    const entry = people.add({ id, site, isAnonymous: false, card: {}, properties: [], invite: null, chat: null }, clock.nowSeconds());
    entry.leftAt = clock.nowSeconds();
    store.visitor(site, id).then(
      (visitor) => {
        if (visitor === undefined || people.get(id) !== entry) return;
        entry.card = visitor.card;
        entry.properties = visitor.properties;
        touch(entry, clock.nowSeconds());
      },
      (error: unknown) => log.warn({ err: error }, 'a visitor could not be read'),
    );
    return entry;
  }

  function hearEvent({ site, visitor, event, chat }: Extract<Fact, { t: 'event' }>): void {
    const known = people.get(visitor);
    // A rating that comes after the end of a chat brings nobody back into the list.
    if (known === undefined && !chat.isOpen) return;
    const entry = known ?? addAbsent(site, visitor);
    if (isTold(entry, event)) return;
    if (entry.chat?.id === chat.id ? chat.lastSeq > entry.chat.lastSeq : chat.isOpen) people.setChat(entry, chat);
    if (event.kind === 'chat.started') people.setInvite(entry, null);
    applyToLine(entry, event);
    touch(entry, event.date);
  }

  function hear(fact: Fact): void {
    if (fact.t === 'event') return hearEvent(fact);
    const entry = 'visitor' in fact ? people.get(fact.visitor) : undefined;
    if (entry === undefined) return;
    switch (fact.t) {
      case 'card':
        entry.card = fact.card;
        return touch(entry, clock.nowSeconds());
      case 'read':
        if (entry.chat?.id !== fact.chat) return;
        applyRead(entry, entry.chat, fact);
        return touch(entry, clock.nowSeconds());
      case 'invite':
        if (fact.invite !== null && entry.chat !== null) return;
        people.setInvite(entry, fact.invite);
        return touch(entry, clock.nowSeconds());
      case 'request':
      case 'mailed':
      case 'jobs':
      case 'shortened':
        return;
    }
  }

  function addOpenChat({ person, chat, since, lastText, unread, arrival }: OpenChat): void {
    const entry = people.add(person, since);
    entry.presence = presenceOf(entry);
    entry.lastText = lastText;
    entry.unread = unread;
    entry.arrival = arrival;
    entry.leftAt = before.left.get(chat) ?? null;
    if (person.chat === null) return;
    entry.told = { chat, seq: person.chat.lastSeq };
    feed.begin({ site: person.site, visitor: person.id }, person.chat);
  }

  const isKnown = (visitor: VisitorId) => people.get(visitor) !== undefined;
  before = await readAbsences(store);
  for await (const open of readOpenChats(store, isKnown)) if (!isKnown(open.person.id)) addOpenChat(open);

  return {
    ...operators,
    ...pages,
    refreshOperators(now) {
      operators.refreshOperators(now);
      emit({ t: 'changed' });
    },
    renamed(site, from, to) {
      if (from === to || people.get(from) === undefined) return;
      emit({ t: 'renamed', site, from, to });
    },
    erased(id) {
      const entry = people.get(id);
      if (entry === undefined) return;
      forgetPages(entry);
      emit({ t: 'left', site: entry.site, id });
      forget(entry);
    },
    absent: () => people.all().filter((entry) => !entry.isAnonymous && entry.pages.size === 0),
    talking: () => people.talking(),
    isHere(id) {
      const entry = people.get(id);
      return entry !== undefined && isThere(entry);
    },
    person: (id) => people.get(id),
    personOfChat: (chat) => people.ofChat(chat),
    items: (sites) =>
      people
        .all()
        .filter((entry) => sites.has(entry.site) && (isThere(entry) || entry.chat !== null))
        .map(itemOf),
    item(id) {
      const entry = people.get(id);
      return entry && itemOf(entry);
    },
    canBeInvited(id) {
      const entry = people.get(id);
      return entry !== undefined && canBeInvited(entry);
    },
    subscribe: listeners.add,
    close() {
      stopHearing();
      stopSettling();
      operators.close();
      listeners.clear();
      people.close();
    },
  };
}
