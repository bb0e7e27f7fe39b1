/**
 * What the server does by itself in a chat: the texts for somebody who waits, the offer of another way, the automatic
 * invitation. Called by jobs, which own the time; whether the thing is still wanted is decided here.
 */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import type { SiteSettings } from '../../shared/settings.ts';
import type { Job, StandingInvite } from '../store/store.ts';
import { BOT, endWait, nextWaitAtMs, type Act, type WaitingPayload } from './act.ts';
import { carryOutAbsence, type AbsenceCommand } from './absence-commands.ts';
import { makeInvite, offerInvite } from './operator-commands.ts';

export type SystemCommand =
  | AbsenceCommand
  /** The next step of a wait is due. The job is renewed or removed in the same transaction, so no step comes twice. */
  | { kind: 'waiting.step'; job: Job }
  | {
      kind: 'invite.offer';
      site: SiteKey;
      visitor: VisitorId;
      isAnonymous: boolean;
      text: string;
      name: string;
      isStillWanted: () => boolean;
    }
  /** The scanner has refused a file after it was sent. */
  | { kind: 'file.refused'; site: SiteKey; visitor: VisitorId; chat: string; name: string }
  /** An anonymous page has acted: the invitation it was shown goes on standing for the visitor. */
  | { kind: 'invite.carry'; site: SiteKey; visitor: VisitorId; invite: StandingInvite };

const waitingPayload: v.GenericSchema<WaitingPayload> = v.object({
  visitor: v.string(),
  chat: v.string(),
  startedMs: v.number(),
  step: v.number(),
});

/** Whether anything was done. */
export async function carryOutForSystem(act: Act, command: SystemCommand): Promise<boolean> {
  switch (command.kind) {
    case 'operator.missed':
    case 'visitor.missed':
      return carryOutAbsence(act, command);
    case 'waiting.step':
      return waitingStep(act, command.job);
    case 'invite.offer': {
      if (!command.isStillWanted()) return false;
      const card = { name: command.name, position: null, avatar: null };
      return offerInvite(act, command, makeInvite(command.text, card, randomUUID(), act.now));
    }
    case 'file.refused': {
      const chat = await act.tx.chat(command.site, command.chat);
      // In a chat that has ended there is nobody to tell; the file's address leads nowhere all the same.
      if (chat === undefined || !chat.summary.isOpen) return false;
      await act.append(chat, {
        kind: 'message.added',
        text: `${command.name} was refused by the malware scanner and cannot be opened.`,
        file: null,
        author: BOT,
        uid: null,
      });
      return true;
    }
    case 'invite.carry':
      return offerInvite(act, { ...command, isAnonymous: false }, command.invite);
  }
}

/** A wait that begins in days to come was begun by a clock that was ahead: this step is due now, the next ones after it. */
function fromThePast(payload: WaitingPayload, settings: SiteSettings, nowMs: number): WaitingPayload {
  if (payload.startedMs <= nowMs) return payload;
  return { ...payload, startedMs: nowMs - (nextWaitAtMs(settings, { ...payload, startedMs: 0 }) ?? 0) };
}

async function waitingStep(act: Act, job: Job): Promise<boolean> {
  const parsed = v.safeParse(waitingPayload, job.payload);
  const chat = parsed.success ? await act.tx.chat(job.site, parsed.output.chat) : undefined;
  const site = await act.tx.site(job.site);
  if (!parsed.success || chat === undefined || site === undefined || !chat.summary.isOpen || chat.summary.isAnswered) {
    await act.tx.removeJob(job.key);
    return false;
  }
  const payload = fromThePast(parsed.output, site.settings, act.nowMs);
  const { retention } = site.settings.chat;
  const text = retention.messages[payload.step]?.text;
  if (text !== undefined) {
    await act.append(chat, { kind: 'message.added', text, file: null, author: BOT, uid: null });
  } else if (payload.step === retention.messages.length && retention.is_alternate_communication_way_enabled) {
    await act.append(chat, { kind: 'retention.offered', way: retention.alternate_communication_way, author: BOT, uid: null });
  }
  const next: WaitingPayload = { ...payload, step: payload.step + 1 };
  const dueMs = nextWaitAtMs(site.settings, next);
  if (dueMs === undefined) await endWait(act, chat);
  else await act.tx.putJob({ ...job, runAtMs: dueMs, tries: 0, payload: next });
  return true;
}
