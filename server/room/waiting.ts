/**
 * The wait of a chat that no operator has: when its texts come, and when another way to answer is offered. A job in the store
 * owns the time.
 */
import type { VisitorId } from '../../shared/chat.ts';
import type { SiteSettings } from '../../shared/settings.ts';
import type { ChatRecord } from '../store/chats.ts';
import { waitingKey } from './job-keys.ts';
import { settingsOf, type UnitOfWork } from './unit-of-work.ts';

/** What the job of a wait keeps. `startedMs` and `step` survive a restart. */
export interface WaitingPayload {
  visitor: VisitorId;
  chat: string;
  startedMs: number;
  step: number;
}

/** Starts the wait. The settings are read again when a text is due. */
export async function beginWait(work: UnitOfWork, chat: ChatRecord): Promise<void> {
  const payload: WaitingPayload = { visitor: chat.visitor, chat: chat.summary.id, startedMs: work.nowMs, step: 0 };
  const dueMs = nextWaitAtMs(await settingsOf(work, chat.site), payload);
  if (dueMs === undefined) return;
  const { site, visitor } = chat;
  await work.tx.putJob({ key: waitingKey(chat.summary.id), kind: 'waiting', site, visitor, runAtMs: dueMs, tries: 0, payload });
  work.tell({ t: 'jobs' });
}

/** When step `step` of a wait is due: first the texts, one after the other, then the offer. `undefined`: there is no such step. */
export function nextWaitAtMs(settings: Pick<SiteSettings, 'chat'>, { startedMs, step }: WaitingPayload): number | undefined {
  const { messages, is_alternate_communication_way_enabled, alternate_communication_way_timeout } = settings.chat.retention;
  if (step > messages.length || (step === messages.length && !is_alternate_communication_way_enabled)) return undefined;
  const waits = [...messages.map((message) => message.timeout), alternate_communication_way_timeout];
  const seconds = waits.slice(0, step + 1).reduce((sum, wait) => sum + wait, 0);
  return startedMs + seconds * 1000;
}

/** Ends the wait: somebody has the chat, or it has ended. */
export async function endWait(work: UnitOfWork, chat: ChatRecord): Promise<void> {
  await work.tx.removeJob(waitingKey(chat.summary.id));
}
