/** Identities that a customer's server has signed: the keys of a site, and which visitor bears which name. */
import type { Kysely } from 'kysely';
import type { SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { ruled } from './faults.ts';
import { fromJson, stored } from './queries.ts';
import type { Tables } from './tables.ts';

/** A key of the customer's server, for tokens that say who a visitor is. The algorithm belongs to the key. */
export interface IdentityKey {
  site: SiteKey;
  kid: string;
  alg: 'HS256' | 'ES256';
  /** The shared secret, or the public key as PEM. */
  key: string;
  createdAt: UnixSeconds;
}

/** The use of a customer's token. A device that shows one of these hashes again is the one that got the answer. */
export interface IdentityUse {
  /** A keyed hash. */
  token: string;
  session: string;
  proofs: string[];
  endsMs: number;
}

/** Reads identities. */
export interface IdentityReader {
  identityKeys(site: SiteKey): Promise<IdentityKey[]>;
  /** The visitor whom signed tokens call by this subject (a hash of it). */
  identified(site: SiteKey, subject: string): Promise<VisitorId | undefined>;
  /** Since when a visitor has been known by a signed token. */
  identifiedSince(site: SiteKey, visitor: VisitorId): Promise<UnixSeconds | undefined>;
  /** Until it ends, or its session does. */
  identityUse(token: string, nowMs: number): Promise<IdentityUse | undefined>;
}

/** Changes identities, inside a transaction. */
export interface IdentityWriter {
  saveIdentityKey(key: IdentityKey): Promise<void>;
  /** `false` if there is no such key. */
  removeIdentityKey(site: SiteKey, kid: string): Promise<boolean>;
  /** From now on this subject is this visitor. @throws ChatError `already_taken` if either belongs to another */
  identify(site: SiteKey, subject: string, visitor: VisitorId, since: UnixSeconds): Promise<void>;
  saveIdentityUse(use: IdentityUse): Promise<void>;
}

export function readIdentities(db: Kysely<Tables>): IdentityReader {
  return {
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
  };
}

export function writeIdentities(db: Kysely<Tables>): IdentityWriter {
  return {
    async saveIdentityKey({ createdAt, ...key }) {
      const row = await ruled(
        db
          .insertInto('identity_key')
          .values({ ...key, created_at: createdAt })
          .onConflict((c) => c.doNothing())
          .returning('kid')
          .executeTakeFirst(),
        { foreign: ['not_found', 'There is no such site.'] },
      );
      stored(row, 'already_taken', `There is a key ${key.kid} already.`);
    },
    async removeIdentityKey(site, kid) {
      const { numDeletedRows } = await db
        .deleteFrom('identity_key')
        .where('site', '=', site)
        .where('kid', '=', kid)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async identify(site, subject, visitor, since) {
      const row = await ruled(
        db
          .insertInto('identity')
          .values({ site, subject, visitor, since })
          .onConflict((c) => c.doNothing())
          .returning('subject')
          .executeTakeFirst(),
        { foreign: ['not_found', 'There is no such visitor.'] },
      );
      stored(row, 'already_taken', 'This visitor or this subject is identified otherwise.');
    },
    async saveIdentityUse({ token, session, proofs, endsMs }) {
      const rest = { session, proofs: JSON.stringify(proofs), ends_ms: Math.round(endsMs) };
      await db
        .insertInto('identity_use')
        .values({ token, ...rest })
        .onConflict((c) => c.column('token').doUpdateSet(rest))
        .execute();
    },
  };
}

function toIdentityUse({ token, session, proofs, ends_ms }: Tables['identity_use']): IdentityUse {
  return { token, session, proofs: fromJson<string[]>(proofs), endsMs: ends_ms };
}
