/**
 * Who somebody is: visitors by a short access token that a longer one (cookie or refresh token) renews, operators by a cookie.
 * Only the SHA-256 of a long token is stored. It decides nothing about what they may do, and it sets no header: routes
 * carry cookies, the gateway asks here for the first frame of a socket.
 *
 * Absent, expired, revoked and foreign all give the same `undefined`.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import type { SiteKey, UnixSeconds, VisitorId } from '../shared/chat.ts';
import type { Clock } from './clock.ts';
import type { Limits } from './config.ts';
import type { LoginDelay } from './login.ts';
import { verifyPassword } from './password.ts';
import type { Operator, Store, StoredSession } from './store/store.ts';

/** How long a visitor is recognised after the last visit, and how long an operator stays signed in. */
export const VISITOR_SESSION_SECONDS = 180 * 24 * 3600;
export const OPERATOR_SESSION_SECONDS = 12 * 3600;
/** A visitor's session is prolonged at most once in this time, so that not every page view writes. */
const PROLONG_AFTER_SECONDS = 24 * 3600;
/** Keeps our tokens apart from any other that might be signed with the same secret. */
const AUDIENCE = 'callgear-visitor';

export interface VisitorAccess {
  site: SiteKey;
  visitor: VisitorId;
  session: string;
  /** When the session ends, unless it is prolonged. The access token itself is only asked for at a door. */
  endsAt: UnixSeconds;
}

export interface OperatorAccess {
  operator: Operator;
  session: string;
  endsAt: UnixSeconds;
  csrf: string;
}

/** What `POST /session` hands out. `refresh` is also the cookie's value. */
export interface VisitorGrant extends VisitorAccess {
  access: string;
  refresh: string;
  expiresIn: number;
}

export type LoginResult =
  | { result: 'welcome'; access: OperatorAccess; token: string }
  | { result: 'refused' }
  | { result: 'later'; retryAfterMs: number };

export interface Auth {
  /** The visitor an access token speaks for, while its session lasts. */
  access(token: string): Promise<VisitorAccess | undefined>;
  /** The operator of a `Cookie` header. */
  operator(cookieHeader: string | undefined): Promise<OperatorAccess | undefined>;
  /** The visitor that one of these long tokens belongs to on this site; the first that does counts. */
  resume(site: SiteKey, tokens: readonly string[]): Promise<VisitorGrant | undefined>;
  /** A new visitor, who has just acted for the first time. */
  enter(site: SiteKey): Promise<VisitorGrant>;
  login(email: string, password: string, address: string): Promise<LoginResult>;
  /** Ends a session of either kind. */
  end(session: string): Promise<void>;
}

export interface AuthOptions {
  store: Store;
  clock: Clock;
  delay: LoginDelay;
  limits: Limits;
}

export function createAuth({ store, clock, delay, limits }: AuthOptions): Auth {
  const accessSeconds = Math.max(1, Math.floor(limits.timing.accessMs / 1000));

  async function grant(session: StoredSession, site: SiteKey, visitor: VisitorId, token: string): Promise<VisitorGrant> {
    const now = clock.nowSeconds();
    const access = await new SignJWT({ sid: session.id, site })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(visitor)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(now + accessSeconds)
      .sign(store.secret);
    return { site, visitor, session: session.id, endsAt: session.expiresAt, access, refresh: token, expiresIn: accessSeconds };
  }

  async function claimsOf(token: string): Promise<Omit<VisitorAccess, 'endsAt'> | undefined> {
    try {
      const { payload } = await jwtVerify(token, store.secret, {
        algorithms: ['HS256'],
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(clock.nowMs()),
      });
      const { sub, sid, site } = payload;
      return typeof sub === 'string' && typeof sid === 'string' && typeof site === 'string' ? { site, visitor: sub, session: sid } : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    async access(token) {
      const claims = await claimsOf(token);
      if (claims === undefined) return undefined;
      // The token outlives neither a withdrawal nor an erasure.
      const session = await store.session(claims.session, clock.nowSeconds());
      if (session?.visitor !== claims.visitor || session.site !== claims.site) return undefined;
      return { ...claims, endsAt: session.expiresAt };
    },

    async operator(cookieHeader) {
      const token = readCookie(cookieHeader, OPERATOR_COOKIE);
      if (token === undefined) return undefined;
      const session = await store.sessionByToken(hashToken(token), clock.nowSeconds());
      if (session === undefined || session.operator === null) return undefined;
      const operator = await store.operator(session.operator);
      return operator === undefined || operator.isRevoked ? undefined : { operator, session: session.id, endsAt: session.expiresAt, csrf: session.csrf };
    },

    async resume(site, tokens) {
      const now = clock.nowSeconds();
      for (const token of tokens) {
        const session = await store.sessionByToken(hashToken(token), now);
        if (session === undefined || session.visitor === null || session.site !== site) continue;
        if ((await store.visitor(site, session.visitor)) === undefined) continue;
        const expiresAt = now + VISITOR_SESSION_SECONDS;
        if (session.expiresAt >= expiresAt - PROLONG_AFTER_SECONDS) return grant(session, site, session.visitor, token);
        const prolonged = { ...session, expiresAt };
        await store.transact((tx) => tx.saveSession(prolonged));
        return grant(prolonged, site, session.visitor, token);
      }
      return undefined;
    },

    async enter(site) {
      const now = clock.nowSeconds();
      const visitor = newId();
      const token = newToken();
      const session: StoredSession = {
        id: newId(), tokenHash: hashToken(token), site, visitor, operator: null, csrf: '', expiresAt: now + VISITOR_SESSION_SECONDS,
      };
      await store.transact(async (tx) => {
        await tx.createVisitor({ id: visitor, site, card: {}, invite: null, createdAt: now });
        await tx.saveSession(session);
      });
      return grant(session, site, visitor, token);
    },

    async login(email, password, address) {
      const account = email.trim().toLowerCase();
      const retryAfterMs = await delay.take(account, address);
      if (retryAfterMs !== undefined) return { result: 'later', retryAfterMs };
      const operator = await store.operatorByEmail(account);
      // Checked also for an account that does not exist or was revoked: the answer must take the same time.
      const isRight = await verifyPassword(operator?.isRevoked === false ? operator.passwordHash : undefined, password);
      if (!isRight || operator === undefined) return { result: 'refused' };
      await delay.clear(account, address);
      const token = newToken();
      const session: StoredSession = {
        id: newId(), tokenHash: hashToken(token), site: null, visitor: null, operator: operator.id, csrf: newToken(),
        expiresAt: clock.nowSeconds() + OPERATOR_SESSION_SECONDS,
      };
      await store.transact((tx) => tx.saveSession(session));
      return { result: 'welcome', access: { operator, session: session.id, endsAt: session.expiresAt, csrf: session.csrf }, token };
    },

    end: (session) => store.transact((tx) => tx.removeSession(session)),
  };
}

// ── tokens and cookies ────────────────────────────────────────────────────────────────────────────────────────────

/** `__Host-`: https (or a local machine) only, this host only, whole host. */
export const OPERATOR_COOKIE = '__Host-op';
export const visitorCookie = (site: SiteKey) => `__Host-v-${site}`;

/** 128 bits of chance, in characters that a command line takes as an argument without ado. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** 256 bits of chance. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares secrets without telling by time how much of them is right. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

/** The value of the one cookie of this name. Ours hold no character that is ever quoted or escaped. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || undefined;
  }
  return undefined;
}
