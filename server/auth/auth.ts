/**
 * Who somebody is: visitors by a short access token that a longer one (cookie or refresh token) renews, operators by a cookie.
 * Only the SHA-256 of a long token is stored. It decides nothing about what they may do, and it sets no header: routes
 * carry cookies, the gateway asks here for the first frame of a socket.
 *
 * Absent, expired, revoked and foreign all give the same `undefined`.
 *
 * A visitor whom the customer's server has named by a signed token is the same visitor on every device: the device goes over
 * to the visitor who bears that name. What was said before under another visitor stays where it was said; a shared device
 * must not carry one person's words into another one's history.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import cookies from '@fastify/cookie';
import { SignJWT, jwtVerify } from 'jose';
import type { SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../config.ts';
import { createFairQueue } from '../limits/fair-queue.ts';
import { hashName, judgeIdentity } from './identity.ts';
import type { LoginDelay } from './login.ts';
import { confirmationKey } from '../mail/code.ts';
import { verifyPassword } from './password.ts';
import { familyOf, hashToken, isSettled, meaningOf, newId, newLine, newRefresh, newToken, turned, used } from './refresh.ts';
import type { Operator } from '../store/operators.ts';
import type { StoredSession } from '../store/sessions.ts';
import type { Reader, Store, Transaction } from '../store/store.ts';

export { hashToken, newId, newToken } from './refresh.ts';

/** How long a visitor is recognised after the last visit, and how long an operator stays signed in at most. */
export const VISITOR_SESSION_SECONDS = 180 * 24 * 3600;
export const OPERATOR_SESSION_SECONDS = 12 * 3600;
/** Keeps our tokens apart from any other that might be signed with the same secret. */
const AUDIENCE = 'callgear-visitor';
export const TOO_MANY_NEW = 'Too many visitors are new on this site. Try again in a moment.';

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

/** What became of long tokens that were handed in. */
export interface Resumed {
  /** The visitor they belong to; `undefined` for nobody. */
  grant: VisitorGrant | undefined;
  /** Sessions that ended over it: their sockets are to be closed. */
  ended: string[];
}

export type IdentifyResult =
  | { result: 'welcome'; grant: VisitorGrant; ended: string[] }
  /** The site has no keys. */
  | { result: 'disabled' }
  /** `reason` is for the log, never for the page. */
  | { result: 'refused'; reason: string }
  /** The device is in a chat, which would be lost to it. */
  | { result: 'busy' };

export type LoginResult =
  { result: 'welcome'; access: OperatorAccess; token: string } | { result: 'refused' } | { result: 'later'; retryAfterMs: number };

export interface Auth {
  /** The visitor an access token speaks for, while its session lasts and its site is open. */
  access(token: string): Promise<VisitorAccess | undefined>;
  /** The same, whatever has become of the site: for ending the session, which must always be possible. */
  holder(token: string): Promise<VisitorAccess | undefined>;
  /** The operator of a `Cookie` header. */
  operator(cookieHeader: string | undefined): Promise<OperatorAccess | undefined>;
  /**
   * The visitor that one of these long tokens belongs to on this site; the first that does counts.
   *
   * @throws ChatError `unavailable` when another page has got a newer token a moment ago: ask again with that
   */
  resume(site: SiteKey, tokens: readonly string[]): Promise<Resumed>;
  /** A new visitor, who has just acted for the first time. */
  enter(site: SiteKey): Promise<VisitorGrant>;
  /**
   * Makes the device that has these tokens the one of the visitor whom `token`, signed by the customer's server, names. Once; but
   * whoever asks again, because the answer was lost, is given it again: shown by the page's own word (`once`, a secret of whoever
   * asks), by the device's token of before, or by its session.
   *
   * @param mayBeNew whether the site may have one more visitor now; asked when the name is new
   * @throws ChatError `rate_limited` when it may not, and nothing was done; `unavailable` as `resume`
   */
  identify(
    site: SiteKey,
    token: string,
    tokens: readonly string[],
    options?: { once?: string | undefined; mayBeNew?: () => boolean },
  ): Promise<IdentifyResult>;
  login(email: string, password: string, address: string): Promise<LoginResult>;
  /** Somebody uses this operator's session: it lasts on, as long as it may. Returns what has become of it, if it still is. */
  use(session: string): Promise<StoredSession | undefined>;
  /** Ends a session of either kind. */
  end(session: string): Promise<void>;
}

/** A visitor's session, and with the token to be handed out. */
type LiveStored = StoredSession & { site: SiteKey; visitor: VisitorId };
type LiveSession = LiveStored & { token: string };

/** What tokens that were handed in have come to: a session, the token that was believed, and sessions that ended over it. */
interface Device {
  session: LiveSession | undefined;
  by: string | undefined;
  ended: string[];
}

export interface AuthOptions {
  store: Store;
  clock: Clock;
  delay: LoginDelay;
  limits: Limits;
}

/** Each takes a processor for 30 ms: on a machine that has two, the other one goes on serving. */
const VERIFYING_AT_ONCE = 1;

export function createAuth({ store, clock, delay, limits }: AuthOptions): Auth {
  const accessSeconds = Math.max(1, Math.floor(limits.timing.accessMs / 1000));
  const idleSeconds = Math.ceil(limits.timing.operatorIdleMs / 1000);
  /** Passwords are looked at in turns among addresses: who tries many waits for himself. */
  const verifying = createFairQueue({ atOnce: VERIFYING_AT_ONCE });

  async function grant({ id, site, visitor, expiresAt, token }: LiveSession): Promise<VisitorGrant> {
    const now = clock.nowSeconds();
    const access = await new SignJWT({ sid: id, site })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(visitor)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(now + accessSeconds)
      .sign(store.secret);
    return { site, visitor, session: id, endsAt: expiresAt, access, refresh: token, expiresIn: accessSeconds };
  }

  async function newVisitor(tx: Transaction, site: SiteKey): Promise<VisitorId> {
    const id = newId();
    await tx.createVisitor({ id, site, card: {}, invite: null, createdAt: clock.nowSeconds() });
    return id;
  }

  async function newSession(tx: Transaction, site: SiteKey, visitor: VisitorId): Promise<LiveSession> {
    const now = clock.nowSeconds();
    const refresh = newLine(now);
    const token = newRefresh(refresh.family);
    const session = {
      id: newId(),
      tokenHash: hashToken(token),
      site,
      visitor,
      operator: null,
      csrf: '',
      expiresAt: now + VISITOR_SESSION_SECONDS,
      refresh,
    };
    await tx.saveSession(session);
    return { ...session, token };
  }

  async function sessionOf(reader: Reader, site: SiteKey, token: string): Promise<LiveStored | undefined> {
    const now = clock.nowSeconds();
    const family = familyOf(token);
    const session = await (family === undefined ? reader.sessionByToken(hashToken(token), now) : reader.sessionByFamily(family, now));
    if (session?.site !== site || session.visitor === null || (await reader.visitor(site, session.visitor)) === undefined) return undefined;
    return { ...session, site, visitor: session.visitor };
  }

  async function isAnyKnown(site: SiteKey, tokens: readonly string[]): Promise<boolean> {
    for (const token of tokens) if ((await sessionOf(store, site, token)) !== undefined) return true;
    return false;
  }

  /** What `resume` does, inside a transaction: of two pages that ask at once, the second sees what the first has done. */
  async function resumeIn(tx: Transaction, site: SiteKey, tokens: readonly string[]): Promise<Device> {
    const stolen = new Set<string>();
    let mine: LiveSession | undefined;
    let by: string | undefined;
    let isLate = false;
    for (const token of tokens) {
      const session = await sessionOf(tx, site, token);
      if (session === undefined) continue;
      const meaning = meaningOf(token, session, clock.nowSeconds());
      if (meaning === 'late') isLate = true;
      else if (meaning === 'stolen') stolen.add(session.id);
      else if (mine === undefined) [mine, by] = [await goOn(tx, meaning, token, session), token];
    }
    if (isLate && mine === undefined)
      throw new ChatError('unavailable', 'Another page of this visitor has just been given a newer token. Ask again.');
    // Beside a good token of its own line a retired one proves no theft: a browser may have kept one in two places.
    if (mine !== undefined) stolen.delete(mine.id);
    for (const id of stolen) await tx.removeSession(id);
    return { session: mine, by, ended: [...stolen] };
  }

  async function goOn(tx: Transaction, meaning: 'good' | 'turn', token: string, session: LiveStored): Promise<LiveSession> {
    const now = clock.nowSeconds();
    const settled = used(token, session, now);
    if (meaning === 'good') {
      if (settled !== session) await tx.saveSession(settled);
      return { ...session, token };
    }
    const next = turned(token, settled, now);
    const expiresAt = now + VISITOR_SESSION_SECONDS;
    await tx.saveSession({ ...next.session, expiresAt });
    return { ...session, expiresAt, token: next.token };
  }

  /** The device goes over to the visitor of this name, who may be new. */
  async function become(
    tx: Transaction,
    {
      site,
      subject,
      email,
      named,
      device,
      isStranger,
      mayBeNew,
    }: {
      site: SiteKey;
      subject: string;
      email: string | null;
      named: VisitorId | undefined;
      device: Device;
      isStranger: boolean;
      mayBeNew: () => boolean;
    },
  ): Promise<{ session: LiveSession; ended: string[] }> {
    const mine = device.session?.visitor;
    if (device.session !== undefined && named === mine) {
      await confirm(tx, device.session, email);
      return { session: device.session, ended: device.ended };
    }
    const known = named ?? (isStranger ? mine : undefined);
    if (known === undefined && !mayBeNew()) throw new ChatError('rate_limited', TOO_MANY_NEW);
    const visitor = known ?? (await newVisitor(tx, site));
    if (named === undefined) await tx.identify(site, subject, visitor, clock.nowSeconds());
    await confirm(tx, { site, visitor }, email);
    // Whoever knew this device's tokens before knows nothing of what it may see from now on.
    const over =
      named === undefined && visitor === mine ? await tx.sessionsOf(site, visitor) : device.session === undefined ? [] : [device.session];
    for (const session of over) await tx.removeSession(session.id);
    return { session: await newSession(tx, site, visitor), ended: [...device.ended, ...over.map(({ id }) => id)] };
  }

  /** The answer that was lost, once more: the same session. Its token is not known any more, so it gets the next one. */
  async function goBack(
    tx: Transaction,
    site: SiteKey,
    id: string,
    device: Device,
  ): Promise<{ session: LiveSession; ended: string[] } | 'used'> {
    if (device.session?.id === id) return { session: device.session, ended: device.ended };
    const now = clock.nowSeconds();
    const session = await tx.session(id, now);
    if (session?.site !== site || session.visitor === null) return 'used';
    if (device.session !== undefined) await tx.removeSession(device.session.id);
    const next = turned(undefined, session, now);
    await tx.saveSession(next.session);
    const ended = [...device.ended, ...(device.session === undefined ? [] : [device.session.id])];
    return { session: { ...next.session, site, visitor: session.visitor, token: next.token }, ended };
  }

  /** An address that the customer's server has made sure of needs no code of ours, and no request that asked for one. */
  async function confirm(tx: Transaction, { site, visitor }: Pick<LiveStored, 'site' | 'visitor'>, email: string | null): Promise<void> {
    if (email === null) return;
    await tx.saveConfirmation({
      site,
      visitor,
      address: confirmationKey(email, store.secret),
      uid: '',
      tries: 0,
      endsMs: clock.nowMs(),
      isConfirmed: true,
    });
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
    async access(token) {
      const access = await holder(token);
      return access !== undefined && (await store.isOpen(access.site)) ? access : undefined;
    },

    holder,

    async operator(cookieHeader) {
      const token = cookies.parse(cookieHeader ?? '')[OPERATOR_COOKIE];
      if (token === undefined || token === '') return undefined;
      const session = await store.sessionByToken(hashToken(token), clock.nowSeconds());
      // Longer than it may last: written by a clock that was ahead, and not believed.
      if (session === undefined || session.operator === null || session.expiresAt > clock.nowSeconds() + OPERATOR_SESSION_SECONDS)
        return undefined;
      const operator = await store.operator(session.operator);
      return operator === undefined || operator.isRevoked
        ? undefined
        : { operator, session: session.id, endsAt: session.expiresAt, csrf: session.csrf };
    },

    async resume(site, tokens) {
      const [first = ''] = tokens;
      const present = await sessionOf(store, site, first);
      // Most visits: the token is the present one and nothing follows from it, so nothing need be written.
      if (present !== undefined && isSettled(first, present, clock.nowSeconds()))
        return { grant: await grant({ ...present, token: first }), ended: [] };
      // Nobody's tokens: whatever strangers send, nothing is to be written, and no write is begun.
      if (present === undefined && !(await isAnyKnown(site, tokens.slice(1)))) return { grant: undefined, ended: [] };
      const { session, ended } = await store.transact((tx) => resumeIn(tx, site, tokens));
      return { grant: session && (await grant(session)), ended };
    },

    async enter(site) {
      return grant(await store.transact(async (tx) => newSession(tx, site, await newVisitor(tx, site))));
    },

    async identify(site, token, tokens, { once, mayBeNew = () => true } = {}) {
      const keys = await store.identityKeys(site);
      if (keys.length === 0) return { result: 'disabled' };
      const judged = await judgeIdentity(token, site, keys, clock.nowSeconds());
      if (!judged.ok) return { result: 'refused', reason: judged.reason };
      const { sub, jti, email, endsAt } = judged.claims;
      const subject = hashName(store.secret, 'sub', site, sub);
      const endsMs = endsAt * 1000;
      const first = { key: hashName(store.secret, 'jti', site, jti), most: 1, windowMs: endsMs - clock.nowMs() };
      const shown = hashName(store.secret, 'token', site, token);
      const proofs = [...tokens, ...(once === undefined ? [] : [once])].map(hashToken);
      const became = await store.transact(async (tx) => {
        const device = await resumeIn(tx, site, tokens);
        const named = await tx.identified(site, subject);
        const mine = device.session?.visitor;
        const isStranger = mine !== undefined && (await tx.identifiedSince(site, mine)) === undefined;
        if (named !== undefined && isStranger && (await tx.openChatOf(site, mine)) !== undefined) return 'busy';
        const before = await tx.identityUse(shown, clock.nowMs());
        if (before !== undefined && (before.session === device.session?.id || proofs.some((proof) => before.proofs.includes(proof))))
          return goBack(tx, site, before.session, device);
        if (!(await tx.takeCaps([first], clock.nowMs()))) return 'used';
        const became = await become(tx, { site, subject, email, named, device, isStranger, mayBeNew });
        // Of the device's tokens only what was believed shows who asked.
        const own = device.by === undefined ? [] : [hashToken(device.by)];
        await tx.saveIdentityUse({
          token: shown,
          session: became.session.id,
          proofs: [...own, ...(once === undefined ? [] : [hashToken(once)])],
          endsMs,
        });
        return became;
      });
      if (became === 'busy') return { result: 'busy' };
      if (became === 'used') return { result: 'refused', reason: 'its jti was used before' };
      return { result: 'welcome', grant: await grant(became.session), ended: became.ended };
    },

    async login(email, password, address) {
      const account = email.trim().toLowerCase();
      const retryAfterMs = await delay.take(account, address);
      if (retryAfterMs !== undefined) return { result: 'later', retryAfterMs };
      const operator = await store.operatorByEmail(account);
      // Checked also for an account that does not exist or was revoked: the answer must take the same time.
      const isRight = await verifying.run([address], () =>
        verifyPassword(operator?.isRevoked === false ? operator.passwordHash : undefined, password),
      );
      if (!isRight || operator === undefined) return { result: 'refused' };
      await delay.clear(account, address);
      const token = newToken();
      const session: StoredSession = {
        id: newId(),
        tokenHash: hashToken(token),
        site: null,
        visitor: null,
        operator: operator.id,
        csrf: newToken(),
        expiresAt: clock.nowSeconds() + Math.min(idleSeconds, OPERATOR_SESSION_SECONDS),
        lastsUntil: clock.nowSeconds() + OPERATOR_SESSION_SECONDS,
      };
      await store.transact((tx) => tx.saveSession(session));
      return { result: 'welcome', access: { operator, session: session.id, endsAt: session.expiresAt, csrf: session.csrf }, token };
    },

    use: (id) =>
      store.transact(async (tx) => {
        const now = clock.nowSeconds();
        const session = await tx.session(id, now);
        if (session?.lastsUntil === undefined) return session;
        const expiresAt = Math.min(now + idleSeconds, session.lastsUntil);
        if (expiresAt <= session.expiresAt) return session;
        const used = { ...session, expiresAt };
        await tx.saveSession(used);
        return used;
      }),

    end: (session) => store.transact((tx) => tx.removeSession(session)),
  };
}

// ── tokens and cookies ────────────────────────────────────────────────────────────────────────────────────────────

/** `__Host-`: https (or a local machine) only, this host only, whole host. */
export const OPERATOR_COOKIE = '__Host-op';
export const visitorCookie = (site: SiteKey) => `__Host-v-${site}`;

/** Compares secrets without telling by time how much of them is right. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
