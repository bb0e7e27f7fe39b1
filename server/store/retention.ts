/** Removal of rows whose time is over: those that all sites share, and those of a site past their period. */
import { sql, type Kysely } from 'kysely';
import type { SiteKey, UnixSeconds } from '../../shared/chat.ts';
import { REFUSED_KEPT } from './sites.ts';
import type { Tables } from './tables.ts';

/** What removal must know. */
export interface RetentionReader {
  /** The date of the newest row; `undefined` if there is none. */
  newestAt(): Promise<UnixSeconds | undefined>;
}

/** Removes, inside a transaction. */
export interface RetentionWriter {
  /**
   * Removes what all sites share and time has ended: sessions, caps, delays of sign-ins, embedders refused before that moment. Of
   * delays and embedders only so many are kept, or an attacker could fill the database. Nobody reads by whether this has run.
   */
  purgeShared(now: { seconds: UnixSeconds; ms: number }, before: { refused: UnixSeconds; tries: number }): Promise<void>;
  /** Removes a site's requests, audit rows and undelivered mails from before these moments. */
  purgeRest(site: SiteKey, before: { requests: UnixSeconds; audit: UnixSeconds; mails: UnixSeconds }): Promise<void>;
}

const DAY_MS = 24 * 3_600_000;
/** Of more delays of sign-ins the longest past are forgotten. */
const TRIES_KEPT = 10_000;

export function readRetention(db: Kysely<Tables>): RetentionReader {
  return {
    async newestAt() {
      const [event, reading] = await Promise.all([
        db.selectFrom('event').select('date').orderBy('date', 'desc').limit(1).executeTakeFirst(),
        db.selectFrom('audit').select('date').orderBy('number', 'desc').limit(1).executeTakeFirst(),
      ]);
      const dates = [event, reading].flatMap((row) => row?.date ?? []);
      return dates.length === 0 ? undefined : Math.max(...dates);
    },
  };
}

export function writeRetention(db: Kysely<Tables>): RetentionWriter {
  return {
    async purgeShared(now, before) {
      await db.deleteFrom('session').where('expires_at', '<=', now.seconds).execute();
      await db.deleteFrom('identity_use').where('ends_ms', '<=', now.ms).execute();
      await db.deleteFrom('taken').where('ends_ms', '<=', now.ms).execute();
      await db
        .deleteFrom('spent')
        .where('hour', '<=', Math.floor(now.ms / 3_600_000) - 24)
        .execute();
      await db.deleteFrom('login_tries').where('next_at_ms', '<', before.tries).where('known_until_ms', '<=', now.ms).execute();
      await db
        .deleteFrom('taken')
        .where('ends_ms', '>', now.ms + 2 * DAY_MS)
        .execute();
      const newest = db.selectFrom('login_tries').select('key').orderBy('next_at_ms', 'desc').orderBy('key').limit(TRIES_KEPT);
      await db.deleteFrom('login_tries').where('key', 'not in', newest).execute();
      await db.deleteFrom('refused_origin').where('date', '<', before.refused).execute();
      const ranked = db
        .selectFrom('refused_origin')
        .select(['site', 'origin'])
        .select((e) =>
          e.fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('site').orderBy('date', 'desc').orderBy('origin'))
            .as('rank'),
        );
      const surplus = db.selectFrom(ranked.as('ranked')).select(['site', 'origin']).where('rank', '>', REFUSED_KEPT);
      await db
        .deleteFrom('refused_origin')
        .where(sql<boolean>`(site, origin) IN ${surplus}`)
        .execute();
      await db.deleteFrom('confirmation').where('is_confirmed', '=', 0).where('ends_ms', '<=', now.ms).execute();
    },
    async purgeRest(site, { requests, audit, mails }) {
      await db.deleteFrom('request').where('site', '=', site).where('date', '<', requests).execute();
      for (const table of ['audit', 'lost'] as const)
        await db.deleteFrom(table).where('site', '=', site).where('date', '<', audit).execute();
      await db
        .deleteFrom('job')
        .where('site', '=', site)
        .where('kind', '=', 'mail')
        .where('run_at_ms', '<', mails * 1000)
        .execute();
    },
  };
}
