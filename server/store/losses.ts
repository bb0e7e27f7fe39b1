/** What a restore has lost, as returning clients show. */
import { sql, type Kysely } from 'kysely';
import type { ChatId, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { larger } from './dialect.ts';
import { countOf } from './queries.ts';
import type { Tables } from './tables.ts';

/** A chat in which a client saw more events before a restore than the restored database holds. */
export interface Lost {
  site: SiteKey;
  visitor: VisitorId;
  chat: ChatId;
  /** The last seq of the restored chat; `null` if there is no such chat. */
  stored: number | null;
  /** The last seq that the client says it saw. */
  claimed: number;
  date: UnixSeconds;
}

/** Reads losses. */
export interface LossReader {
  /**
   * The last seq of this visitor's chat when the database was restored; `null` if there is no such chat now, `undefined` if it
   * is another visitor's or has begun since.
   */
  restoredSeq(site: SiteKey, visitor: VisitorId, chat: ChatId): Promise<number | null | undefined>;
  /** What a restore has lost, as clients report, newest first; of one site or visitor, or of all. */
  lost(of: { site?: SiteKey; visitor?: VisitorId }, limit: number): Promise<Lost[]>;
  countLost(of: { site?: SiteKey; visitor?: VisitorId }): Promise<number>;
}

/** Changes losses, inside a transaction. */
export interface LossWriter {
  /** Notes the highest claim for a chat. `false` if the chat was noted before, or there is no room for more. */
  noteLost(lost: Lost, room: { perVisitor: number; most: number }): Promise<boolean>;
}

export function readLosses(db: Kysely<Tables>): LossReader {
  return {
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
    countLost: (of) => countOf(db, 'lost', of),
  };
}

export function writeLosses(db: Kysely<Tables>): LossWriter {
  return {
    async noteLost(entry, room) {
      const own = await db.selectFrom('lost').selectAll().where('site', '=', entry.site).where('visitor', '=', entry.visitor).execute();
      if (own.some(({ chat }) => chat === entry.chat)) {
        await db
          .updateTable('lost')
          .set({ claimed: larger(db, sql.ref('lost.claimed'), entry.claimed) })
          .where('site', '=', entry.site)
          .where('visitor', '=', entry.visitor)
          .where('chat', '=', entry.chat)
          .execute();
        return false;
      }
      const { count } = await db
        .selectFrom('lost')
        .select((e) => e.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      if (own.length >= room.perVisitor || count >= room.most) return false;
      await db.insertInto('lost').values(entry).execute();
      return true;
    },
  };
}
