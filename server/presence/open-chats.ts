/**
 * What the inbox reads once, at the start: every open chat as it stands, and who was missing before. A chat of many messages is
 * not read whole; the database answers what the list shows of it.
 */
import type { ChatId, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { Arrival } from '../../shared/wire/workplace.ts';
import { absenceOf } from '../room/absence.ts';
import { everyOne } from '../store/pages.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { Reader } from '../store/store.ts';
import { arrivalOf, lineOf, type Person } from './person.ts';

/** An open chat, and the line that the list shows of it. */
export interface OpenChat {
  person: Person;
  chat: ChatId;
  since: UnixSeconds;
  lastText: string;
  unread: number;
  arrival: Arrival | null;
}

/** Chats in which somebody was missing when the server stopped. */
export interface Absences {
  /** The operator had no connection. */
  away: Set<ChatId>;
  /** The visitor had left, and when. */
  left: Map<ChatId, UnixSeconds>;
}

/** A chat of at most this many events is read whole: thousands of chats are read before the server accepts anybody. */
const SHORT_CHAT = 20;

/** Reads who was missing. */
export async function readAbsences(store: Reader): Promise<Absences> {
  const absences: Absences = { away: new Set(), left: new Map() };
  for await (const job of jobsOf(store, 'away')) absences.away.add(absenceOf(job)?.chat ?? '');
  for await (const job of jobsOf(store, 'left')) {
    const absence = absenceOf(job);
    if (absence !== undefined) absences.left.set(absence.chat, Math.floor(absence.sinceMs / 1000));
  }
  return absences;
}

/** Reads every open chat. @param isKnown leaves out a visitor of whom the inbox has heard meanwhile: what it heard is newer */
export async function* readOpenChats(store: Reader, isKnown: (visitor: VisitorId) => boolean): AsyncGenerator<OpenChat> {
  const records = everyOne(
    (after: string) => store.openChats(after),
    ({ summary }) => summary.id,
    '',
  );
  for await (const record of records) {
    const { site, visitor: id, summary } = record;
    if (isKnown(id)) continue;
    const [visitor, { lastText, unread, turn }] = await Promise.all([store.visitor(site, id), standingOf(store, record)]);
    yield {
      person: {
        id,
        site,
        isAnonymous: false,
        card: visitor?.card ?? {},
        properties: visitor?.properties ?? [],
        invite: null,
        chat: summary,
      },
      chat: summary.id,
      since: turn?.date ?? summary.startedAt,
      lastText: lineOf(lastText ?? ''),
      unread,
      arrival: turn === undefined ? null : arrivalOf(turn, null),
    };
  }
}

/** The last line, the unread messages, and the last time an operator came or went. */
async function standingOf(store: Reader, { site, summary }: ChatRecord) {
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
}

function jobsOf(store: Reader, kind: 'away' | 'left') {
  return everyOne(
    (after: string) => store.jobs(kind, after),
    ({ key }) => key,
    '',
  );
}
