/** What the queries of several nouns share. It knows no noun. */
import type { Kysely } from 'kysely';
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import type { Tables } from './tables.ts';

/** Rows of one page, where anybody could have stored any number of them. */
export const PAGE = 500;

/** The sites that somebody serves: these, or every one. */
export type Sites = readonly SiteKey[] | 'all';

/** One statement for every number of sites: whoever may not see the row never gets it. */
export function isAmong(sites: Sites, { site }: { site: SiteKey }): boolean {
  return sites === 'all' || sites.includes(site);
}

/** The edge to the database: this program itself wrote every JSON column. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

/**
 * What ON CONFLICT DO NOTHING has stored. Where it has stored nothing, no statement has failed: the work may refuse this, and go on.
 * @throws ChatError
 */
export function stored<T>(row: T | undefined, code: ErrorCode, message: string): T {
  if (row === undefined) throw new ChatError(code, message);
  return row;
}

/** Counts the rows of one site or visitor, or all of them. */
export async function countOf(
  db: Kysely<Tables>,
  table: 'audit' | 'lost',
  { site, visitor }: { site?: SiteKey; visitor?: VisitorId },
): Promise<number> {
  let rows = db.selectFrom(table).select((e) => e.fn.countAll<number>().as('count'));
  if (site !== undefined) rows = rows.where('site', '=', site);
  if (visitor !== undefined) rows = rows.where('visitor', '=', visitor);
  return (await rows.executeTakeFirstOrThrow()).count;
}
