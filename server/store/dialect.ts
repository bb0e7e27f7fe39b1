/**
 * The few pieces of SQL in which the two databases differ. Everything else is said once, by the query builder, in what both
 * understand alike.
 */
import { PostgresAdapter, sql, type Expression, type Kysely, type RawBuilder } from 'kysely';
import { lockNumber } from './lock-number.ts';
import type { Tables } from './tables.ts';

function isPostgres(db: Kysely<Tables>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

type Operand = Expression<number> | number;

/** The larger of two numbers. */
export function larger(db: Kysely<Tables>, one: Operand, other: Operand): RawBuilder<number> {
  return isPostgres(db) ? sql`greatest(${one}, ${other})` : sql`max(${one}, ${other})`;
}

/** The smaller of two numbers. */
export function smaller(db: Kysely<Tables>, one: Operand, other: Operand): RawBuilder<number> {
  return isPostgres(db) ? sql`least(${one}, ${other})` : sql`min(${one}, ${other})`;
}

/**
 * Until the commit nobody else has these, whatever they mean. For keys that a work learns of only on its way: they come after all its
 * locks, and all at once, so that no two works wait for each other. SQLite's one writer has everything.
 */
export async function hold(db: Kysely<Tables>, keys: readonly string[]): Promise<void> {
  if (!isPostgres(db)) return;
  for (const key of [...new Set(keys)].sort()) await sql`SELECT pg_advisory_xact_lock(${lockNumber(key)})`.execute(db);
}
