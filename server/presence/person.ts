/**
 * One person in the inbox, and the values derived from their data: their state, and their line in the list
 * *Visitors*. Nothing here waits, tells or remembers.
 */
import type { ChatEvent, ChatId, ChatSummary, PageInfo, SiteKey, UnixSeconds, VisitorCard, VisitorId } from '../../shared/chat.ts';
import type { Language } from '../../shared/languages/languages.ts';
import type { Properties } from '../../shared/properties.ts';
import type { Arrival, Presence, VisitorItem } from '../../shared/wire/workplace.ts';
import type { ReadFact } from '../bus/facts.ts';
import type { StandingInvite } from '../store/visitors.ts';

/** A visitor, or an anonymous page. */
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
  /** What it speaks with the visitor; absent if it has not said so. */
  language?: Language | undefined;
}

/** A person with everything the inbox knows of them. */
export interface Entry extends Person {
  card: VisitorCard;
  properties: Properties;
  invite: StandingInvite | null;
  chat: ChatSummary | null;
  /** By connection. */
  pages: Map<string, OpenPage>;
  lastPage: PageInfo;
  wasInvitable: boolean;
  presence: Presence;
  since: UnixSeconds;
  lastText: string;
  unread: number;
  /** The last event that the line shows. */
  told: { chat: ChatId; seq: number } | null;
  /** Of the visitor's latest messages their seq: a count of unread ones may be from before them. */
  latest: number[];
  /** When the last page was closed, of a person with an open chat who is not here. */
  leftAt: UnixSeconds | null;
  /** When a page was closed last. */
  closedAt: UnixSeconds;
  arrival: Arrival | null;
  /** Set for a moment after the last page vanished. */
  stopGrace: (() => void) | undefined;
}

/** The list shows this much of a chat's last line. */
const LAST_TEXT_LENGTH = 200;
/** More messages do not come between a count and its being heard of. */
const LATEST = 20;
const NOWHERE: PageInfo = { url: '', title: '' };

/** An entry of a person without pages, chat and invitation. */
export function newEntry(person: Person, at: UnixSeconds): Entry {
  return {
    ...person,
    invite: null,
    chat: null,
    pages: new Map(),
    lastPage: NOWHERE,
    wasInvitable: false,
    presence: 'on_site',
    since: at,
    lastText: '',
    unread: 0,
    told: null,
    latest: [],
    leftAt: null,
    closedAt: at,
    arrival: null,
    stopGrace: undefined,
  };
}

/** Whether a page of theirs is open, or was a moment ago. */
export function isThere(entry: Entry): boolean {
  return entry.pages.size > 0 || entry.stopGrace !== undefined;
}

/** Where the person stands, in the list's words. */
export function presenceOf({ chat, invite }: Person): Presence {
  if (chat !== null) return chat.operator === null ? 'waiting' : 'in_chat';
  return invite === null ? 'on_site' : 'invited';
}

/** Cuts a text for the list. Ten thousand open chats would else hold, and tell every workplace, ten thousand whole messages. */
export function lineOf(text: string): string {
  if (text.length <= LAST_TEXT_LENGTH) return text;
  const characters = Array.from(text.slice(0, LAST_TEXT_LENGTH + 1));
  return `${characters.slice(0, -1).join('')}…`;
}

/** Whether this person can be invited, as far as their pages say. */
function isInvitable({ pages, stopGrace, wasInvitable }: Entry): boolean {
  return pages.size === 0 ? stopGrace !== undefined && wasInvitable : [...pages.values()].some((page) => page.isInvitable);
}

/** Whether an operator may invite this person now. */
export function canBeInvited(entry: Entry): boolean {
  return isThere(entry) && entry.presence === 'on_site' && isInvitable(entry);
}

/** The person's line. @param isAway the operator in the chat is marked as away */
export function toItem(entry: Entry, isAway: boolean): VisitorItem {
  const { chat, pages, arrival, leftAt } = entry;
  const operator = chat?.operator ?? null;
  return {
    id: entry.id,
    site: entry.site,
    presence: entry.presence,
    since: entry.since,
    page: [...pages.values()].at(-1)?.page ?? entry.lastPage,
    ...(!isThere(entry) && leftAt !== null && { leftAt }),
    pages: pages.size === 0 && entry.stopGrace !== undefined ? 1 : pages.size,
    isInvitable: isInvitable(entry),
    card: entry.card,
    chat: chat?.id ?? null,
    group: chat?.group ?? null,
    operator: operator === null ? null : { id: operator.id, name: operator.card.name, ...(isAway && { isAway: true }) },
    ...(chat !== null && arrival !== null && arrival.seq > chat.readByOperator && { arrival }),
    lastText: chat === null ? '' : entry.lastText,
    unread: chat === null ? 0 : entry.unread,
  };
}

/** Puts an event of the person's chat into the line. */
export function applyToLine(entry: Entry, event: ChatEvent): void {
  if (event.kind === 'chat.started') {
    entry.lastText = '';
    entry.unread = 0;
    entry.latest = [];
  }
  if (event.kind === 'message.added') {
    entry.lastText = lineOf(event.text);
    if (event.author.kind === 'visitor') {
      entry.unread += 1;
      entry.latest = [...entry.latest.slice(-LATEST), event.seq];
    }
  }
  entry.told = { chat: event.chat, seq: event.seq };
  entry.arrival = arrivalOf(event, entry.arrival);
}

/** Whether the line shows this event already: it was read from the store with it. */
export function isTold({ told }: Entry, { chat, seq }: ChatEvent): boolean {
  return told !== null && told.chat === chat && told.seq >= seq;
}

/** The same of everything in this chat. */
export function isToldOf(entry: Entry, { id: chat, lastSeq }: ChatSummary): boolean {
  return entry.told?.chat === chat && entry.told.seq >= lastSeq;
}

/** Puts read markers of the person's chat into the line. */
export function applyRead(entry: Entry, chat: ChatSummary, { lastSeq, byVisitor, byOperator, unread }: ReadFact): void {
  const readByVisitor = Math.max(chat.readByVisitor, byVisitor);
  if (byOperator >= chat.readByOperator) entry.unread = unread + entry.latest.filter((seq) => seq > lastSeq).length;
  entry.chat = { ...chat, readByVisitor, readByOperator: Math.max(chat.readByOperator, byOperator) };
}

/** How the operator who is in the chat after this event came by it. An event that does not change that leaves `before`. */
export function arrivalOf(event: ChatEvent, before: Arrival | null): Arrival | null {
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
