/** The audit: who has read or exported what a visitor wrote. */
import type { Kysely } from 'kysely';
import type { OperatorId, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { countOf } from './queries.ts';
import type { Tables } from './tables.ts';

/**
 * Somebody has read or exported what a visitor wrote. `open`: a conversation; `history`: a page further back; `requests`:
 * the requests of a site; `file`: a file of a chat; `export`, `erase`: everything about a visitor.
 */
export interface AuditEntry {
  date: UnixSeconds;
  site: SiteKey;
  /** `null`: the admin command. */
  operator: OperatorId | null;
  /** `null`: nobody in particular, or erased since. */
  visitor: VisitorId | null;
  deed: 'open' | 'history' | 'requests' | 'file' | 'export' | 'erase';
}

/** Reads audit. */
export interface AuditReader {
  /** Rows numbered below `before`, newest first; of one site or visitor, or of all. */
  audit(of: { site?: SiteKey; visitor?: VisitorId }, limit: number, before?: number): Promise<(AuditEntry & { number: number })[]>;
  countAudit(of: { site?: SiteKey; visitor?: VisitorId }): Promise<number>;
}

/** Changes audit, inside a transaction. */
export interface AuditWriter {
  /** Adds a row. */
  note(entry: AuditEntry): Promise<void>;
}

export function readAudit(db: Kysely<Tables>): AuditReader {
  return {
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
    countAudit: (of) => countOf(db, 'audit', of),
  };
}

export function writeAudit(db: Kysely<Tables>): AuditWriter {
  return {
    async note(entry) {
      await db.insertInto('audit').values(entry).execute();
    },
  };
}
