/** Sessions of visitors and operators, and failed tries to open one. */
import type { Kysely } from 'kysely';
import type { OperatorId, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { fromJson } from './queries.ts';
import type { SessionRow, Tables } from './tables.ts';

/** A session of a visitor or operator. It stores only the SHA-256 of its token. */
export interface StoredSession {
  id: string;
  tokenHash: string;
  site: SiteKey | null;
  visitor: VisitorId | null;
  operator: OperatorId | null;
  csrf: string;
  expiresAt: UnixSeconds;
  /** An operator's session: until when use can prolong it. Absent: not at all. */
  lastsUntil?: UnixSeconds;
  /** A visitor's session: the line of its tokens. Absent in sessions from before there were lines. */
  refresh?: RefreshLine;
}

/** The line of a visitor's refresh tokens. The present one's hash is the session's `tokenHash`. */
export interface RefreshLine {
  /** All tokens of the line begin with this. No page ever gets it by itself. */
  family: string;
  issuedAt: UnixSeconds;
  /** Hashes of earlier tokens that are still good, because no later one has been used yet. */
  superseded: string[];
  /** When tokens last went out of use; 0 if none did. */
  retiredAt: UnixSeconds;
}

/** How many tries of a password failed, and when the next try is checked. */
export interface LoginTries {
  failures: number;
  nextAtMs: number;
  /** Until then the address behind the key counts as known: the right password came from there. */
  knownUntilMs: number;
}

/** Reads sessions. */
export interface SessionReader {
  /** The unexpired session of a token. */
  sessionByToken(tokenHash: string, now: UnixSeconds): Promise<StoredSession | undefined>;
  session(id: string, now: UnixSeconds): Promise<StoredSession | undefined>;
  /** The unexpired session whose tokens begin with this. */
  sessionByFamily(family: string, now: UnixSeconds): Promise<StoredSession | undefined>;
  sessionsOf(site: SiteKey, visitor: VisitorId): Promise<StoredSession[]>;
  /** When the last unexpired session of an operator ends; `undefined` if there is none. */
  operatorSessionsEnd(operator: OperatorId, now: UnixSeconds): Promise<UnixSeconds | undefined>;
  loginTries(key: string): Promise<LoginTries | undefined>;
}

/** Changes sessions, inside a transaction. */
export interface SessionWriter {
  saveSession(session: StoredSession): Promise<void>;
  removeSession(id: string): Promise<void>;
  removeSessionsOf(owner: { operator: OperatorId } | { visitor: VisitorId }): Promise<void>;
  saveLoginTries(key: string, tries: LoginTries): Promise<void>;
}

export function readSessions(db: Kysely<Tables>): SessionReader {
  return {
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
    async loginTries(key) {
      const row = await db.selectFrom('login_tries').selectAll().where('key', '=', key).executeTakeFirst();
      return row && { failures: row.failures, nextAtMs: row.next_at_ms, knownUntilMs: row.known_until_ms };
    },
  };
}

export function writeSessions(db: Kysely<Tables>): SessionWriter {
  return {
    async saveSession(session) {
      const { id, ...rest } = fromSession(session);
      await db
        .insertInto('session')
        .values({ id, ...rest })
        .onConflict((c) => c.column('id').doUpdateSet(rest))
        .execute();
    },
    async removeSession(id) {
      await db.deleteFrom('session').where('id', '=', id).execute();
    },
    async removeSessionsOf(owner) {
      const sessions = db.deleteFrom('session');
      await (
        'operator' in owner ? sessions.where('operator', '=', owner.operator) : sessions.where('visitor', '=', owner.visitor)
      ).execute();
    },
    async saveLoginTries(key, { failures, nextAtMs, knownUntilMs }) {
      const rest = { failures, next_at_ms: Math.round(nextAtMs), known_until_ms: Math.round(knownUntilMs) };
      await db
        .insertInto('login_tries')
        .values({ key, ...rest })
        .onConflict((c) => c.column('key').doUpdateSet(rest))
        .execute();
    },
  };
}

function toSession(row: SessionRow): StoredSession {
  return {
    id: row.id,
    tokenHash: row.token_hash,
    site: row.site,
    visitor: row.visitor,
    operator: row.operator,
    csrf: row.csrf,
    expiresAt: row.expires_at,
    ...(row.lasts_until !== null && { lastsUntil: row.lasts_until }),
    ...(row.refresh !== null && { refresh: fromJson<RefreshLine>(row.refresh) }),
  };
}

function fromSession(session: StoredSession): SessionRow {
  return {
    id: session.id,
    token_hash: session.tokenHash,
    site: session.site,
    visitor: session.visitor,
    operator: session.operator,
    csrf: session.csrf,
    expires_at: session.expiresAt,
    family: session.refresh?.family ?? null,
    refresh: session.refresh === undefined ? null : JSON.stringify(session.refresh),
    lasts_until: session.lastsUntil ?? null,
  };
}
