/**
 * What the three kinds of commands (visitors', operators', the system's) share: one act is one transaction with the facts
 * to be told once it is committed. The functions here decide nothing; they say how a chat begins, ends and is joined.
 *
 * Only `room.ts` makes an act, so only the room appends to the store.
 */
import type { Author, ChatEvent, FileInfo, LeftWhy, SiteKey, Uid, UnixSeconds, Via, VisitorId } from '../../shared/chat.ts';
import { INVITE_SECONDS } from '../../shared/limits.ts';
import type { CommandResult } from '../../shared/wire/protocol.ts';
import type { Settings, SiteSettings } from '../../shared/settings.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Fact } from '../bus/facts.ts';
import type { ChatRecord, NewEvent, Operator, StandingInvite, StoredFile, Transaction, Visitor } from '../store/store.ts';

export interface Act {
  readonly tx: Transaction;
  readonly now: UnixSeconds;
  readonly nowMs: number;
  readonly fileLink: (file: StoredFile) => string;
  append(chat: ChatRecord, event: NewEvent): Promise<{ event: ChatEvent; chat: ChatRecord }>;
  /** To be published after the commit, in this order. */
  tell(fact: Fact): void;
  /** The site in which something has become different; `''` if nothing has. */
  touched(): SiteKey;
}

export const VISITOR: Author = { kind: 'visitor' };
export const BOT: Author = { kind: 'bot' };
export const SYSTEM: Author = { kind: 'system' };

export function authorOf(operator: Pick<Operator, 'id' | 'card'>): Author {
  return { kind: 'operator', id: operator.id, card: operator.card };
}

/** What a command may not do. Final, unlike any error of the store's: that is not the command's fault. */
export class Refusal extends ChatError {}

/** Absent and foreign give the same answer. */
export function found<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Refusal('not_found', `There is no such ${what}.`);
  return thing;
}

export async function settingsOf(act: Act, site: SiteKey): Promise<SiteSettings> {
  return found(await act.tx.site(site), 'site').settings;
}

export async function knownVisitor(act: Act, site: SiteKey, id: VisitorId): Promise<Visitor> {
  const visitor = await act.tx.visitor(site, id);
  // Erased since the token was made.
  if (visitor === undefined) throw new Refusal('unauthorized', 'This visitor is not known any more.');
  return visitor;
}

/** A session that was revoked does nothing more, also before its socket has been closed. `null` for whoever needs none. */
export async function knownSession(act: Act, session: string | null): Promise<void> {
  if (session !== null && (await act.tx.session(session, act.now)) === undefined)
    throw new Refusal('unauthorized', 'This session has ended.');
}

/** Nor does anything happen on a site that has been closed, also before those who are there have been told. */
export async function openSite(act: Act, site: SiteKey): Promise<void> {
  if (!(await act.tx.isOpen(site))) throw new Refusal('unauthorized', 'This site has been closed.');
}

/** The event's public traces, for the answer to the command that caused it. */
export function resultOf(event: ChatEvent): CommandResult {
  return { chat: event.chat, message_id: event.message_id, seq: event.seq, date: event.date };
}

export function waitingKey(chat: string): string {
  return `waiting:${chat}`;
}

/** The job that gives a chat back whose operator has no connection. */
export function awayKey(chat: string): string {
  return `away:${chat}`;
}

/** The job that closes a chat whose visitor has left the site. */
export function leftKey(chat: string): string {
  return `left:${chat}`;
}

/** The job that throws an upload away unless it is sent in time. */
export function uploadKey(file: string): string {
  return `upload:${file}`;
}

/** The job that shows a file to the scanner again. */
export function scanKey(file: string): string {
  return `scan:${file}`;
}

/** The wait of a chat whose texts and offer are still to come. `startedMs` and `step` survive restarts. */
export interface WaitingPayload {
  visitor: VisitorId;
  chat: string;
  startedMs: number;
  step: number;
}

/** Starts the wait of a chat that nobody has. Texts and times are looked up when they are due. */
async function beginWait(act: Act, chat: ChatRecord): Promise<void> {
  const payload: WaitingPayload = { visitor: chat.visitor, chat: chat.summary.id, startedMs: act.nowMs, step: 0 };
  const dueMs = nextWaitAtMs(await settingsOf(act, chat.site), payload);
  if (dueMs === undefined) return;
  await act.tx.putJob({ key: waitingKey(chat.summary.id), kind: 'waiting', site: chat.site, runAtMs: dueMs, tries: 0, payload });
  act.tell({ t: 'jobs' });
}

/** When step `step` of a wait is due: the texts one after the other, then the offer; `undefined` when there is none. */
export function nextWaitAtMs(settings: Settings, { startedMs, step }: WaitingPayload): number | undefined {
  const { messages, is_alternate_communication_way_enabled, alternate_communication_way_timeout } = settings.chat.retention;
  if (step > messages.length || (step === messages.length && !is_alternate_communication_way_enabled)) return undefined;
  const waits = [...messages.map((message) => message.timeout), alternate_communication_way_timeout];
  const seconds = waits.slice(0, step + 1).reduce((sum, wait) => sum + wait, 0);
  return startedMs + seconds * 1000;
}

export async function endWait(act: Act, chat: ChatRecord): Promise<void> {
  await act.tx.removeJob(waitingKey(chat.summary.id));
}

/** The invitation of `visitor` that still stands. */
export function standingInvite(visitor: Visitor, now: UnixSeconds): StandingInvite | null {
  const { invite } = visitor;
  // One that would stand longer than any was made by a clock that was ahead.
  return invite !== null && invite.expires > now && invite.expires <= now + INVITE_SECONDS ? invite : null;
}

export async function dropInvite(act: Act, visitor: Visitor): Promise<void> {
  if (visitor.invite === null) return;
  await act.tx.setInvite(visitor.site, visitor.id, null);
  act.tell({ t: 'invite', site: visitor.site, visitor: visitor.id, invite: null });
}

/**
 * The visitor's open chat, or a new one. A standing invitation is accepted by whatever starts the chat: it becomes the
 * first message, and the operator who wrote it joins.
 */
export async function openChat(
  act: Act,
  visitor: Visitor,
  start: { group: string | null; via: 'command' | 'message' | 'invite'; uid: Uid | null },
): Promise<ChatRecord> {
  const open = await act.tx.openChatOf(visitor.site, visitor.id);
  if (open !== undefined) return open;
  const invite = standingInvite(visitor, act.now);
  const created = await act.tx.createChat(visitor.site, visitor.id);
  const started = await act.append(created, {
    kind: 'chat.started',
    group: await knownGroup(act, visitor.site, start.group),
    via: invite === null ? start.via : 'invite',
    author: VISITOR,
    uid: start.uid,
  });
  const chat = invite === null ? started.chat : await addInvitation(act, started.chat, invite);
  await dropInvite(act, visitor);
  if (!chat.summary.isAnswered) await beginWait(act, chat);
  return chat;
}

async function addInvitation(act: Act, chat: ChatRecord, invite: StandingInvite): Promise<ChatRecord> {
  const operator = await inviter(act, chat.site, invite);
  const card = invite.operator_info ?? { name: invite.from, position: null, avatar: null };
  const author: Author = { kind: 'operator', id: operator?.id ?? null, card };
  const said = await act.append(chat, { kind: 'message.added', text: invite.text, file: null, author, uid: invite.uid });
  return operator === undefined ? said.chat : join(act, said.chat, operator, null, { kind: 'invite' });
}

/** Who wrote the invitation, unless that operator has gone from the site since: then nobody joins, and the wait begins. */
async function inviter(act: Act, site: SiteKey, invite: StandingInvite): Promise<Operator | undefined> {
  if (invite.operator === undefined) return undefined;
  const operator = await act.tx.operator(invite.operator);
  return operator !== undefined && serves(operator, site) ? operator : undefined;
}

/** A group that the site does not have means no group: a visitor's chat is worth more than a page's typing error. */
async function knownGroup(act: Act, site: SiteKey, group: string | null): Promise<string | null> {
  if (group === null) return null;
  return (await act.tx.groups(site)).some((known) => known.id === group) ? group : null;
}

export function serves(operator: Operator, site: SiteKey): boolean {
  return !operator.isRevoked && (operator.sites.length === 0 || operator.sites.includes(site));
}

/** @param via how the operator comes by the chat, other than by joining */
export async function join(act: Act, chat: ChatRecord, operator: Operator, uid: Uid | null, via?: Via): Promise<ChatRecord> {
  await endWait(act, chat);
  await act.tx.removeJob(awayKey(chat.summary.id));
  const joined = await act.append(chat, {
    kind: 'operator.joined',
    operator: operator.id,
    card: operator.card,
    ...(via === undefined ? {} : { via }),
    author: authorOf(operator),
    uid,
  });
  return joined.chat;
}

/** @param why if not of the operator's own will, or to somebody else */
export async function leave(act: Act, chat: ChatRecord, author: Author, uid: Uid | null, why?: LeftWhy): Promise<ChatRecord> {
  const { id, operator } = chat.summary;
  if (operator === null) return chat;
  await act.tx.removeJob(awayKey(id));
  const reason = why === undefined ? {} : { why, name: operator.card.name };
  return (await act.append(chat, { kind: 'operator.left', operator: operator.id, ...reason, author, uid })).chat;
}

/** An operator who is not there any more is taken out of the chat, and the visitor waits for somebody again. */
export async function release(act: Act, chat: ChatRecord, why: LeftWhy): Promise<void> {
  await beginWait(act, await leave(act, chat, SYSTEM, null, why));
}

/** Ends an open chat; whoever had joined leaves first. */
export async function closeChat(
  act: Act,
  chat: ChatRecord,
  by: 'visitor' | 'operator' | 'system',
  author: Author,
  uid: Uid | null,
): Promise<void> {
  await endWait(act, chat);
  await act.tx.removeJob(leftKey(chat.summary.id));
  const left = await leave(act, chat, author, null);
  await act.append(left, { kind: 'chat.closed', by, author, uid });
}

/** Takes an uploaded file for one message: it must be the sender's own, on this site, and not sent before. */
export async function takeFile(
  act: Act,
  site: SiteKey,
  owner: { visitor: VisitorId } | { operator: string },
  id: string,
  chat: ChatRecord | undefined,
): Promise<FileInfo> {
  const file = found(await act.tx.file(id), 'file');
  const isOwn = 'visitor' in owner ? file.visitor === owner.visitor : file.operator === owner.operator;
  if (file.site !== site || !isOwn) throw new Refusal('not_found', 'There is no such file.');
  if (file.state === 'refused') throw new Refusal('file_unsafe', 'The malware scanner has refused this file.');
  // A file goes out once. The mark is kept where commands are remembered, under a name no uid can have.
  const author = {
    site,
    kind: 'visitor' in owner ? 'visitor' : 'operator',
    id: 'visitor' in owner ? owner.visitor : owner.operator,
  } as const;
  const mark = `file:${id}`;
  if ((await act.tx.remembered(author, mark)) !== undefined) throw new Refusal('not_found', 'This file has been sent already.');
  await act.tx.remember(author, mark, { hash: '', result: { chat: chat?.summary.id ?? null } });
  await act.tx.removeJob(uploadKey(id));
  return { link: act.fileLink(file), name: file.name, size: file.size, type: file.type };
}
