/**
 * What becomes of a chat when one of the two is gone. An operator without a connection loses the chat to their colleagues, and the
 * chat of a visitor who has left the site ends. These commands run when somebody comes or goes, and when a job is due. One
 * transaction decides and acts, so somebody who comes back at that moment has either lost the chat or kept it.
 *
 * The chat's job in the store holds the time: a restart neither stops the wait nor begins it anew.
 */
import { randomUUID } from 'node:crypto';
import type { LeftWhy, OperatorId, SiteKey, VisitorId } from '../../shared/chat.ts';
import { RETURN_MS, absenceOf, type Absence, type AbsencePayload } from './absence.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { Job } from '../store/jobs.ts';
import type { StoredRequest } from '../store/requests.ts';
import { awayKey, leftKey } from './job-keys.ts';
import { closeChat, release } from './lifecycle.ts';
import { serves } from './operator-sites.ts';
import { SYSTEM, settingsOf, type UnitOfWork } from './unit-of-work.ts';

interface Missed {
  site: SiteKey;
  visitor: VisitorId;
  chat: string;
  /** When this server started: people need a moment to come back after that. */
  startedMs: number;
  /** The job that is due. Absent: somebody has come or gone. */
  job?: Job;
}

export type AbsenceCommand =
  /** @param absence asked when it is decided; `null` while there is a connection. @param isOver the chat is not this operator's to answer any more */
  | (Missed & { kind: 'operator.missed'; operator: OperatorId; absence: () => Absence | null; isOver: boolean })
  /** @param leftMs when it was noticed; an earlier moment that is stored counts more */
  | (Missed & { kind: 'visitor.missed'; leftMs: number; isHere: () => boolean });

/** Decides about an absence. Returns whether anything was done. */
export async function runAbsenceCommand(work: UnitOfWork, command: AbsenceCommand): Promise<boolean> {
  const key = command.kind === 'operator.missed' ? awayKey(command.chat) : leftKey(command.chat);
  const stored = await work.tx.job(key);
  // The job was called off after it was found due.
  if (command.job !== undefined && stored === undefined) return false;
  const chat = await work.tx.chat(command.site, command.chat);
  const sinceMs = absenceOf(stored)?.sinceMs;
  if (chat?.summary.isOpen !== true) {
    await work.tx.removeJob(key);
    return false;
  }
  return command.kind === 'operator.missed' ? missOperator(work, chat, command, sinceMs) : missVisitor(work, chat, command, sinceMs);
}

async function missOperator(
  work: UnitOfWork,
  chat: ChatRecord,
  command: Extract<AbsenceCommand, { kind: 'operator.missed' }>,
  storedMs: number | undefined,
): Promise<boolean> {
  const key = awayKey(chat.summary.id);
  if (chat.summary.operator?.id !== command.operator) {
    if (command.job !== undefined) await work.tx.removeJob(key);
    return false;
  }
  const found = await fateOf(work, chat, command, storedMs);
  if (found === 'stays') {
    await work.tx.removeJob(key);
    return false;
  }
  if (typeof found === 'string') {
    await release(work, chat, found);
    return true;
  }
  const { sinceMs, dueMs } = found;
  await putJob(work, 'away', chat, dueMs, { sinceMs, operator: command.operator });
  return false;
}

/** Why the operator loses the chat now, or when they will. `stays`: they are there, and may have it. */
async function fateOf(
  work: UnitOfWork,
  chat: ChatRecord,
  { operator: id, absence, isOver, startedMs }: Extract<AbsenceCommand, { kind: 'operator.missed' }>,
  storedMs: number | undefined,
): Promise<LeftWhy | 'stays' | { sinceMs: number; dueMs: number }> {
  const operator = await work.tx.operator(id);
  const settings = await settingsOf(work, chat.site);
  const sessionsEnd = await work.tx.operatorSessionsEnd(id, work.now);
  if (isOver || operator === undefined || !serves(operator, chat.site)) return 'removed';
  const away = absence();
  if (away === null) return 'stays';
  // Without a session nobody can come back: there is nothing to wait for.
  if (away.isForGood || sessionsEnd === undefined) return 'signed_out';
  const sinceMs = Math.min(storedMs ?? away.sinceMs, away.sinceMs);
  const patienceMs = settings.absence.operator_seconds * 1000;
  const dueMs = Math.max(Math.min(sinceMs + patienceMs, sessionsEnd * 1000), startedMs + Math.min(RETURN_MS, patienceMs));
  return dueMs <= work.nowMs ? 'lost' : { sinceMs, dueMs };
}

async function missVisitor(
  work: UnitOfWork,
  chat: ChatRecord,
  command: Extract<AbsenceCommand, { kind: 'visitor.missed' }>,
  storedMs: number | undefined,
): Promise<boolean> {
  const key = leftKey(chat.summary.id);
  const minutes = (await settingsOf(work, chat.site)).absence.visitor_minutes;
  if (minutes === 0 || command.isHere()) {
    await work.tx.removeJob(key);
    return false;
  }
  const sinceMs = Math.min(storedMs ?? command.leftMs, command.leftMs);
  const dueMs = Math.max(sinceMs + minutes * 60_000, command.startedMs + RETURN_MS);
  if (dueMs > work.nowMs) {
    await putJob(work, 'left', chat, dueMs, { sinceMs });
    return false;
  }
  if (chat.summary.operator === null) await keepMissed(work, chat);
  await closeChat(work, chat, 'system', SYSTEM, null);
  return true;
}

/** Files a visitor who waited in vain as a request, with their card, last message and group. */
async function keepMissed(work: UnitOfWork, { site, visitor, summary }: ChatRecord): Promise<void> {
  const card = (await work.tx.visitor(site, visitor))?.card ?? {};
  const known = {
    name: card.name,
    email: card.email?.at(-1),
    phone: card.phone?.at(-1),
    message: await work.tx.lastMessage(site, summary.id, 'visitor'),
    group_id: summary.group ?? undefined,
  };
  const item: Omit<StoredRequest, 'visitor'> = {
    id: randomUUID(),
    site,
    date: work.now,
    way: summary.retention ?? 'offline_message',
    request: Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    isDone: false,
    missed: { visitor, chat: summary.id },
  };
  await work.tx.saveRequest({ ...item, visitor });
  work.tell({ t: 'request', site, item });
}

async function putJob(
  work: UnitOfWork,
  kind: 'away' | 'left',
  { site, visitor, summary: { id } }: ChatRecord,
  runAtMs: number,
  rest: Pick<AbsencePayload, 'sinceMs' | 'operator'>,
): Promise<void> {
  const payload: AbsencePayload = { visitor, chat: id, ...rest };
  await work.tx.putJob({ key: kind === 'away' ? awayKey(id) : leftKey(id), kind, site, visitor, runAtMs, tries: 0, payload });
  work.tell({ t: 'jobs' });
}
