/**
 * What a client missed. It is read in one transaction with the summary, so that live events begin exactly where the replay ends.
 */
import type { ChatEvent, ChatId, ChatSummary, SiteKey, VisitorId } from '../../shared/chat.ts';
import { HISTORY_MOMENTS, HISTORY_PAGE, REPLAY_EVENTS } from '../../shared/limits.ts';
import type { HistoryCursor, HistoryPage } from '../../shared/wire/protocol.ts';
import type { Feed } from '../bus/feed.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { Reader } from '../store/store.ts';
import type { Visitor } from '../store/visitors.ts';

/** An event that the client does not have. */
export interface Missed {
  event: ChatEvent;
  /** The number of the event's chat. */
  number: number;
}

/** A chat that did not fit into one answer whole: it goes on up to `seq`. */
export interface Unfinished {
  chat: ChatId;
  seq: number;
}

/** The answer to a client that knows its chats. */
export interface Resumption {
  resumed: true;
  /** As much of it as fits into one answer, in order. */
  missed: Missed[];
  /** What the client asks for after that, in this order. */
  rest: Unfinished[];
  /** All chats it knows: another page may have read in an earlier one, and read markers have no number that could be missed. */
  chats: ChatSummary[];
}

/** How a client is brought to where the server stands. */
export interface CatchUp {
  visitor: Visitor;
  /** The open chat, else the last one. */
  chat: ChatSummary | null;
  /** The missing events if the cursors could be honoured; else the newest history. */
  how: Resumption | { resumed: false; history: HistoryPage };
  /** Up to where each chat is known to the client once it has all this. */
  known: Map<ChatId, number>;
}

/**
 * Reads what one client has to be told of one visitor. `undefined`: there is no such visitor.
 *
 * @param pages of history for a client that starts over
 * @param mostBytes of events or history, together
 */
export async function catchUp(
  reader: Reader,
  of: { site: SiteKey; visitor: VisitorId },
  cursors: Record<ChatId, number> | null,
  pages: number,
  mostBytes: number,
): Promise<CatchUp | undefined> {
  const visitor = await reader.visitor(of.site, of.visitor);
  if (visitor === undefined) return undefined;
  const last = (await reader.openChatOf(of.site, of.visitor)) ?? (await reader.lastChatOf(of.site, of.visitor));
  const chat = last?.summary ?? null;
  const known = new Map(Object.entries(cursors ?? {}));
  const resumption = cursors === null ? undefined : await resume(reader, of, last, known, mostBytes);
  if (resumption !== undefined) return { visitor, chat, how: resumption, known };
  const history = await readHistory(reader, of, null, pages * HISTORY_PAGE, mostBytes);
  return { visitor, chat, how: { resumed: false, history }, known: new Map(chat === null ? [] : [[chat.id, chat.lastSeq]]) };
}

/** Tells the feed what was read: what others here do not know of it is on its way to them, or was lost. */
export function tellReached(feed: Pick<Feed, 'reached'>, of: { site: SiteKey; visitor: VisitorId }, { chat, how }: CatchUp): void {
  feed.reached(of, chat);
  for (const other of how.resumed ? how.chats : []) if (other.id !== chat?.id) feed.reached(of, other);
}

/** A page of messages, with what happened between them. */
export async function readHistory(
  reader: Pick<Reader, 'history' | 'moments'>,
  { site, visitor }: { site: SiteKey; visitor: VisitorId },
  before: HistoryCursor | null,
  limit: number,
  mostBytes: number,
): Promise<HistoryPage> {
  const page = await reader.history(site, visitor, before, limit, mostBytes);
  const moments = await reader.moments(site, visitor, before, page, HISTORY_MOMENTS);
  return moments.length === 0 ? page : { ...page, moments };
}

/** `undefined` when the hole is too big, or has lost a part of what was in it. Moves `known` on. */
async function resume(
  reader: Reader,
  of: { site: SiteKey; visitor: VisitorId },
  last: ChatRecord | undefined,
  known: Map<ChatId, number>,
  mostBytes: number,
): Promise<Resumption | undefined> {
  const chats: ChatRecord[] = [];
  for (const id of known.keys()) {
    const chat = await reader.chat(of.site, id);
    if (chat === undefined || chat.visitor !== of.visitor) return undefined;
    chats.push(chat);
  }
  chats.sort((a, b) => a.summary.number - b.summary.number);
  const newest = chats.at(-1)?.summary.number;
  if (newest === undefined) return undefined;
  if (last !== undefined && last.summary.number > newest) {
    // Of chats begun meanwhile only the last can be found: more than one, and the client starts over.
    if (last.summary.number > newest + 1) return undefined;
    chats.push(last);
  }
  const missed: Missed[] = [];
  const rest: Unfinished[] = [];
  let count = 0;
  let leftBytes = mostBytes;
  for (const { summary } of chats) {
    const cursor = known.get(summary.id) ?? 0;
    known.set(summary.id, cursor);
    if (cursor > summary.lastSeq || cursor + 1 < summary.firstSeq) return undefined;
    count += summary.lastSeq - cursor;
    if (count > REPLAY_EVENTS) return undefined;
    if (summary.lastSeq === cursor) continue;
    // Nothing of a later chat before the earlier one is whole.
    const events = rest.length > 0 || leftBytes <= 0 ? [] : await reader.eventsAfter(of.site, summary.id, cursor, REPLAY_EVENTS, leftBytes);
    for (const event of events) {
      missed.push({ event, number: summary.number });
      known.set(summary.id, event.seq);
      leftBytes -= JSON.stringify(event).length;
    }
    if ((events.at(-1)?.seq ?? cursor) < summary.lastSeq) rest.push({ chat: summary.id, seq: summary.lastSeq });
  }
  return { resumed: true, missed, rest, chats: chats.map(({ summary }) => summary) };
}

/** How far one client was brought. What is true since then it hears, in order and once. */
export interface Progress {
  /** The last `seq` that the client has by its catch-up, by chat. */
  known: ReadonlyMap<ChatId, number>;
  /** What the client still has to ask for, in this order. */
  rest: readonly Unfinished[];
}

/** The progress of a client that has received `known`, and need not ask for more. */
export function newProgress(known: ReadonlyMap<ChatId, number> = new Map()): Progress {
  return { known, rest: [] };
}

/** Whether the event came after the client's catch-up: else it was part of it. */
export function isAfter({ known }: Progress, { chat, seq }: ChatEvent): boolean {
  return seq > (known.get(chat) ?? 0);
}

/** Says what the client asks for next: one chat after the other, or events of a later chat would come before an earlier one's. */
export function goOn(progress: Progress, rest: readonly Unfinished[], send: (frame: { t: 'more' } & Unfinished) => unknown): void {
  progress.rest = rest;
  const [next] = rest;
  if (next !== undefined) send({ t: 'more', ...next });
}
