/**
 * The questions one may ask the store. Written once for both connections: the one that sees only what was committed, and the
 * one inside a transaction. Every question about visitors and chats names the site; a foreign id finds nothing.
 */
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { ChatId, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { HistoryCursor, HistoryPage } from '../../shared/wire/protocol.ts';
import type { RequestCursor } from '../../shared/wire/workplace.ts';
import type { Reader } from './store.ts';
import {
  originsOf,
  toChat,
  toEvent,
  toFile,
  toIdentityUse,
  toJob,
  toOperator,
  toRequest,
  toResult,
  toSession,
  toSite,
  toVisitor,
  type EventRow,
  type Tables,
} from './tables.ts';

/** What a question gives in one go where anybody could have stored any number of answers. */
const PAGE = 500;
/** No job is put so far ahead: one that is was put by a clock that was wrong, and its time has come. */
const LONGEST_JOB_MS = 60 * 24 * 3_600_000;
/** Of files and what was sent: rows that may be as long as a message. */
const PAGE_OF_LINKS = 200;

export function createReader(db: Kysely<Tables>): Reader {
  const refusedOf = (site: SiteKey) =>
    db.selectFrom('refused_origin').select(['origin', 'date']).where('site', '=', site).orderBy('date', 'desc').orderBy('origin').execute();

  const chatsOf = (site: SiteKey, visitor: VisitorId) =>
    db.selectFrom('chat').selectAll().where('site', '=', site).where('visitor', '=', visitor);

  /** Of one chat, only if it is this site's. */
  const eventsOf = (site: SiteKey, chat: ChatId) =>
    db.selectFrom('event').innerJoin('chat', 'chat.id', 'event.chat').where('chat.site', '=', site).where('event.chat', '=', chat);

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
   * Two questions rather than one with OR: what is left of the cursor's chat, then the chats before it. Each walks an index
   * from its place on, however long the chat.
   */
  async function messagesBefore(
    site: SiteKey,
    visitor: VisitorId,
    before: HistoryCursor | null,
    limit: number,
    mostBytes: number,
  ): Promise<BoundedRows> {
    if (before === null) return bounded(messagesOf(site, visitor, limit), mostBytes);
    const chat = await chatsOf(site, visitor).where('id', '=', before.chat).executeTakeFirst();
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

  /** The rows of the question that fit. Their sizes are asked for first, which reads none of their texts. */
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

  async function origins(site: SiteKey): Promise<string[]> {
    const row = await db.selectFrom('site').select('origins').where('key', '=', site).executeTakeFirst();
    return row === undefined ? [] : originsOf(row);
  }

  /** What is left of those that are done or not as the place is, then the rest: each walks the index from its place on. */
  async function requestsOfSite(site: SiteKey, after: RequestCursor | null, limit: number): Promise<Tables['request'][]> {
    const of = (isDone: boolean, most: number) =>
      db
        .selectFrom('request')
        .selectAll()
        .where('site', '=', site)
        .where('is_done', '=', isDone ? 1 : 0)
        .orderBy('date', 'desc')
        .orderBy('id')
        .limit(most);
    const behind = ({ isDone, date, id }: RequestCursor) =>
      of(isDone, limit)
        .where('date', '<=', date)
        .where((e) => e.or([e('date', '<', date), e('id', '>', id)]))
        .execute();
    const here = after === null ? await of(false, limit).execute() : await behind(after);
    if (here.length === limit || after?.isDone === true) return here;
    return [...here, ...(await of(true, limit - here.length).execute())];
  }

  async function countOf(table: 'audit' | 'lost', { site, visitor }: { site?: SiteKey; visitor?: VisitorId }): Promise<number> {
    let rows = db.selectFrom(table).select((e) => e.fn.countAll<number>().as('count'));
    if (site !== undefined) rows = rows.where('site', '=', site);
    if (visitor !== undefined) rows = rows.where('visitor', '=', visitor);
    return (await rows.executeTakeFirstOrThrow()).count;
  }

  return {
    async sites() {
      const rows = await db.selectFrom('site').selectAll().orderBy('key').execute();
      return Promise.all(rows.map(async (row) => toSite(row, await refusedOf(row.key))));
    },
    async siteKeys() {
      const rows = await db.selectFrom('site').select('key').orderBy('key').execute();
      return rows.map(({ key }) => key);
    },
    async site(key) {
      const row = await db.selectFrom('site').selectAll().where('key', '=', key).executeTakeFirst();
      return row && toSite(row, await refusedOf(key));
    },
    isOpen: async (site) => (await origins(site)).length > 0,
    origins,
    groups: (site) =>
      db.selectFrom('site_group').select(['site', 'id', 'name']).where('site', '=', site).orderBy('position').orderBy('id').execute(),
    async operators() {
      const rows = await db.selectFrom('operator').selectAll().orderBy('email').execute();
      return rows.map(toOperator);
    },
    async operator(id) {
      const row = await db.selectFrom('operator').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toOperator(row);
    },
    async operatorByEmail(email) {
      const row = await db.selectFrom('operator').selectAll().where('email', '=', email).executeTakeFirst();
      return row && toOperator(row);
    },
    async sessionByToken(tokenHash, now) {
      const row = await db
        .selectFrom('session')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return row && toSession(row);
    },
    async session(id, now) {
      const row = await db.selectFrom('session').selectAll().where('id', '=', id).where('expires_at', '>', now).executeTakeFirst();
      return row && toSession(row);
    },
    async sessionByFamily(family, now) {
      const row = await db.selectFrom('session').selectAll().where('family', '=', family).where('expires_at', '>', now).executeTakeFirst();
      return row && toSession(row);
    },
    async sessionsOf(site, visitor) {
      const rows = await db
        .selectFrom('session')
        .selectAll()
        .where('site', '=', site)
        .where('visitor', '=', visitor)
        .orderBy('id')
        .execute();
      return rows.map(toSession);
    },
    async operatorSessionsEnd(operator, now) {
      const row = await db
        .selectFrom('session')
        .select('expires_at')
        .where('operator', '=', operator)
        .where('expires_at', '>', now)
        .orderBy('expires_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.expires_at;
    },

    async identityKeys(site) {
      const rows = await db.selectFrom('identity_key').selectAll().where('site', '=', site).orderBy('created_at').orderBy('kid').execute();
      return rows.map(({ created_at, ...key }) => ({ ...key, createdAt: created_at }));
    },
    async identified(site, subject) {
      const row = await db
        .selectFrom('identity')
        .select('visitor')
        .where('site', '=', site)
        .where('subject', '=', subject)
        .executeTakeFirst();
      return row?.visitor;
    },
    async identifiedSince(site, visitor) {
      const row = await db
        .selectFrom('identity')
        .select('since')
        .where('site', '=', site)
        .where('visitor', '=', visitor)
        .executeTakeFirst();
      return row?.since;
    },
    async identityUse(token, nowMs) {
      const row = await db
        .selectFrom('identity_use')
        .selectAll()
        .where('token', '=', token)
        .where('ends_ms', '>', nowMs)
        .executeTakeFirst();
      return row && toIdentityUse(row);
    },
    async loginTries(key) {
      const row = await db.selectFrom('login_tries').selectAll().where('key', '=', key).executeTakeFirst();
      return row && { failures: row.failures, nextAtMs: row.next_at_ms, knownUntilMs: row.known_until_ms };
    },

    async visitor(site, id) {
      const row = await db.selectFrom('visitor').selectAll().where('site', '=', site).where('id', '=', id).executeTakeFirst();
      return row && toVisitor(row);
    },
    async visitorAnywhere(id) {
      const row = await db.selectFrom('visitor').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toVisitor(row);
    },
    async chat(site, id) {
      const row = await db.selectFrom('chat').selectAll().where('site', '=', site).where('id', '=', id).executeTakeFirst();
      return row && toChat(row);
    },
    async openChatOf(site, visitor) {
      const row = await chatsOf(site, visitor).where('is_open', '=', 1).executeTakeFirst();
      return row && toChat(row);
    },
    async lastChatOf(site, visitor) {
      const row = await chatsOf(site, visitor).orderBy('number', 'desc').limit(1).executeTakeFirst();
      return row && toChat(row);
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
    async chatsOf(site, visitor, after = 0) {
      const rows = await chatsOf(site, visitor).where('number', '>', after).orderBy('number').limit(PAGE).execute();
      return rows.map(toChat);
    },
    async eventsAfter(site, chat, after, limit, mostBytes = Infinity) {
      const { rows } = await bounded(eventsOf(site, chat).where('event.seq', '>', after).orderBy('event.seq').limit(limit), mostBytes);
      return rows.map(toEvent);
    },
    async messagesBefore(site, chat, before, limit) {
      const all = eventsOf(site, chat)
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
      let messages = eventsOf(site, chat)
        .selectAll('event')
        .where('event.kind', '=', 'message.added')
        .orderBy('event.seq', 'desc')
        .limit(1);
      if (by !== undefined) messages = messages.where('event.author_kind', '=', by);
      const row = await messages.executeTakeFirst();
      const event = row && toEvent(row);
      return event?.kind === 'message.added' ? event.text : undefined;
    },
    async wasJoined(site, chat) {
      const row = await eventsOf(site, chat).select('event.seq').where('event.kind', '=', 'operator.joined').limit(1).executeTakeFirst();
      return row !== undefined;
    },
    async lastTurn(site, chat) {
      const row = await eventsOf(site, chat)
        .selectAll('event')
        .where('event.kind', 'in', ['operator.joined', 'operator.left'])
        .orderBy('event.seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toEvent(row);
    },
    async countVisitorMessages(site, chat, after) {
      const { count } = await eventsOf(site, chat)
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('event.kind', '=', 'message.added')
        .where('event.author_kind', '=', 'visitor')
        .where('event.seq', '>', after)
        .executeTakeFirstOrThrow();
      return count;
    },
    async remembered(author, uid) {
      const row = await db
        .selectFrom('command')
        .select(['hash', 'result'])
        .where('site', '=', author.site)
        .where('author_kind', '=', author.kind)
        .where('author_id', '=', author.id)
        .where('uid', '=', uid)
        .executeTakeFirst();
      return row && { hash: row.hash, result: toResult(row.result) };
    },
    async file(id) {
      const row = await db.selectFrom('file').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toFile(row);
    },
    async filesOf(site, visitor) {
      const all = db.selectFrom('file').selectAll().where('site', '=', site).orderBy('created_at').orderBy('id');
      const rows = await (visitor === null ? all : all.where('visitor', '=', visitor)).execute();
      return rows.map(toFile);
    },
    async filesAfter(site, visitor, after) {
      const all = db.selectFrom('file').selectAll().where('site', '=', site).where('id', '>', after).orderBy('id').limit(PAGE);
      const rows = await (visitor === null ? all : all.where('visitor', '=', visitor)).execute();
      return rows.map(toFile);
    },
    async fileLinksAfter(site, chat, after) {
      return eventsOf(site, chat)
        .select(['event.seq', sql<string>`event.body ->> '$.file.link'`.as('link')])
        .where('event.seq', '>', after)
        .where('event.kind', '=', 'message.added')
        .where(sql<boolean>`event.body ->> '$.file.link' IS NOT NULL`)
        .orderBy('event.seq')
        .limit(PAGE_OF_LINKS)
        .execute();
    },
    async requestsAfter(sites, after, limit) {
      const pages = await Promise.all(sites.map((site) => requestsOfSite(site, after, limit)));
      return pages
        .flat()
        .sort((a, b) => a.is_done - b.is_done || b.date - a.date || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map(toRequest);
    },
    async countRequests(sites) {
      const rows = await db
        .selectFrom('request')
        .select(['is_done', (e) => e.fn.countAll<number>().as('count')])
        .where('site', 'in', sites)
        .groupBy('is_done')
        .execute();
      const of = (isDone: number) => rows.find((row) => row.is_done === isDone)?.count ?? 0;
      return { open: of(0), done: of(1) };
    },
    async requests(site, limit) {
      const rows = await db
        .selectFrom('request')
        .selectAll()
        .where('site', '=', site)
        .orderBy('is_done')
        .orderBy('date', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toRequest);
    },
    async requestsOf(site, visitor, after = '') {
      const rows = await db
        .selectFrom('request')
        .selectAll()
        .where('site', '=', site)
        .where('visitor', '=', visitor)
        .where('id', '>', after)
        .orderBy('id')
        .limit(PAGE)
        .execute();
      return rows.map(toRequest);
    },
    async dueJobs(nowMs, limit) {
      const rows = await db
        .selectFrom('job')
        .selectAll()
        .where((e) => e.or([e('run_at_ms', '<=', nowMs), e('run_at_ms', '>', nowMs + LONGEST_JOB_MS)]))
        .orderBy('begun')
        .orderBy('run_at_ms')
        .orderBy('key')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...toJob(row), begun: row.begun }));
    },
    async job(key) {
      const row = await db.selectFrom('job').selectAll().where('key', '=', key).executeTakeFirst();
      return row && toJob(row);
    },
    async jobs(kind, after = '') {
      const rows = await db
        .selectFrom('job')
        .selectAll()
        .where('kind', '=', kind)
        .where('key', '>', after)
        .orderBy('key')
        .limit(PAGE)
        .execute();
      return rows.map(toJob);
    },
    async confirmation(site, visitor, address) {
      const row = await db
        .selectFrom('confirmation')
        .selectAll()
        .where('site', '=', site)
        .where('visitor', '=', visitor)
        .where('address', '=', address)
        .executeTakeFirst();
      return row && { site, visitor, address, uid: row.uid, tries: row.tries, endsMs: row.ends_ms, isConfirmed: row.is_confirmed === 1 };
    },
    async audit({ site, visitor }, limit, before) {
      let rows = db
        .selectFrom('audit')
        .select(['number', 'date', 'site', 'operator', 'visitor', 'deed'])
        .orderBy('number', 'desc')
        .limit(limit);
      if (site !== undefined) rows = rows.where('site', '=', site);
      if (visitor !== undefined) rows = rows.where('visitor', '=', visitor);
      if (before !== undefined) rows = rows.where('number', '<', before);
      return rows.execute();
    },
    countAudit: (of) => countOf('audit', of),
    countLost: (of) => countOf('lost', of),
    async restoredSeq(site, visitor, chat) {
      const row = await db.selectFrom('chat').select(['site', 'visitor', 'restored_seq']).where('id', '=', chat).executeTakeFirst();
      if (row === undefined) return null;
      return row.site === site && row.visitor === visitor ? (row.restored_seq ?? undefined) : undefined;
    },
    async lost({ site, visitor }, limit) {
      let rows = db.selectFrom('lost').selectAll().orderBy('date', 'desc').orderBy('site').orderBy('visitor').orderBy('chat').limit(limit);
      if (site !== undefined) rows = rows.where('site', '=', site);
      if (visitor !== undefined) rows = rows.where('visitor', '=', visitor);
      return rows.execute();
    },
    async chatOfFile({ site, id, createdAt }) {
      const row = await db
        .selectFrom('event')
        .innerJoin('chat', 'chat.id', 'event.chat')
        .selectAll('chat')
        .where('chat.site', '=', site)
        .where('event.date', '>=', createdAt)
        .where('event.kind', '=', 'message.added')
        .where(sql<boolean>`instr(event.body, ${`/${id}/`}) > 0`)
        .limit(1)
        .executeTakeFirst();
      return row && toChat(row);
    },
    async filesBefore(site, before, limit) {
      const rows = await db
        .selectFrom('file')
        .selectAll()
        .where('site', '=', site)
        .where('created_at', '<', before)
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toFile);
    },
    async emptyVisitors(site, before, limit) {
      const rows = await db
        .selectFrom('visitor')
        .select('visitor.id')
        .where('visitor.site', '=', site)
        .where('visitor.created_at', '<', before)
        .where((e) =>
          e.not(e.exists(e.selectFrom('chat').select('chat.id').where('chat.site', '=', site).whereRef('chat.visitor', '=', 'visitor.id'))),
        )
        .where((e) =>
          e.not(
            e.exists(
              e.selectFrom('request').select('request.id').where('request.site', '=', site).whereRef('request.visitor', '=', 'visitor.id'),
            ),
          ),
        )
        .orderBy('visitor.created_at')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },
    async jobsNaming(ids) {
      const rows = await Promise.all(ids.map((id) => db.selectFrom('job').selectAll().where(namesInJob(id)).orderBy('key').execute()));
      return [...new Map(rows.flat().map((row) => [row.key, toJob(row)])).values()];
    },
    spent: (key, afterHour) => db.selectFrom('spent').selectAll().where('key', '=', key).where('hour', '>', afterHour).execute(),
    async newestAt() {
      const [event, reading] = await Promise.all([
        db.selectFrom('event').select('date').orderBy('date', 'desc').limit(1).executeTakeFirst(),
        db.selectFrom('audit').select('date').orderBy('number', 'desc').limit(1).executeTakeFirst(),
      ]);
      const dates = [event, reading].flatMap((row) => row?.date ?? []);
      return dates.length === 0 ? undefined : Math.max(...dates);
    },
    async nextJobAtMs() {
      const row = await db.selectFrom('job').select('run_at_ms').orderBy('run_at_ms').limit(1).executeTakeFirst();
      return row?.run_at_ms;
    },
  };
}

interface BoundedRows {
  rows: EventRow[];
  /** Some were left out because they did not fit. */
  isCut: boolean;
}

/** What an event weighs on the wire: its body, and about as much around it. */
function weightOf(bodyBytes: number): number {
  return bodyBytes + 256;
}

/**
 * Jobs carry what they need in a payload of their own and name visitors, chats and files in it or in their key. Ids are 128
 * bits of chance, so whatever contains one is about it.
 */
export function namesInJob(id: string) {
  return sql<boolean>`instr(key, ${id}) > 0 OR instr(payload, ${id}) > 0`;
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
