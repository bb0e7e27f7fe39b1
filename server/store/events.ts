/** The events of chats: appended in order, read from a place on, removed when they are too old. */
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { Author, ChatEvent, ChatId, MessageAdded, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import { applyEvent } from '../../shared/timeline.ts';
import type { HistoryCursor, HistoryPage } from '../../shared/wire/protocol.ts';
import { randomId } from '../base/ids.ts';
import { chatRowsOf, fromFold, toChat, type ChatRecord } from './chats.ts';
import { notFound } from './faults.ts';
import { fromJson } from './queries.ts';
import type { EventRow, Tables } from './tables.ts';

/** An event before the store numbers it. */
export type NewEvent = ChatEvent extends infer E ? (E extends ChatEvent ? Omit<E, 'chat' | 'seq' | 'message_id' | 'date'> : never) : never;

/** A chat that has lost its oldest events, or all of them, because their period was over. */
export interface Shortened {
  visitor: VisitorId;
  chat: ChatId;
}

/** Reads events. */
export interface EventReader {
  /** Events with `seq > after`, in order. Beyond `mostBytes` only the first that fit, but always one. */
  eventsAfter(site: SiteKey, chat: ChatId, after: number, limit: number, mostBytes?: number): Promise<ChatEvent[]>;
  /** The newest messages of one chat with `seq < before` (all, if `null`), newest first. */
  messagesBefore(site: SiteKey, chat: ChatId, before: number | null, limit: number): Promise<MessageAdded[]>;
  /**
   * One page of the visitor's messages over all chats, strictly before `before` (newest if `null`), oldest first.
   * Beyond `mostBytes` only the newest that fit, but always one.
   */
  history(site: SiteKey, visitor: VisitorId, before: HistoryCursor | null, limit: number, mostBytes?: number): Promise<HistoryPage>;
  /** The text of the last message; with `by`, of this author. */
  lastMessage(site: SiteKey, chat: ChatId, by?: 'visitor'): Promise<string | undefined>;
  /** The last event in which an operator joined or left the chat. */
  lastTurn(site: SiteKey, chat: ChatId): Promise<ChatEvent | undefined>;
  /** Counts the visitor's messages with `seq > after`. */
  countVisitorMessages(site: SiteKey, chat: ChatId, after: number): Promise<number>;
}

/** Changes events, inside a transaction. */
export interface EventWriter {
  /** Gives the event its seq, id and date, and stores it and the chat folded with it. Only the room calls this. */
  append(chat: ChatRecord, event: NewEvent, date: UnixSeconds): Promise<{ event: ChatEvent; chat: ChatRecord }>;
  /**
   * Removes the events from before that moment in at most `limit` chats, and closed chats that have none left. No seq is used
   * again. Returns the chats that became shorter or went.
   */
  purgeEvents(site: SiteKey, before: UnixSeconds, limit: number): Promise<Shortened[]>;
}

interface BoundedRows {
  rows: EventRow[];
  /** Some rows did not fit. */
  isCut: boolean;
}

/** What an event weighs on the wire: its body, and about as much around it. */
function weightOf(bodyBytes: number): number {
  return bodyBytes + 256;
}

/** `rows` newest first and perhaps one too many; the page is oldest first. */
function toPage(rows: EventRow[], limit: number): HistoryPage {
  const items = rows
    .slice(0, limit)
    .reverse()
    .map(toEvent)
    .filter((event) => event.kind === 'message.added');
  return { items, hasOlder: rows.length > limit };
}

export function readEvents(db: Kysely<Tables>): EventReader {
  /** All messages of a visitor, newest first: by the chat's number, then by seq, which the indexes hold in this order. */
  const messagesOf = (site: SiteKey, visitor: VisitorId, limit: number) =>
    db
      .selectFrom('chat')
      .innerJoin('event', 'event.chat', 'chat.id')
      .where('chat.site', '=', site)
      .where('chat.visitor', '=', visitor)
      .where('event.kind', '=', 'message.added')
      .orderBy('chat.number', 'desc')
      .orderBy('event.seq', 'desc')
      .limit(limit);

  /**
   * Two queries rather than one with OR: the rest of the cursor's chat, then the chats before it. Each walks an index from
   * its cursor on, however long the chat.
   */
  async function messagesBefore(
    site: SiteKey,
    visitor: VisitorId,
    before: HistoryCursor | null,
    limit: number,
    mostBytes: number,
  ): Promise<BoundedRows> {
    if (before === null) return bounded(messagesOf(site, visitor, limit), mostBytes);
    const chat = await chatRowsOf(db, site, visitor).where('id', '=', before.chat).executeTakeFirst();
    if (chat === undefined) return { rows: [], isCut: false };
    const here = await bounded(
      messagesOf(site, visitor, limit).where('chat.number', '=', chat.number).where('event.seq', '<', before.seq),
      mostBytes,
    );
    if (here.isCut || here.rows.length === limit) return here;
    const left = mostBytes - here.rows.reduce((sum, { body }) => sum + weightOf(Buffer.byteLength(body)), 0);
    const earlier = await bounded(
      messagesOf(site, visitor, limit - here.rows.length).where('chat.number', '<', chat.number),
      left,
      here.rows.length === 0,
    );
    return { rows: [...here.rows, ...earlier.rows], isCut: earlier.isCut };
  }

  /** The rows that fit. A first query reads their sizes alone, and none of their texts. */
  async function bounded(
    rows: SelectQueryBuilder<Tables, 'chat' | 'event', object>,
    mostBytes: number,
    isOneDue = true,
  ): Promise<BoundedRows> {
    if (mostBytes === Infinity) return { rows: await rows.selectAll('event').execute(), isCut: false };
    const sizes = await rows.select(sql<number>`octet_length(event.body)`.as('size')).execute();
    let bytes = 0;
    const over = sizes.findIndex(({ size }) => (bytes += weightOf(size)) > mostBytes);
    const fitting = over < 0 ? sizes.length : Math.max(over, isOneDue ? 1 : 0);
    return { rows: fitting === 0 ? [] : await rows.selectAll('event').limit(fitting).execute(), isCut: fitting < sizes.length };
  }

  return {
    async eventsAfter(site, chat, after, limit, mostBytes = Infinity) {
      const { rows } = await bounded(
        eventRowsOf(db, site, chat).where('event.seq', '>', after).orderBy('event.seq').limit(limit),
        mostBytes,
      );
      return rows.map(toEvent);
    },
    async messagesBefore(site, chat, before, limit) {
      const all = eventRowsOf(db, site, chat)
        .selectAll('event')
        .where('event.kind', '=', 'message.added')
        .orderBy('event.seq', 'desc')
        .limit(limit);
      const rows = await (before === null ? all : all.where('event.seq', '<', before)).execute();
      return rows.map(toEvent).filter((event) => event.kind === 'message.added');
    },
    async history(site, visitor, before, limit, mostBytes = Infinity) {
      // One more than asked for tells whether there is more.
      const { rows, isCut } = await messagesBefore(site, visitor, before, limit + 1, mostBytes);
      const page = toPage(rows, limit);
      return isCut ? { ...page, hasOlder: true } : page;
    },
    async lastMessage(site, chat, by) {
      let messages = eventRowsOf(db, site, chat)
        .selectAll('event')
        .where('event.kind', '=', 'message.added')
        .orderBy('event.seq', 'desc')
        .limit(1);
      if (by !== undefined) messages = messages.where('event.author_kind', '=', by);
      const row = await messages.executeTakeFirst();
      const event = row && toEvent(row);
      return event?.kind === 'message.added' ? event.text : undefined;
    },
    async lastTurn(site, chat) {
      const row = await eventRowsOf(db, site, chat)
        .selectAll('event')
        .where('event.kind', 'in', ['operator.joined', 'operator.left'])
        .orderBy('event.seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toEvent(row);
    },
    async countVisitorMessages(site, chat, after) {
      const { count } = await eventRowsOf(db, site, chat)
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('event.kind', '=', 'message.added')
        .where('event.author_kind', '=', 'visitor')
        .where('event.seq', '>', after)
        .executeTakeFirstOrThrow();
      return count;
    },
  };
}

export function writeEvents(db: Kysely<Tables>): EventWriter {
  /** Refuses before a seq is taken, so that a caller who goes on leaves no hole. */
  async function refuseUsedUid({ summary }: ChatRecord, { author, uid }: NewEvent): Promise<void> {
    if (uid === null) return;
    const used = await db
      .selectFrom('event')
      .select('seq')
      .where('chat', '=', summary.id)
      .where('author_kind', '=', author.kind)
      .where('author_id', '=', authorId(author))
      .where('uid', '=', uid)
      .executeTakeFirst();
    if (used !== undefined) throw new ChatError('uid_conflict', 'This uid was used in this chat before.');
  }

  /** Counts and takes the seq in one statement, so that no other writer can get the same or leave a hole. */
  async function takeSeq({ site, visitor, summary }: ChatRecord) {
    const row = await db
      .updateTable('chat')
      .set((e) => ({ last_seq: e('last_seq', '+', 1) }))
      .where('id', '=', summary.id)
      .where('site', '=', site)
      .where('visitor', '=', visitor)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw notFound('chat');
    return row;
  }

  return {
    async append(chat, event, date) {
      await refuseUsedUid(chat, event);
      // The row counts, not the caller's copy: another transaction may have come between.
      const before = await takeSeq(chat);
      const row = fromEvent(before.id, before.last_seq, randomId(), date, event);
      await db.insertInto('event').values(row).execute();
      const stored = toEvent(row);
      const after = { ...toChat(before), summary: applyEvent(toChat(before).summary, stored) };
      await db.updateTable('chat').set(fromFold(after.summary)).where('id', '=', before.id).execute();
      return { event: stored, chat: after };
    },
    async purgeEvents(site, before, limit) {
      const old = await db
        .selectFrom('chat')
        .selectAll()
        .where('site', '=', site)
        .where((e) =>
          e.exists(
            e
              .selectFrom('event')
              .select('event.seq')
              .whereRef('event.chat', '=', 'chat.id')
              .whereRef('event.seq', '=', 'chat.first_seq')
              .where('event.date', '<', before),
          ),
        )
        .orderBy('id')
        .limit(limit)
        .execute();
      for (const { id, last_seq, is_open } of old) {
        const kept = await db
          .selectFrom('event')
          .select('seq')
          .where('chat', '=', id)
          .where('date', '>=', before)
          .orderBy('seq')
          .limit(1)
          .executeTakeFirst();
        if (kept === undefined && is_open === 0) {
          await db.deleteFrom('chat').where('id', '=', id).where('site', '=', site).execute();
          continue;
        }
        const first = kept?.seq ?? last_seq + 1;
        await db.deleteFrom('event').where('chat', '=', id).where('seq', '<', first).execute();
        await db.updateTable('chat').set({ first_seq: first }).where('id', '=', id).where('site', '=', site).execute();
      }
      return old.map(({ id, visitor }) => ({ visitor, chat: id }));
    },
  };
}

/** The event in a row. */
export function toEvent(row: EventRow): ChatEvent {
  const { chat, seq, message_id, kind, uid, date } = row;
  return { ...fromJson<object>(row.body), kind, chat, seq, message_id, uid, date } as ChatEvent;
}

/** `''` for authors without an id: the operator of an automatic invitation, the one visitor of a chat, the system. */
function authorId(author: Author): string {
  return author.kind === 'operator' ? (author.id ?? '') : '';
}

function fromEvent(chat: string, seq: number, message_id: string, date: number, event: NewEvent): EventRow {
  const { kind, uid, ...body } = event;
  return {
    chat,
    seq,
    message_id,
    kind,
    author_kind: event.author.kind,
    author_id: authorId(event.author),
    uid,
    date,
    body: JSON.stringify(body),
  };
}

/** Of one chat, only if it is this site's. */
function eventRowsOf(db: Kysely<Tables>, site: SiteKey, chat: ChatId) {
  return db.selectFrom('event').innerJoin('chat', 'chat.id', 'event.chat').where('chat.site', '=', site).where('event.chat', '=', chat);
}
