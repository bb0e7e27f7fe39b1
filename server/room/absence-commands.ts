/**
 * What becomes of a chat when one of the two is not there any more: an operator without a connection loses it to whoever is there,
 * and the chat of a visitor who has left the site ends. Asked whenever somebody comes or goes, and when a job says that it is time:
 * whether it is, is decided here, in one transaction with what follows, so that somebody who comes back at that moment has either
 * lost the chat or kept it.
 *
 * Both clocks stand in the store, in the job of the chat: a restart neither stops them nor begins them anew.
 */
import { randomUUID } from 'node:crypto';
import type { LeftWhy, OperatorId, SiteKey, VisitorId } from '../../shared/chat.ts';
import { RETURN_MS, absenceOf, type Absence, type AbsencePayload } from './absence.ts';
import type { ChatRecord, Job, StoredRequest } from '../store/store.ts';
import { SYSTEM, awayKey, closeChat, leftKey, release, serves, settingsOf, type Act } from './act.ts';

interface Missed {
  site: SiteKey;
  visitor: VisitorId;
  chat: string;
  /** When this server started: people need a moment to come back after that. */
  startedMs: number;
  /** Its job is due. Absent: somebody has come or gone. */
  job?: Job;
}

export type AbsenceCommand =
  /** @param absence asked when it is decided; `null` while there is a connection. @param isOver the chat is not this operator's to answer any more */
  | (Missed & { kind: 'operator.missed'; operator: OperatorId; absence: () => Absence | null; isOver: boolean })
  /** @param leftMs when it was noticed; an earlier moment that is stored counts more */
  | (Missed & { kind: 'visitor.missed'; leftMs: number; isHere: () => boolean });

/** Whether anything was done. */
export async function carryOutAbsence(act: Act, command: AbsenceCommand): Promise<boolean> {
  const key = command.kind === 'operator.missed' ? awayKey(command.chat) : leftKey(command.chat);
  const stored = await act.tx.job(key);
  // Called off between the look for due jobs and now.
  if (command.job !== undefined && stored === undefined) return false;
  const chat = await act.tx.chat(command.site, command.chat);
  const sinceMs = absenceOf(stored)?.sinceMs;
  if (chat?.summary.isOpen !== true) {
    await act.tx.removeJob(key);
    return false;
  }
  return command.kind === 'operator.missed' ? missOperator(act, chat, command, sinceMs) : missVisitor(act, chat, command, sinceMs);
}

async function missOperator(
  act: Act,
  chat: ChatRecord,
  command: Extract<AbsenceCommand, { kind: 'operator.missed' }>,
  storedMs: number | undefined,
): Promise<boolean> {
  const key = awayKey(chat.summary.id);
  if (chat.summary.operator?.id !== command.operator) {
    if (command.job !== undefined) await act.tx.removeJob(key);
    return false;
  }
  const found = await fateOf(act, chat, command, storedMs);
  if (found === 'stays') {
    await act.tx.removeJob(key);
    return false;
  }
  if (typeof found === 'string') {
    await release(act, chat, found);
    return true;
  }
  const { sinceMs, dueMs } = found;
  await putJob(act, 'away', chat, dueMs, { sinceMs, operator: command.operator });
  return false;
}

/** Why the operator loses the chat now, or when they will; `stays` as long as they are there and may. */
async function fateOf(
  act: Act,
  chat: ChatRecord,
  { operator: id, absence, isOver, startedMs }: Extract<AbsenceCommand, { kind: 'operator.missed' }>,
  storedMs: number | undefined,
): Promise<LeftWhy | 'stays' | { sinceMs: number; dueMs: number }> {
  const operator = await act.tx.operator(id);
  const settings = await settingsOf(act, chat.site);
  const sessionsEnd = await act.tx.operatorSessionsEnd(id, act.now);
  if (isOver || operator === undefined || !serves(operator, chat.site)) return 'removed';
  const away = absence();
  if (away === null) return 'stays';
  // Without a session nobody can come back: there is nothing to wait for.
  if (away.isForGood || sessionsEnd === undefined) return 'signed_out';
  const sinceMs = Math.min(storedMs ?? away.sinceMs, away.sinceMs);
  const patienceMs = settings.absence.operator_seconds * 1000;
  const dueMs = Math.max(Math.min(sinceMs + patienceMs, sessionsEnd * 1000), startedMs + Math.min(RETURN_MS, patienceMs));
  return dueMs <= act.nowMs ? 'lost' : { sinceMs, dueMs };
}

async function missVisitor(
  act: Act,
  chat: ChatRecord,
  command: Extract<AbsenceCommand, { kind: 'visitor.missed' }>,
  storedMs: number | undefined,
): Promise<boolean> {
  const key = leftKey(chat.summary.id);
  const minutes = (await settingsOf(act, chat.site)).absence.visitor_minutes;
  if (minutes === 0 || command.isHere()) {
    await act.tx.removeJob(key);
    return false;
  }
  const sinceMs = Math.min(storedMs ?? command.leftMs, command.leftMs);
  const dueMs = Math.max(sinceMs + minutes * 60_000, command.startedMs + RETURN_MS);
  if (dueMs > act.nowMs) {
    await putJob(act, 'left', chat, dueMs, { sinceMs });
    return false;
  }
  if (chat.summary.operator === null) await keepMissed(act, chat);
  await closeChat(act, chat, 'system', SYSTEM, null);
  return true;
}

/** Who waited in vain is not forgotten: what is known of them stands among the applications. */
async function keepMissed(act: Act, { site, visitor, summary }: ChatRecord): Promise<void> {
  const card = (await act.tx.visitor(site, visitor))?.card ?? {};
  const known = {
    name: card.name,
    email: card.email?.at(-1),
    phone: card.phone?.at(-1),
    message: await act.tx.lastMessage(site, summary.id, 'visitor'),
    group_id: summary.group ?? undefined,
  };
  const item: Omit<StoredRequest, 'visitor'> = {
    id: randomUUID(),
    site,
    date: act.now,
    way: summary.retention ?? 'offline_message',
    request: Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    isDone: false,
    missed: { visitor, chat: summary.id },
  };
  await act.tx.saveRequest({ ...item, visitor });
  act.tell({ t: 'request', site, item });
}

async function putJob(
  act: Act,
  kind: 'away' | 'left',
  { site, visitor, summary: { id } }: ChatRecord,
  runAtMs: number,
  rest: Pick<AbsencePayload, 'sinceMs' | 'operator'>,
): Promise<void> {
  const payload: AbsencePayload = { visitor, chat: id, ...rest };
  await act.tx.putJob({ key: kind === 'away' ? awayKey(id) : leftKey(id), kind, site, runAtMs, tries: 0, payload });
  act.tell({ t: 'jobs' });
}
