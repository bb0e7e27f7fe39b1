/** Sites and their groups, and the embedders that each site has refused. */
import { sql, type Kysely } from 'kysely';
import type { SiteKey, UnixSeconds } from '../../shared/chat.ts';
import { parseSettings, type SiteSettings } from '../../shared/settings.ts';
import { ruled } from './faults.ts';
import { fromJson } from './queries.ts';
import type { Tables } from './tables.ts';

export interface Site {
  key: SiteKey;
  name: string;
  /** Exact origins, scheme and port included, that may embed the frame. */
  origins: string[];
  settings: SiteSettings;
  /** The last embedders that were refused, newest first, for `admin site list`. */
  refused: { origin: string; date: UnixSeconds }[];
}

export interface Group {
  site: SiteKey;
  id: string;
  name: string;
}

/** Reads sites. */
export interface SiteReader {
  sites(): Promise<Site[]>;
  site(key: SiteKey): Promise<Site | undefined>;
  /** Whether the site exists and has an origin. It reads no settings, because every command asks. */
  isOpen(site: SiteKey): Promise<boolean>;
  /** The site's exact origins; none if there is no such site. */
  origins(site: SiteKey): Promise<string[]>;
  groups(site: SiteKey): Promise<Group[]>;
}

/** Changes sites, inside a transaction. */
export interface SiteWriter {
  saveSite(site: Omit<Site, 'refused'>): Promise<void>;
  /** Removes the site with its groups, visitors, chats, sessions, requests, jobs and rows of files (not their bytes). */
  removeSite(key: SiteKey): Promise<void>;
  noteRefused(site: SiteKey, origin: string, date: UnixSeconds): Promise<void>;
  saveGroup(group: Group): Promise<void>;
  /** Chats and requests that name the group keep its id. Does nothing when there is no such group. */
  removeGroup(site: SiteKey, id: string): Promise<void>;
}

/** How many refused embedders each site shows and keeps: enough to see a mistake, too few to fill on purpose. */
export const REFUSED_KEPT = 10;

export function readSites(db: Kysely<Tables>): SiteReader {
  const refusedOf = (site: SiteKey) =>
    db
      .selectFrom('refused_origin')
      .select(['origin', 'date'])
      .where('site', '=', site)
      .orderBy('date', 'desc')
      .orderBy('origin')
      .limit(REFUSED_KEPT)
      .execute();

  async function origins(site: SiteKey): Promise<string[]> {
    const row = await db.selectFrom('site').select('origins').where('key', '=', site).executeTakeFirst();
    return row === undefined ? [] : originsOf(row);
  }

  return {
    async sites() {
      const rows = await db.selectFrom('site').selectAll().orderBy('key').execute();
      return Promise.all(rows.map(async (row) => toSite(row, await refusedOf(row.key))));
    },
    async site(key) {
      const row = await db.selectFrom('site').selectAll().where('key', '=', key).executeTakeFirst();
      return row && toSite(row, await refusedOf(key));
    },
    isOpen: async (site) => (await origins(site)).length > 0,
    origins,
    groups: (site) =>
      db.selectFrom('site_group').select(['site', 'id', 'name']).where('site', '=', site).orderBy('position').orderBy('id').execute(),
  };
}

export function writeSites(db: Kysely<Tables>): SiteWriter {
  return {
    async saveSite(site) {
      const { key, ...rest } = fromSite(site);
      await db
        .insertInto('site')
        .values({ key, ...rest })
        .onConflict((c) => c.column('key').doUpdateSet(rest))
        .execute();
    },
    async removeSite(key) {
      for (const table of ['session', 'file', 'request', 'job', 'command', 'audit'] as const) {
        await db.deleteFrom(table).where('site', '=', key).execute();
      }
      await db.deleteFrom('command').where('owner', '=', key).execute();
      await db.deleteFrom('site').where('key', '=', key).execute();
    },
    async noteRefused(site, origin, date) {
      await ruled(
        db
          .insertInto('refused_origin')
          .values({ site, origin, date })
          .onConflict((c) => c.columns(['site', 'origin']).doUpdateSet({ date }))
          .execute(),
        { foreign: ['not_found', 'There is no such site.'] },
      );
    },
    async saveGroup({ site, id, name }) {
      const { next } = await db
        .selectFrom('site_group')
        .select((e) => e.fn.coalesce(e.fn.max('position'), sql<number>`0`).as('next'))
        .where('site', '=', site)
        .executeTakeFirstOrThrow();
      await ruled(
        db
          .insertInto('site_group')
          .values({ site, id, name, position: next + 1 })
          .onConflict((c) => c.columns(['site', 'id']).doUpdateSet({ name }))
          .execute(),
        { foreign: ['not_found', 'There is no such site.'] },
      );
    },
    async removeGroup(site, id) {
      await db.deleteFrom('site_group').where('site', '=', site).where('id', '=', id).execute();
    },
  };
}

function originsOf(row: Pick<Tables['site'], 'origins'>): string[] {
  return fromJson<string[]>(row.origins);
}

/** Stored settings may be older than the schema: parsing adds the defaults of newer ones. */
function toSite(row: Tables['site'], refused: Site['refused']): Site {
  return {
    key: row.key,
    name: row.name,
    origins: originsOf(row),
    settings: parseSettings(JSON.parse(row.settings)),
    refused,
  };
}

function fromSite(site: Omit<Site, 'refused'>): Tables['site'] {
  return { key: site.key, name: site.name, origins: JSON.stringify(site.origins), settings: JSON.stringify(site.settings) };
}
