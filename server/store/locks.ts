/**
 * What a transaction must be alone with. Two works that share a lock run one after the other; others may run side by side, and see
 * nothing of each other before they are committed. So whoever reads, decides and writes names all that the decision rests on.
 *
 * SQLite has one writer and needs none of this. A database with many writers takes the locks before the work's first read, all at
 * once and in one order, so that no two works wait for each other.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';

/** In the order in which they are taken. */
const KINDS = ['installation', 'site', 'identity', 'visitor', 'file', 'session', 'account'] as const;
type Kind = (typeof KINDS)[number];

export type Lock = `${Kind}:${string}`;

/** The operators, and what belongs to no site. */
export const INSTALLATION_LOCK: Lock = 'installation:';
/** A site, its settings, groups and keys. */
export const siteLock = (site: SiteKey): Lock => `site:${site}`;
/** The name under which a customer's server knows a visitor, as it is stored. */
export const identityLock = (site: SiteKey, subject: string): Lock => `identity:${site} ${subject}`;
/** A visitor, with card, chats, events, requests, files and commands. */
export const visitorLock = (visitor: VisitorId): Lock => `visitor:${visitor}`;
/** An upload that is not sent yet, be it a visitor's or an operator's. */
export const fileLock = (file: string): Lock => `file:${file}`;
/** A line of refresh tokens, by its family; an operator's session, by its id. */
export const sessionLock = (line: string): Lock => `session:${line}`;
/** The attempts to sign in to an account, by the key under which they are stored. */
export const accountLock = (key: string): Lock => `account:${key}`;

/** Each once, in the order in which every work takes them. */
export function inOrder(locks: readonly Lock[]): Lock[] {
  const rankOf = (lock: Lock): number => KINDS.findIndex((kind) => lock.startsWith(`${kind}:`));
  return [...new Set(locks)].sort((one, other) => rankOf(one) - rankOf(other) || (one < other ? -1 : 1));
}
