/**
 * Sessions of visitors: made when a visitor acts, found again by a long token (cookie or refresh token), renewed as
 * `refresh.ts` says. Only the SHA-256 of a long token is stored. Absent, expired, revoked and foreign tokens all give the
 * same `undefined`.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Clock } from '../base/clock.ts';
import { visitorLock, type Lock } from '../store/locks.ts';
import type { Reader, Store, Transaction } from '../store/store.ts';
import type { AccessIssuer, TokenSession, VisitorGrant, VisitorSession } from './access.ts';
import { familyOf, isSettled, lineLockBy, meaningOf, newLine, newRefresh, turned, used } from './refresh.ts';
import { hashToken, newId } from './tokens.ts';

/** How long a visitor is recognised after the last visit. */
export const VISITOR_SESSION_SECONDS = 180 * 24 * 3600;

/** What became of long tokens that were handed in. */
export interface Resumed {
  /** The visitor they belong to; `undefined` for nobody. */
  grant: VisitorGrant | undefined;
  /** Sessions that ended over it: their sockets are to be closed. */
  ended: string[];
}

/** What tokens that were handed in have come to: a session, the token that was believed, and sessions that ended over it. */
export interface Device {
  session: TokenSession | undefined;
  by: string | undefined;
  ended: string[];
}

export interface VisitorSessions {
  /**
   * The visitor that one of these long tokens belongs to on this site; the first that does counts.
   *
   * @throws ChatError `unavailable` when another page has got a newer token a moment ago: ask again with that
   */
  resume(site: SiteKey, tokens: readonly string[]): Promise<Resumed>;
  /** A new visitor, who has just acted for the first time. */
  enter(site: SiteKey): Promise<VisitorGrant>;
}

/** The same inside a transaction, for callers that add steps of their own. */
export interface VisitorSessionSteps extends VisitorSessions {
  newVisitor(tx: Transaction, site: SiteKey): Promise<VisitorId>;
  newSession(tx: Transaction, site: SiteKey, visitor: VisitorId): Promise<TokenSession>;
  /** What `resumeIn` has to be alone with, and the visitors whose these tokens are. */
  locksOf(site: SiteKey, tokens: readonly string[]): Promise<Lock[]>;
  /** What `resume` does: of two pages that ask at once, the second sees what the first has done. */
  resumeIn(tx: Transaction, site: SiteKey, tokens: readonly string[]): Promise<Device>;
}

export interface VisitorSessionsOptions {
  store: Store;
  clock: Clock;
  access: Pick<AccessIssuer, 'grant'>;
}

export function createVisitorSessions({ store, clock, access }: VisitorSessionsOptions): VisitorSessionSteps {
  async function newVisitor(tx: Transaction, site: SiteKey): Promise<VisitorId> {
    const id = newId();
    await tx.createVisitor({ id, site, card: {}, invite: null, createdAt: clock.nowSeconds() });
    return id;
  }

  async function newSession(tx: Transaction, site: SiteKey, visitor: VisitorId): Promise<TokenSession> {
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

  async function sessionOf(reader: Reader, site: SiteKey, token: string): Promise<VisitorSession | undefined> {
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

  async function resumeIn(tx: Transaction, site: SiteKey, tokens: readonly string[]): Promise<Device> {
    const stolen = new Set<string>();
    let mine: TokenSession | undefined;
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

  async function goOn(tx: Transaction, meaning: 'good' | 'turn', token: string, session: VisitorSession): Promise<TokenSession> {
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

  async function locksOf(site: SiteKey, tokens: readonly string[]): Promise<Lock[]> {
    const found = await Promise.all(tokens.map((token) => sessionOf(store, site, token)));
    return [...tokens.map(lineLockBy), ...found.flatMap((session) => (session === undefined ? [] : [visitorLock(session.visitor)]))];
  }

  return {
    newVisitor,
    newSession,
    locksOf,
    resumeIn,
    async resume(site, tokens) {
      const [first = ''] = tokens;
      const present = await sessionOf(store, site, first);
      // Most visits: the token is the present one and nothing follows from it, so nothing need be written.
      if (present !== undefined && isSettled(first, present, clock.nowSeconds()))
        return { grant: await access.grant({ ...present, token: first }), ended: [] };
      // Nobody's tokens: whatever strangers send, nothing is to be written, and no write is begun.
      if (present === undefined && !(await isAnyKnown(site, tokens.slice(1)))) return { grant: undefined, ended: [] };
      const { session, ended } = await store.transact(tokens.map(lineLockBy), (tx) => resumeIn(tx, site, tokens));
      return { grant: session && (await access.grant(session)), ended };
    },

    async enter(site) {
      return access.grant(await store.transact([], async (tx) => newSession(tx, site, await newVisitor(tx, site))));
    },
  };
}
