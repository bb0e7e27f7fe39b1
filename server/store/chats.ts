/** Chats as their events fold them, with their read markers. */
import { sql, type Kysely } from 'kysely';
import type { ChatId, ChatSummary, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { randomId } from '../base/ids.ts';
import { larger, smaller } from './dialect.ts';
import { notFound } from './faults.ts';
import { PAGE, fromJson, isAmong, stored, type Sites } from './queries.ts';
import type { ChatRow, Tables } from './tables.ts';
import { nextVer, visitorRow } from './visitors.ts';

/** A chat with its owner, as the room works on it. */
export interface ChatRecord {
  site: SiteKey;
  visitor: VisitorId;
  summary: ChatSummary;
}

/** So many events of a chat are looked through for the first answer. */
const FIRST_EVENTS = 200;

/** Reads chats. */
export interface ChatReader {
  chat(site: SiteKey, id: ChatId): Promise<ChatRecord | undefined>;
  /** The same where only the sites are known that it may be of. */
  chatAmong(sites: Sites, id: ChatId): Promise<ChatRecord | undefined>;
  openChatOf(site: SiteKey, visitor: VisitorId): Promise<ChatRecord | undefined>;
  /** The newest chat, open or closed. */
  lastChatOf(site: SiteKey, visitor: VisitorId): Promise<ChatRecord | undefined>;
  /** Open chats of all sites by id, a page at a time (`everyOne` reads on). */
  openChats(after?: ChatId): Promise<ChatRecord[]>;
  /** Open chats of one site by visitor, a page at a time. */
  openChatsAt(site: SiteKey, after?: VisitorId): Promise<ChatRecord[]>;
  /** Those of these chats that there are, in no order. */
  chatsNamed(site: SiteKey, ids: readonly ChatId[]): Promise<ChatRecord[]>;
  /** The newest chat of each of these visitors, open or closed. */
  newestChats(site: SiteKey, visitors: readonly VisitorId[]): Promise<ChatRecord[]>;
  /** A visitor's chats with a number beyond `after`, oldest first, a page at a time. */
  chatsOf(site: SiteKey, visitor: VisitorId, after?: number): Promise<ChatRecord[]>;
  /** Of the site's latest chats since then, at most `limit`. */
  firstAnswers(site: SiteKey, since: UnixSeconds, limit: number): Promise<FirstAnswer[]>;
}

/** When a chat began, and when an operator first wrote in it. */
export interface FirstAnswer {
  startedAt: UnixSeconds;
  answeredAt: UnixSeconds | null;
  closedAt: UnixSeconds | null;
}

/** Changes chats, inside a transaction. */
export interface ChatWriter {
  /** Makes the visitor's next chat. The database allows one open chat per visitor. @throws ChatError `already_taken` */
  createChat(site: SiteKey, visitor: VisitorId): Promise<ChatRecord>;
  /** Moves the marker forward to `seq`, never beyond the chat's last event. Returns both markers. */
  markRead(site: SiteKey, chat: ChatId, side: 'visitor' | 'operator', seq: number): Promise<{ visitor: number; operator: number }>;
}

export function readChats(db: Kysely<Tables>): ChatReader {
  return {
    async chat(site, id) {
      const row = await db.selectFrom('chat').selectAll().where('site', '=', site).where('id', '=', id).executeTakeFirst();
      return row && toChat(row);
    },
    async openChatOf(site, visitor) {
      const row = await chatRowsOf(db, site, visitor).where('is_open', '=', 1).executeTakeFirst();
      return row && toChat(row);
    },
    async lastChatOf(site, visitor) {
      const row = await chatRowsOf(db, site, visitor).orderBy('number', 'desc').limit(1).executeTakeFirst();
      return row && toChat(row);
    },
    async chatAmong(sites, id) {
      const row = await db.selectFrom('chat').selectAll().where('id', '=', id).executeTakeFirst();
      return row && isAmong(sites, row) ? toChat(row) : undefined;
    },
    async openChats(after = '') {
      const rows = await db
        .selectFrom('chat')
        .selectAll()
        .where('is_open', '=', 1)
        .where('id', '>', after)
        .orderBy('id')
        .limit(PAGE)
        .execute();
      return rows.map(toChat);
    },
    async openChatsAt(site, after = '') {
      const rows = await db
        .selectFrom('chat')
        .selectAll()
        .where('site', '=', site)
        .where('is_open', '=', 1)
        .where('visitor', '>', after)
        .orderBy('visitor')
        .limit(PAGE)
        .execute();
      return rows.map(toChat);
    },
    async chatsNamed(site, ids) {
      if (ids.length === 0) return [];
      const rows = await db.selectFrom('chat').selectAll().where('site', '=', site).where('id', 'in', ids).execute();
      return rows.map(toChat);
    },
    async newestChats(site, visitors) {
      if (visitors.length === 0) return [];
      const rows = await db
        .selectFrom('visitor')
        .innerJoin('chat', (join) =>
          join.onRef('chat.site', '=', 'visitor.site').onRef('chat.visitor', '=', 'visitor.id').onRef('chat.number', '=', 'visitor.chats'),
        )
        .selectAll('chat')
        .where('visitor.site', '=', site)
        .where('visitor.id', 'in', visitors)
        .execute();
      return rows.map(toChat);
    },
    async chatsOf(site, visitor, after = 0) {
      const rows = await chatRowsOf(db, site, visitor).where('number', '>', after).orderBy('number').limit(PAGE).execute();
      return rows.map(toChat);
    },
    async firstAnswers(site, since, limit) {
      const rows = await db
        .selectFrom('chat')
        .select(['started_at', 'closed_at'])
        .select((e) =>
          e
            .selectFrom('event')
            .select('event.date')
            .whereRef('event.chat', '=', 'chat.id')
            .where('event.kind', '=', 'message.added')
            .where('event.author_kind', '=', 'operator')
            // An invitation comes before the visitor: it is no answer, and stands in second place.
            .where('event.seq', '>', 2)
            .where('event.seq', '<=', FIRST_EVENTS)
            .orderBy('event.seq')
            .limit(1)
            .as('answered_at'),
        )
        .where('site', '=', site)
        .where('started_at', '>=', since)
        .orderBy('started_at', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ startedAt: row.started_at, answeredAt: row.answered_at, closedAt: row.closed_at }));
    },
  };
}

export function writeChats(db: Kysely<Tables>): ChatWriter {
  return {
    async createChat(site, visitor) {
      const { chats } = await visitorRow(db, site, visitor);
      const number = chats + 1;
      const row = await db
        .insertInto('chat')
        .values({
          id: randomId(),
          site,
          visitor,
          number,
          is_open: 1,
          first_seq: 1,
          last_seq: 0,
          is_answered: 0,
          read_by_visitor: 0,
          read_by_operator: 0,
          started_at: 0,
        })
        .onConflict((c) => c.doNothing())
        .returningAll()
        .executeTakeFirst();
      const chat = toChat(stored(row, 'already_taken', 'This visitor has an open chat already.'));
      await db
        .updateTable('visitor')
        .set((e) => ({ chats: number, ...nextVer(e) }))
        .where('site', '=', site)
        .where('id', '=', visitor)
        .execute();
      return chat;
    },
    async markRead(site, chat, side, seq) {
      const column = side === 'visitor' ? 'read_by_visitor' : 'read_by_operator';
      const row = await db
        .updateTable('chat')
        .set({ [column]: larger(db, sql.ref(column), smaller(db, seq, sql.ref('last_seq'))) })
        .where('id', '=', chat)
        .where('site', '=', site)
        .returning(['read_by_visitor', 'read_by_operator'])
        .executeTakeFirst();
      if (row === undefined) throw notFound('chat');
      return { visitor: row.read_by_visitor, operator: row.read_by_operator };
    },
  };
}

/** A row without an event is open for the constraint, but not yet for the fold. */
export function toChat(row: ChatRow): ChatRecord {
  return {
    site: row.site,
    visitor: row.visitor,
    summary: {
      id: row.id,
      number: row.number,
      isOpen: row.is_open === 1 && row.last_seq > 0,
      firstSeq: row.first_seq,
      lastSeq: row.last_seq,
      group: row.group_id,
      operator: row.operator === null ? null : fromJson<ChatSummary['operator']>(row.operator),
      lastOperator: row.last_operator === null ? null : fromJson<ChatSummary['lastOperator']>(row.last_operator),
      isAnswered: row.is_answered === 1,
      rating: row.rating,
      retention: row.retention,
      taken: row.taken,
      readByVisitor: row.read_by_visitor,
      readByOperator: row.read_by_operator,
      startedAt: row.started_at,
      closedAt: row.closed_at,
    },
  };
}

/** The columns that folding an event may change. The database itself keeps seq and read markers. */
export function fromFold(summary: ChatSummary): Partial<ChatRow> {
  return {
    is_open: summary.isOpen ? 1 : 0,
    group_id: summary.group,
    operator: summary.operator === null ? null : JSON.stringify(summary.operator),
    last_operator: summary.lastOperator === null ? null : JSON.stringify(summary.lastOperator),
    is_answered: summary.isAnswered ? 1 : 0,
    rating: summary.rating,
    retention: summary.retention,
    taken: summary.taken,
    started_at: summary.startedAt,
    closed_at: summary.closedAt,
  };
}

/** The rows of a visitor's chats. */
export function chatRowsOf(db: Kysely<Tables>, site: SiteKey, visitor: VisitorId) {
  return db.selectFrom('chat').selectAll().where('site', '=', site).where('visitor', '=', visitor);
}
