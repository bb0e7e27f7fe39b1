/** What senders have used up: caps in a sliding window, and bytes per hour. */
import { sql, type Kysely } from 'kysely';
import { hold } from './dialect.ts';
import type { Tables } from './tables.ts';

/** How often something may happen in a sliding window. The key is stored, so it says no more than it must. */
export interface Cap {
  key: string;
  most: number;
  windowMs: number;
}

/** What a sender has had stored in one hour. The key is a keyed hash. */
export interface Spent {
  key: string;
  /** Hours since 1970. */
  hour: number;
  bytes: number;
  count: number;
}

/** Reads quotas. */
export interface QuotaReader {
  /** The rows of the hours after this one. */
  spent(key: string, afterHour: number): Promise<Spent[]>;
}

/** Changes quotas, inside a transaction. */
export interface QuotaWriter {
  /** Takes one from every cap, or from none if one of them is used up. */
  takeCaps(caps: readonly Cap[], nowMs: number): Promise<boolean>;
  /** Adds to the rows that are there. */
  addSpent(rows: readonly Spent[]): Promise<void>;
}

/** Clocks are corrected by seconds, too. */
const SLACK_MS = 60_000;

export function readQuotas(db: Kysely<Tables>): QuotaReader {
  return {
    spent: (key, afterHour) => db.selectFrom('spent').selectAll().where('key', '=', key).where('hour', '>', afterHour).execute(),
  };
}

export function writeQuotas(db: Kysely<Tables>): QuotaWriter {
  return {
    async takeCaps(caps, nowMs) {
      await hold(
        db,
        caps.map(({ key }) => `cap:${key}`),
      );
      for (const { key, most, windowMs } of caps) {
        const { count } = await db
          .selectFrom('taken')
          .select((e) => e.fn.countAll<number>().as('count'))
          .where('key', '=', key)
          .where('ends_ms', '>', nowMs)
          // Nothing lasts longer than its window: a clock that was ahead wrote such a row.
          .where('ends_ms', '<=', nowMs + windowMs + SLACK_MS)
          .executeTakeFirstOrThrow();
        if (count >= most) return false;
      }
      for (const { key, windowMs } of caps)
        await db
          .insertInto('taken')
          .values({ key, ends_ms: Math.round(nowMs + windowMs) })
          .execute();
      return true;
    },
    async addSpent(rows) {
      for (const { key, hour, bytes, count } of rows) {
        await db
          .insertInto('spent')
          .values({ key, hour, bytes, count })
          .onConflict((c) =>
            c
              .columns(['key', 'hour'])
              .doUpdateSet({ bytes: sql<number>`spent.bytes + ${bytes}`, count: sql<number>`spent.count + ${count}` }),
          )
          .execute();
      }
    },
  };
}
