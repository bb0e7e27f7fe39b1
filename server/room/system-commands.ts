/**
 * What the server does by itself in a chat: texts for a visitor who waits, the offer of another way, the automatic invitation. Jobs
 * own the time and give these commands; the commands decide whether the thing is still wanted.
 */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import type { SiteSettings } from '../../shared/settings.ts';
import type { Job } from '../store/jobs.ts';
import type { Site } from '../store/sites.ts';
import type { StandingInvite } from '../store/visitors.ts';
import { wordsIn } from '../words/catalogues.ts';
import { siteLanguage, spokenIn } from '../words/settings-in.ts';
import { fill } from '../../shared/languages/catalogue.ts';
import type { Language } from '../../shared/languages/languages.ts';
import { makeInvite, offerInvite } from './invitations.ts';
import { BOT, type UnitOfWork } from './unit-of-work.ts';
import { endWait, nextWaitAtMs, type WaitingPayload } from './waiting.ts';
import { runAbsenceCommand, type AbsenceCommand } from './absence-commands.ts';

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

/** Runs a command of the server itself. Returns whether anything was done. */
export async function runSystemCommand(work: UnitOfWork, command: SystemCommand): Promise<boolean> {
  switch (command.kind) {
    case 'operator.missed':
    case 'visitor.missed':
      return runAbsenceCommand(work, command);
    case 'waiting.step':
      return waitingStep(work, command.job);
    case 'invite.offer': {
      if (!command.isStillWanted()) return false;
      const card = { name: command.name, position: null, avatar: null };
      return offerInvite(work, command, makeInvite(command.text, card, randomUUID(), work.now));
    }
    case 'file.refused': {
      const chat = await work.tx.chat(command.site, command.chat);
      // There is nobody to tell in a chat that has ended. The file's address leads nowhere in any case.
      if (chat === undefined || !chat.summary.isOpen) return false;
      const site = await work.tx.site(command.site);
      if (site === undefined) return false;
      const { refusedFile } = wordsIn(await languageOf(work, site, chat.visitor));
      await work.append(chat, {
        kind: 'message.added',
        text: fill(refusedFile, { name: command.name }),
        file: null,
        author: BOT,
        uid: null,
      });
      return true;
    }
    case 'invite.carry':
      return offerInvite(work, { ...command, isAnonymous: false }, command.invite);
  }
}

/** What a visitor is written to in: their own language, else the site's. */
async function languageOf(work: UnitOfWork, site: Site, visitor: VisitorId): Promise<Language> {
  return (await work.tx.visitor(site.key, visitor))?.language ?? siteLanguage(site.settings);
}

/** A wait that begins in the future was begun by a clock that was ahead: this step is due now, the next ones after it. */
function fromThePast(payload: WaitingPayload, settings: SiteSettings, nowMs: number): WaitingPayload {
  if (payload.startedMs <= nowMs) return payload;
  return { ...payload, startedMs: nowMs - (nextWaitAtMs(settings, { ...payload, startedMs: 0 }) ?? 0) };
}

async function waitingStep(work: UnitOfWork, job: Job): Promise<boolean> {
  const parsed = v.safeParse(waitingPayload, job.payload);
  const chat = parsed.success ? await work.tx.chat(job.site, parsed.output.chat) : undefined;
  const site = await work.tx.site(job.site);
  if (!parsed.success || chat === undefined || site === undefined || !chat.summary.isOpen || chat.summary.isAnswered) {
    await work.tx.removeJob(job.key);
    return false;
  }
  const payload = fromThePast(parsed.output, site.settings, work.nowMs);
  const { retention } = spokenIn(site.settings, await languageOf(work, site, chat.visitor)).chat;
  const text = retention.messages[payload.step]?.text;
  if (text !== undefined) {
    await work.append(chat, { kind: 'message.added', text, file: null, author: BOT, uid: null });
  } else if (
    payload.step === retention.messages.length &&
    retention.is_alternate_communication_way_enabled &&
    chat.summary.taken === null
  ) {
    await work.append(chat, { kind: 'retention.offered', way: retention.alternate_communication_way, author: BOT, uid: null });
  }
  const next: WaitingPayload = { ...payload, step: payload.step + 1 };
  const dueMs = nextWaitAtMs(site.settings, next);
  if (dueMs === undefined) await endWait(work, chat);
  else await work.tx.putJob({ ...job, runAtMs: dueMs, tries: 0, payload: next });
  return true;
}
