/** Requests that visitors leave when nobody answers: a message, a wish to be called. */
import type { Kysely } from 'kysely';
import type { AlternateWay, OfflineRequest, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { MissedChat, RequestCounts, RequestCursor } from '../../shared/wire/workplace.ts';
import { PAGE, fromJson, isAmong, type Sites } from './queries.ts';
import type { RequestRow, Tables } from './tables.ts';

export interface StoredRequest {
  id: string;
  site: SiteKey;
  visitor: VisitorId | null;
  date: UnixSeconds;
  way: AlternateWay;
  request: OfflineRequest;
  isDone: boolean;
  missed?: MissedChat;
}

/** Reads requests. */
export interface RequestReader {
  /** Requests of some sites after a cursor (from the beginning, if `null`): open ones first, then newest first. */
  requestsAfter(sites: readonly SiteKey[], after: RequestCursor | null, limit: number): Promise<StoredRequest[]>;
  countRequests(sites: readonly SiteKey[]): Promise<RequestCounts>;
  requestAmong(sites: Sites, id: string): Promise<StoredRequest | undefined>;
  /** Open ones first, then newest first. */
  requests(site: SiteKey, limit: number): Promise<StoredRequest[]>;
  /** Requests of a visitor by id, a page at a time. */
  requestsOf(site: SiteKey, visitor: VisitorId, after?: string): Promise<StoredRequest[]>;
}

/** Changes requests, inside a transaction. */
export interface RequestWriter {
  saveRequest(request: StoredRequest): Promise<void>;
  finishRequest(site: SiteKey, id: string): Promise<StoredRequest | undefined>;
}

export function readRequests(db: Kysely<Tables>): RequestReader {
  /** First the rest of the kind (open or done) that the cursor is in, then the other. Each walks the index from there on. */
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

  return {
    async requestsAfter(sites, after, limit) {
      const pages = await Promise.all(sites.map((site) => requestsOfSite(site, after, limit)));
      return pages
        .flat()
        .sort((a, b) => a.is_done - b.is_done || b.date - a.date || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map(toRequest);
    },
    async requestAmong(sites, id) {
      const row = await db.selectFrom('request').selectAll().where('id', '=', id).executeTakeFirst();
      return row && isAmong(sites, row) ? toRequest(row) : undefined;
    },
    async countRequests(sites) {
      // PostgreSQL knows no empty list.
      if (sites.length === 0) return { open: 0, done: 0 };
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
  };
}

export function writeRequests(db: Kysely<Tables>): RequestWriter {
  return {
    async saveRequest(request) {
      const { id, ...rest } = fromRequest(request);
      await db
        .insertInto('request')
        .values({ id, ...rest })
        .onConflict((c) => c.column('id').doUpdateSet(rest))
        .execute();
    },
    async finishRequest(site, id) {
      const row = await db
        .updateTable('request')
        .set({ is_done: 1 })
        .where('site', '=', site)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row && toRequest(row);
    },
  };
}

function toRequest(row: RequestRow): StoredRequest {
  const { is_done, request, missed, ...rest } = row;
  return {
    ...rest,
    request: fromJson<StoredRequest['request']>(request),
    isDone: is_done === 1,
    ...(missed !== null && { missed: fromJson<NonNullable<StoredRequest['missed']>>(missed) }),
  };
}

function fromRequest(stored: StoredRequest): RequestRow {
  const { isDone, request, missed, ...rest } = stored;
  return {
    ...rest,
    request: JSON.stringify(request),
    is_done: isDone ? 1 : 0,
    missed: missed === undefined ? null : JSON.stringify(missed),
  };
}
