/**
 * Access tokens of visitors: a JWT that names visitor, site and session, for ten minutes, signed by this installation. It is
 * worth what its session is worth: each use asks the store whether that still stands. Long tokens, which renew it, are in
 * `visitor-sessions.ts`.
 */
import { SignJWT, jwtVerify } from 'jose';
import type { SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { StoredSession } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';

/** Keeps our tokens apart from any other that might be signed with the same secret. */
const AUDIENCE = 'callgear-visitor';

export interface VisitorAccess {
  site: SiteKey;
  visitor: VisitorId;
  session: string;
  /** When the session ends, unless it is prolonged. The access token itself is asked for once, at the start. */
  endsAt: UnixSeconds;
}

/** What `POST /session` hands out. `refresh` is also the cookie's value. */
export interface VisitorGrant extends VisitorAccess {
  access: string;
  refresh: string;
  expiresIn: number;
}

/** A session that is a visitor's. */
export type VisitorSession = StoredSession & { site: SiteKey; visitor: VisitorId };
/** The same with the long token that its device gets. */
export type TokenSession = VisitorSession & { token: string };

export interface AccessTokens {
  /** The visitor an access token speaks for, while its session lasts and its site is open. */
  access(token: string): Promise<VisitorAccess | undefined>;
  /** The same, whatever has become of the site: for ending the session, which must always be possible. */
  holder(token: string): Promise<VisitorAccess | undefined>;
}

/** Makes the tokens, too. */
export interface AccessIssuer extends AccessTokens {
  grant(session: TokenSession): Promise<VisitorGrant>;
}

export interface AccessOptions {
  store: Pick<Store, 'secret' | 'session' | 'isOpen'>;
  clock: Pick<Clock, 'nowMs' | 'nowSeconds'>;
  /** How long a token lasts. */
  accessMs: number;
}

export function createAccess({ store, clock, accessMs }: AccessOptions): AccessIssuer {
  const accessSeconds = Math.max(1, Math.floor(accessMs / 1000));

  async function claimsOf(token: string): Promise<Omit<VisitorAccess, 'endsAt'> | undefined> {
    try {
      const { payload } = await jwtVerify(token, store.secret, {
        algorithms: ['HS256'],
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(clock.nowMs()),
      });
      const { sub, sid, site } = payload;
      return typeof sub === 'string' && typeof sid === 'string' && typeof site === 'string'
        ? { site, visitor: sub, session: sid }
        : undefined;
    } catch {
      return undefined;
    }
  }

  async function holder(token: string): Promise<VisitorAccess | undefined> {
    const claims = await claimsOf(token);
    if (claims === undefined) return undefined;
    // The token outlives neither a withdrawal nor an erasure.
    const session = await store.session(claims.session, clock.nowSeconds());
    if (session?.visitor !== claims.visitor || session.site !== claims.site) return undefined;
    return { ...claims, endsAt: session.expiresAt };
  }

  return {
    holder,
    async access(token) {
      const access = await holder(token);
      return access !== undefined && (await store.isOpen(access.site)) ? access : undefined;
    },
    async grant({ id, site, visitor, expiresAt, token }: TokenSession): Promise<VisitorGrant> {
      const now = clock.nowSeconds();
      const access = await new SignJWT({ sid: id, site })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(visitor)
        .setAudience(AUDIENCE)
        .setIssuedAt(now)
        .setExpirationTime(now + accessSeconds)
        .sign(store.secret);
      return { site, visitor, session: id, endsAt: expiresAt, access, refresh: token, expiresIn: accessSeconds };
    },
  };
}
