/**
 * The inbox: who is there. Every page that is connected, with or without a visitor who has acted; every open chat; which
 * operators are online, and so whether a site or a group can be reached. It decides nothing about chats and stores nothing:
 * it hears facts, and the open chats are read once at the start.
 *
 * A chat stays in the list when one of the two is gone: the visitor's leaving and the operator's lost connection are marked there.
 *
 * A page that vanished counts as present for a moment, so that a reload is no coming and going. An anonymous page that said
 * goodbye is gone at once: nobody can come back as it.
 */
import type { ChatEvent, ChatId, ChatSummary, PageInfo, SiteKey, UnixSeconds, VisitorCard, VisitorId } from '../../shared/chat.ts';
import type { Arrival, Presence, VisitorItem } from '../../shared/wire/workplace.ts';
import type { Properties } from '../../shared/properties.ts';
import { RETURN_MS, absenceOf } from '../room/absence.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../config.ts';
import type { Fact, FactBus } from '../bus/facts.ts';
import { randomId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { createOperatorPresence, type OperatorPresence } from './operator-presence.ts';
import { everyOne } from '../store/pages.ts';
import type { ChatRecord, StandingInvite, Store } from '../store/store.ts';

export interface Person {
  readonly id: VisitorId;
  readonly site: SiteKey;
  readonly isAnonymous: boolean;
  readonly card: VisitorCard;
  readonly properties: Properties;
  readonly invite: StandingInvite | null;
  /** The open chat. */
  readonly chat: ChatSummary | null;
}

/** A page that has said hello. `conn` names its connection. */
export interface OpenPage {
  conn: string;
  tab: string;
  page: PageInfo;
  isInvitable: boolean;
}

export type InboxChange =
  /** A line of the list *Visitors* is new or different. */
  | { t: 'item'; item: VisitorItem }
  | { t: 'gone'; site: SiteKey; id: VisitorId }
  | { t: 'renamed'; site: SiteKey; from: VisitorId; to: VisitorId }
  /** What the person's own pages are told may be different: card, invitation, chat. */
  | { t: 'person'; id: VisitorId }
  | { t: 'properties'; id: VisitorId; properties: Properties }
  /** Somebody came online or went offline. */
  | { t: 'operators' }
  /** Operators, sites or settings may be different from what was read of them. */
  | { t: 'changed' }
  /** A visit began, or ended. */
  | { t: 'arrived'; site: SiteKey; id: VisitorId; isAnonymous: boolean }
  | { t: 'left'; site: SiteKey; id: VisitorId };

export interface Inbox extends OperatorPresence {
  /** The id of an anonymous page: the same one while its tab reconnects. */
  anonymousId(site: SiteKey, tab: string): VisitorId;
  pageOpened(person: Person, page: OpenPage): void;
  pageMoved(conn: string, page: PageInfo, isInvitable: boolean): void;
  /** What a page tells operators of its visitor: it is kept here alone while nobody has acted. */
  propertiesChanged(conn: string, properties: Properties): void;
  /** @param isGoodbye the page ended the connection in so many words; it did not just fall silent */
  pageClosed(conn: string, isGoodbye: boolean): void;
  /** An anonymous page has acted: it is `to` from now on. Its page is opened anew under that id. */
  renamed(site: SiteKey, from: VisitorId, to: VisitorId): void;
  /** The visitor was erased: gone at once, with open pages and chat. */
  erased(id: VisitorId): void;
  /** Visitors who are known only for their open chat or have left a moment ago: no page of theirs is here. */
  absent(): Person[];
  person(id: VisitorId): Person | undefined;
  /** Everybody with an open chat. */
  talking(): Person[];
  /** Whether a page of theirs is open, or was a moment ago. */
  isHere(id: VisitorId): boolean;
  /** Whom an open chat belongs to. */
  personOfChat(chat: string): Person | undefined;
  items(sites: ReadonlySet<SiteKey>): VisitorItem[];
  item(id: VisitorId): VisitorItem | undefined;
  canBeInvited(id: VisitorId): boolean;
  /** Returns what ends it. */
  subscribe(listener: (change: InboxChange) => void): () => void;
  close(): void;
}

interface Entry extends Person {
  card: VisitorCard;
  properties: Properties;
  invite: StandingInvite | null;
  chat: ChatSummary | null;
  pages: Map<string, OpenPage>;
  lastPage: PageInfo;
  wasInvitable: boolean;
  /** Under which an anonymous page is found again. */
  tabKey: string | undefined;
  presence: Presence;
  since: UnixSeconds;
  lastText: string;
  unread: number;
  /** When the last page was closed, of somebody with an open chat who is not here. */
  leftAt: UnixSeconds | null;
  /** When a page was closed last. */
  closedAt: UnixSeconds;
  arrival: Arrival | null;
  /** The last page vanished a moment ago. */
  stopGrace: (() => void) | undefined;
  stopExpiry: (() => void) | undefined;
}

export interface InboxOptions {
  store: Store;
  bus: FactBus;
  clock: Clock;
  limits: Pick<Limits, 'timing'>;
  log: Log;
}

/** A chat of so few events is read whole at the start: thousands of them are read before the server opens its doors. */
const SHORT_CHAT = 20;
/** What the list shows of a chat's last line. */
const LAST_TEXT_LENGTH = 200;
/** Of ten thousand open chats each would else hold, and tell every workplace, as much as a message can be long. */
const lineOf = (text: string) =>
  text.length <= LAST_TEXT_LENGTH
    ? text
    : `${Array.from(text.slice(0, LAST_TEXT_LENGTH + 1))
        .slice(0, -1)
        .join('')}…`;
const tabKeyOf = (site: SiteKey, tab: string) => `${site} ${tab}`;
const NOWHERE: PageInfo = { url: '', title: '' };

export async function createInbox({ store, bus, clock, limits, log }: InboxOptions): Promise<Inbox> {
  const entries = new Map<VisitorId, Entry>();
  const entryByConn = new Map<string, Entry>();
  const entryByChat = new Map<string, Entry>();
  /** Anonymous pages by site and tab. */
  const anonymousIds = new Map<string, VisitorId>();
  const listeners = new Set<(change: InboxChange) => void>();
  const dirty = new Set<Entry>();

  const emit = (change: InboxChange) => {
    for (const listener of [...listeners]) listener(change);
  };
  const operators = createOperatorPresence({
    clock,
    graceMs: limits.timing.presenceGraceMs,
    onChange: () => emit({ t: 'operators' }),
    onPresence(id) {
      for (const entry of entryByChat.values()) if (entry.chat?.operator?.id === id) touch(entry, clock.nowSeconds());
    },
  });
  /** After a start nobody is marked as gone for a moment, but for those who were before. */
  let isSettling = true;
  const awayBefore = new Set<string>();
  const stopSettling = clock.after(RETURN_MS, () => {
    isSettling = false;
    for (const entry of entryByChat.values()) {
      const isMarked = !isThere(entry) || (entry.chat !== null && isMarkedAway(entry.chat));
      if (!isThere(entry)) entry.leftAt ??= clock.nowSeconds();
      if (isMarked) touch(entry, clock.nowSeconds());
    }
  });

  const presenceOf = (entry: Entry): Presence => {
    if (entry.chat !== null) return entry.chat.operator === null ? 'waiting' : 'in_chat';
    return entry.invite === null ? 'on_site' : 'invited';
  };

  /** Of whoever has the chat: marked once it is not just the moment after a start. */
  const isMarkedAway = ({ id, operator }: ChatSummary): boolean => {
    const absence = operator === null ? null : operators.absence(operator.id);
    return absence !== null && (!isSettling || absence.isUnseen !== true || awayBefore.has(id));
  };

  const isThere = (entry: Entry) => entry.pages.size > 0 || entry.stopGrace !== undefined;

  const toItem = (entry: Entry): VisitorItem => {
    const open = [...entry.pages.values()];
    const { chat } = entry;
    const operator = chat?.operator ?? null;
    return {
      id: entry.id,
      site: entry.site,
      presence: entry.presence,
      since: entry.since,
      page: open.at(-1)?.page ?? entry.lastPage,
      ...(!isThere(entry) && entry.leftAt !== null && { leftAt: entry.leftAt }),
      pages: open.length === 0 && entry.stopGrace !== undefined ? 1 : open.length,
      isInvitable: open.length === 0 ? entry.stopGrace !== undefined && entry.wasInvitable : open.some((page) => page.isInvitable),
      card: entry.card,
      chat: chat?.id ?? null,
      group: chat?.group ?? null,
      operator:
        chat === null || operator === null
          ? null
          : { id: operator.id, name: operator.card.name, ...(isMarkedAway(chat) && { isAway: true }) },
      ...(chat !== null && entry.arrival !== null && entry.arrival.seq > chat.readByOperator && { arrival: entry.arrival }),
      lastText: chat === null ? '' : entry.lastText,
      unread: chat === null ? 0 : entry.unread,
    };
  };

  /** Tells of an entry once, after everything that happens in the same breath: a transfer is no moment of waiting. */
  const touch = (entry: Entry, at: UnixSeconds) => {
    const presence = presenceOf(entry);
    if (presence !== entry.presence) {
      entry.presence = presence;
      entry.since = at;
    }
    if (dirty.size === 0) queueMicrotask(flush);
    dirty.add(entry);
  };

  const flush = () => {
    const touched = [...dirty];
    dirty.clear();
    for (const entry of touched) {
      if (entries.get(entry.id) !== entry) continue;
      if (isThere(entry) || entry.chat !== null) emit({ t: 'item', item: toItem(entry) });
      else forget(entry);
      emit({ t: 'person', id: entry.id });
    }
  };

  const forget = (entry: Entry) => {
    entry.stopGrace?.();
    entry.stopExpiry?.();
    entries.delete(entry.id);
    if (entry.chat !== null) entryByChat.delete(entry.chat.id);
    if (entry.tabKey !== undefined) anonymousIds.delete(entry.tabKey);
    emit({ t: 'gone', site: entry.site, id: entry.id });
  };

  const createEntry = (person: Person, at: UnixSeconds): Entry => {
    const entry: Entry = {
      ...person,
      invite: null,
      chat: null,
      pages: new Map(),
      lastPage: NOWHERE,
      wasInvitable: false,
      tabKey: undefined,
      presence: 'on_site',
      since: at,
      lastText: '',
      unread: 0,
      leftAt: null,
      closedAt: at,
      arrival: null,
      stopGrace: undefined,
      stopExpiry: undefined,
    };
    entries.set(person.id, entry);
    setChat(entry, person.chat);
    setInvite(entry, person.invite);
    return entry;
  };

  const setChat = (entry: Entry, chat: ChatSummary | null) => {
    if (entry.chat !== null) entryByChat.delete(entry.chat.id);
    entry.chat = chat?.isOpen === true ? chat : null;
    if (entry.chat !== null) entryByChat.set(entry.chat.id, entry);
  };

  const setInvite = (entry: Entry, invite: StandingInvite | null) => {
    entry.stopExpiry?.();
    entry.stopExpiry = undefined;
    const leftMs = invite === null ? 0 : invite.expires * 1000 - clock.nowMs();
    entry.invite = leftMs > 0 ? invite : null;
    if (entry.invite === null) return;
    entry.stopExpiry = clock.after(leftMs, () => {
      entry.stopExpiry = undefined;
      entry.invite = null;
      touch(entry, clock.nowSeconds());
    });
  };

  const closePage = (conn: string, isGoodbye: boolean) => {
    const entry = entryByConn.get(conn);
    const page = entry?.pages.get(conn);
    if (entry === undefined || page === undefined) return;
    entryByConn.delete(conn);
    entry.pages.delete(conn);
    entry.lastPage = page.page;
    entry.wasInvitable = page.isInvitable;
    entry.closedAt = clock.nowSeconds();
    if (entry.pages.size > 0) return touch(entry, clock.nowSeconds());
    if (entry.isAnonymous && isGoodbye) return leave(entry);
    entry.stopGrace = clock.after(limits.timing.presenceGraceMs, () => leave(entry));
  };

  const leave = (entry: Entry) => {
    entry.stopGrace?.();
    entry.stopGrace = undefined;
    entry.leftAt = entry.closedAt;
    emit({ t: 'left', site: entry.site, id: entry.id });
    touch(entry, clock.nowSeconds());
  };

  /** Somebody whose chat is open without a page here: known by name only after a look into the store. */
  const absentEntry = (site: SiteKey, id: VisitorId): Entry => {
    const entry = createEntry({ id, site, isAnonymous: false, card: {}, properties: [], invite: null, chat: null }, clock.nowSeconds());
    entry.leftAt = clock.nowSeconds();
    store.visitor(site, id).then(
      (visitor) => {
        if (visitor === undefined || entries.get(id) !== entry) return;
        entry.card = visitor.card;
        entry.properties = visitor.properties;
        touch(entry, clock.nowSeconds());
      },
      (error: unknown) => log.warn({ err: error }, 'a visitor could not be read'),
    );
    return entry;
  };

  const hear = (fact: Fact) => {
    switch (fact.t) {
      case 'event': {
        const known = entries.get(fact.visitor);
        // A chat that has ended and is rated afterwards brings nobody back into the list.
        if (known === undefined && !fact.chat.isOpen) return;
        const entry = known ?? absentEntry(fact.site, fact.visitor);
        const { event } = fact;
        if (fact.chat.isOpen || entry.chat?.id === fact.chat.id) setChat(entry, fact.chat);
        if (event.kind === 'chat.started') {
          entry.lastText = '';
          entry.unread = 0;
          setInvite(entry, null);
        }
        if (event.kind === 'message.added') {
          entry.lastText = lineOf(event.text);
          if (event.author.kind === 'visitor') entry.unread += 1;
        }
        entry.arrival = arrivalOf(event, entry.arrival);
        return touch(entry, event.date);
      }
      case 'card': {
        const entry = entries.get(fact.visitor);
        if (entry === undefined) return;
        entry.card = fact.card;
        return touch(entry, clock.nowSeconds());
      }
      case 'read': {
        const entry = entries.get(fact.visitor);
        if (entry?.chat?.id !== fact.chat) return;
        entry.chat = { ...entry.chat, readByVisitor: fact.byVisitor, readByOperator: fact.byOperator };
        entry.unread = fact.unread;
        return touch(entry, clock.nowSeconds());
      }
      case 'invite': {
        const entry = entries.get(fact.visitor);
        if (entry === undefined || (fact.invite !== null && entry.chat !== null)) return;
        setInvite(entry, fact.invite);
        return touch(entry, clock.nowSeconds());
      }
      case 'request':
      case 'mailed':
      case 'jobs':
      case 'shortened':
        return;
    }
  };

  /** How an open chat stands: asked of the database where reading it would mean to read any number of messages. */
  const standingOf = async ({ site, summary }: ChatRecord) => {
    if (summary.lastSeq - summary.firstSeq >= SHORT_CHAT) {
      const [lastText, unread, turn] = await Promise.all([
        store.lastMessage(site, summary.id),
        store.countVisitorMessages(site, summary.id, summary.readByOperator),
        store.lastTurn(site, summary.id),
      ]);
      return { lastText, unread, turn };
    }
    const events = await store.eventsAfter(site, summary.id, 0, SHORT_CHAT);
    const messages = events.filter((event) => event.kind === 'message.added');
    return {
      lastText: messages.at(-1)?.text,
      unread: messages.filter(({ author, seq }) => author.kind === 'visitor' && seq > summary.readByOperator).length,
      turn: events.filter((event) => event.kind === 'operator.joined' || event.kind === 'operator.left').at(-1),
    };
  };

  const jobsOf = (kind: 'away' | 'left') =>
    everyOne(
      (after: string) => store.jobs(kind, after),
      ({ key }) => key,
      '',
    );

  const readOpenChats = async () => {
    for await (const job of jobsOf('away')) awayBefore.add(absenceOf(job)?.chat ?? '');
    const leftBefore = new Map<ChatId, UnixSeconds>();
    for await (const job of jobsOf('left')) {
      const absence = absenceOf(job);
      if (absence !== undefined) leftBefore.set(absence.chat, Math.floor(absence.sinceMs / 1000));
    }
    for await (const record of everyOne(
      (after: string) => store.openChats(after),
      ({ summary }) => summary.id,
      '',
    )) {
      const { site, visitor, summary } = record;
      // Heard of while we were reading: what was heard is newer.
      if (entries.has(visitor)) continue;
      const [known, standing] = await Promise.all([store.visitor(site, visitor), standingOf(record)]);
      if (entries.has(visitor)) continue;
      const person = {
        id: visitor,
        site,
        isAnonymous: false,
        card: known?.card ?? {},
        properties: known?.properties ?? [],
        invite: null,
        chat: summary,
      };
      const entry = createEntry(person, summary.startedAt);
      entry.presence = presenceOf(entry);
      entry.since = standing.turn?.date ?? summary.startedAt;
      entry.lastText = lineOf(standing.lastText ?? '');
      entry.unread = standing.unread;
      entry.arrival = standing.turn === undefined ? null : arrivalOf(standing.turn, null);
      entry.leftAt = leftBefore.get(summary.id) ?? null;
    }
  };

  const stopHearing = bus.subscribe(hear);
  await readOpenChats();

  return {
    ...operators,

    refreshOperators(now) {
      operators.refreshOperators(now);
      emit({ t: 'changed' });
    },

    anonymousId: (site, tab) => anonymousIds.get(tabKeyOf(site, tab)) ?? randomId(),

    pageOpened(person, page) {
      const now = clock.nowSeconds();
      const before = entryByConn.get(page.conn);
      const known = entries.get(person.id);
      const entry = known ?? createEntry(person, now);
      const isArrival = !isThere(entry);
      if (known !== undefined && !person.isAnonymous) {
        // What was read from the store for this page; an entry that hears facts is as new for the chat.
        entry.card = person.card;
        entry.properties = person.properties;
        if (entry.chat === null && person.chat !== null && person.chat.lastSeq > 0) setChat(entry, person.chat);
        if (entry.chat === null && entry.invite === null) setInvite(entry, person.invite);
      }
      if (person.isAnonymous) {
        entry.tabKey = tabKeyOf(entry.site, page.tab);
        anonymousIds.set(entry.tabKey, entry.id);
      }
      if (isArrival && entry.chat === null) entry.since = now;
      entry.leftAt = null;
      entry.stopGrace?.();
      entry.stopGrace = undefined;
      if (before !== undefined && before !== entry) closePage(page.conn, true);
      entry.pages.set(page.conn, page);
      entryByConn.set(page.conn, entry);
      if (isArrival) emit({ t: 'arrived', site: entry.site, id: entry.id, isAnonymous: entry.isAnonymous });
      touch(entry, now);
    },

    pageMoved(conn, page, isInvitable) {
      const entry = entryByConn.get(conn);
      const open = entry?.pages.get(conn);
      if (entry === undefined || open === undefined) return;
      entry.pages.set(conn, { ...open, page, isInvitable });
      touch(entry, clock.nowSeconds());
    },

    propertiesChanged(conn, properties) {
      const entry = entryByConn.get(conn);
      if (entry === undefined || entry.properties === properties) return;
      entry.properties = properties;
      emit({ t: 'properties', id: entry.id, properties });
    },

    pageClosed: closePage,

    renamed(site, from, to) {
      if (from === to || !entries.has(from)) return;
      emit({ t: 'renamed', site, from, to });
    },

    erased(id) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      for (const conn of entry.pages.keys()) entryByConn.delete(conn);
      emit({ t: 'left', site: entry.site, id });
      forget(entry);
    },

    absent: () => [...entries.values()].filter((entry) => !entry.isAnonymous && entry.pages.size === 0),
    talking: () => [...entryByChat.values()],
    isHere(id) {
      const entry = entries.get(id);
      return entry !== undefined && isThere(entry);
    },
    person: (id) => entries.get(id),
    personOfChat: (chat) => entryByChat.get(chat),
    items: (sites) => [...entries.values()].filter((entry) => sites.has(entry.site) && (isThere(entry) || entry.chat !== null)).map(toItem),
    item(id) {
      const entry = entries.get(id);
      return entry === undefined ? undefined : toItem(entry);
    },
    canBeInvited(id) {
      const entry = entries.get(id);
      return entry !== undefined && isThere(entry) && entry.presence === 'on_site' && toItem(entry).isInvitable;
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      stopHearing();
      stopSettling();
      operators.close();
      listeners.clear();
      for (const entry of entries.values()) {
        entry.stopGrace?.();
        entry.stopExpiry?.();
      }
      entries.clear();
    },
  };
}

/** How the operator who is in the chat after this event came by it; what does not change that leaves `before`. */
function arrivalOf(event: ChatEvent, before: Arrival | null): Arrival | null {
  switch (event.kind) {
    case 'operator.joined':
      return event.via === undefined ? null : { via: event.via, seq: event.seq, date: event.date };
    case 'chat.started':
    case 'operator.left':
    case 'chat.closed':
      return null;
    default:
      return before;
  }
}
