/**
 * The line of a visitor's refresh tokens: `family.secret`, each replacing the one before. Pure functions decide what a
 * presented token means for its session, and how the line goes on. `auth.ts` stores the result and answers the client.
 *
 * 1. A new token is good from the moment it is made; the one before stays good until the new one is used, because an answer
 *    may have been lost on its way. Then the earlier ones are retired.
 * 2. For ten minutes a retired one is answered "later": of two pages that asked in the same moment one was too late, and it
 *    finds the newer token where they keep it.
 * 3. After that a retired token has been copied by somebody: the whole line ends, for the thief and for the visitor.
 */
import type { UnixSeconds } from '../../shared/chat.ts';
import { sessionLock, type Lock } from '../store/locks.ts';
import type { RefreshLine, StoredSession } from '../store/sessions.ts';
import { hashToken, newId, newToken } from './tokens.ts';

/** A visit later than this gives the next token. */
const ROTATE_AFTER_SECONDS = 24 * 3600;
const LATE_SECONDS = 600;
/** Answers that were lost in a row. More than that and the earliest is out of use. */
const MOST_SUPERSEDED = 8;

export type Meaning = 'good' | 'turn' | 'late' | 'stolen';

/** What it means that this token came back. `turn`: it is good, and the next one is due. */
export function meaningOf(token: string, session: StoredSession, now: UnixSeconds): Meaning {
  const hash = hashToken(token);
  // Made or put out of use in days to come: by a clock that was ahead. Such a token is due for the next, such a turn is long past.
  const refresh = session.refresh && {
    ...session.refresh,
    issuedAt: session.refresh.issuedAt > now + LATE_SECONDS ? 0 : session.refresh.issuedAt,
  };
  if (hash === session.tokenHash) return refresh === undefined || now - refresh.issuedAt >= ROTATE_AFTER_SECONDS ? 'turn' : 'good';
  if (refresh?.superseded.includes(hash) === true) return 'turn';
  return Math.abs(now - (refresh?.retiredAt ?? 0)) < LATE_SECONDS ? 'late' : 'stolen';
}

/** Whether it is the present token, and its use changes nothing. */
export function isSettled(token: string, session: StoredSession, now: UnixSeconds): boolean {
  return meaningOf(token, session, now) === 'good' && session.refresh?.superseded.length === 0;
}

/** The line after its present token was used: earlier ones are retired. The same session if there are none. */
export function used(token: string, session: StoredSession, now: UnixSeconds): StoredSession {
  const { refresh } = session;
  if (refresh === undefined || refresh.superseded.length === 0 || hashToken(token) !== session.tokenHash) return session;
  return { ...session, refresh: { ...refresh, superseded: [], retiredAt: now } };
}

/** The session with its next token; `by`, or else its present one, was handed in for it and stays good until that is used. */
export function turned(by: string | undefined, session: StoredSession, now: UnixSeconds): { session: StoredSession; token: string } {
  const line = session.refresh ?? newLine(now);
  const shown = by === undefined ? session.tokenHash : hashToken(by);
  const superseded = [...new Set([...line.superseded, session.tokenHash, shown])];
  // The one that was handed in is the last to be let go.
  superseded.push(...superseded.splice(superseded.indexOf(shown), 1));
  const token = newRefresh(line.family);
  const refresh = { ...line, issuedAt: now, superseded: superseded.slice(-MOST_SUPERSEDED) };
  return { session: { ...session, tokenHash: hashToken(token), refresh }, token };
}

export function newLine(now: UnixSeconds): RefreshLine {
  return { family: newId(), issuedAt: now, superseded: [], retiredAt: 0 };
}

export function newRefresh(family: string): string {
  return `${family}.${newToken()}`;
}

/** What the line of this session goes by: of one from before there were lines, its only token. */
export function lineLockOf({ refresh, tokenHash }: StoredSession): Lock {
  return sessionLock(refresh?.family ?? tokenHash);
}

/** The same by a token of the line, before anybody has looked for its session. */
export function lineLockBy(token: string): Lock {
  return sessionLock(familyOf(token) ?? hashToken(token));
}

/** `undefined` for a token that was made before tokens had families. */
export function familyOf(token: string): string | undefined {
  return /^([0-9a-f]{32})\./.exec(token)?.[1];
}
