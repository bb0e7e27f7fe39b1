/**
 * One unit of work: a transaction, and the facts that are published once it is committed. All commands (visitors', operators',
 * the server's own) run in one. Only `room.ts` makes units of work, so only the room appends to the store.
 */
import type { Author, ChatEvent, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { SiteSettings } from '../../shared/settings.ts';
import type { CommandResult } from '../../shared/wire/protocol.ts';
import type { Fact } from '../bus/facts.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { NewEvent } from '../store/events.ts';
import type { StoredFile } from '../store/files.ts';
import type { Operator } from '../store/operators.ts';
import type { Transaction } from '../store/store.ts';
import type { Visitor } from '../store/visitors.ts';

/** What a command works with. */
export interface UnitOfWork {
  readonly tx: Transaction;
  readonly now: UnixSeconds;
  readonly nowMs: number;
  readonly fileLink: (file: StoredFile) => string;
  /** Appends an event, and publishes it after the commit. */
  append(chat: ChatRecord, event: NewEvent): Promise<{ event: ChatEvent; chat: ChatRecord }>;
  /** Publishes a fact after the commit. Facts keep their order. */
  tell(fact: Fact): void;
  /** The site that the facts so far are about; `''` if there are none. */
  touched(): SiteKey;
}

/** The visitor of the chat, as an author. */
export const VISITOR: Author = { kind: 'visitor' };
/** The author of automatic texts. */
export const BOT: Author = { kind: 'bot' };
/** The server itself, as an author. */
export const SYSTEM: Author = { kind: 'system' };

/** An operator as an author. */
export function authorOf(operator: Pick<Operator, 'id' | 'card'>): Author {
  return { kind: 'operator', id: operator.id, card: operator.card };
}

/** A command may not do this. The answer is final; an error of the store is not the command's fault, and the client tries again. */
export class CommandError extends ChatError {}

/** Throws for a thing that is absent. A thing of somebody else's counts as absent. */
export function found<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new CommandError('not_found', `There is no such ${what}.`);
  return thing;
}

/** The settings of the site. */
export async function settingsOf(work: UnitOfWork, site: SiteKey): Promise<SiteSettings> {
  return found(await work.tx.site(site), 'site').settings;
}

/** The visitor, unless they were erased. */
export async function knownVisitor(work: UnitOfWork, site: SiteKey, id: VisitorId): Promise<Visitor> {
  const visitor = await work.tx.visitor(site, id);
  // Erased since the token was made.
  if (visitor === undefined) throw new CommandError('unauthorized', 'This visitor is not known any more.');
  return visitor;
}

/** Refuses a session that was revoked, even if its socket is still open. `null`: a page that needs no session. */
export async function knownSession(work: UnitOfWork, session: string | null): Promise<void> {
  if (session !== null && (await work.tx.session(session, work.now)) === undefined)
    throw new CommandError('unauthorized', 'This session has ended.');
}

/** Refuses a site that was closed, even if its pages have not been told yet. */
export async function openSite(work: UnitOfWork, site: SiteKey): Promise<void> {
  if (!(await work.tx.isOpen(site))) throw new CommandError('unauthorized', 'This site has been closed.');
}

/** What the answer to a command says of the event it caused. */
export function resultOf(event: ChatEvent): CommandResult {
  return { chat: event.chat, message_id: event.message_id, seq: event.seq, date: event.date };
}
