/**
 * What a visitor's commands do. The transaction reads where the chat stands; what the page believed when it gave the command does
 * not count.
 */
import { AFTER_CHAT_SECONDS } from '../../shared/limits.ts';
import type { CardChange, OfflineRequest, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { CommandResult, VisitorCommand } from '../../shared/wire/protocol.ts';
import { randomUUID } from 'node:crypto';
import { splitCode, type CodeRequest } from '../mail/code.ts';
import type { ChatRecord } from '../store/chats.ts';
import { takeFile } from './file-messages.ts';
import { dropInvite } from './invitations.ts';
import { closeChat, openChat } from './lifecycle.ts';
import { markRead } from './read-markers.ts';
import {
  CommandError,
  VISITOR,
  found,
  knownSession,
  knownVisitor,
  openSite,
  resultOf,
  settingsOf,
  type UnitOfWork,
} from './unit-of-work.ts';

/** A page and its visitor. `visitor` is `null` before the visitor has acted. */
export interface VisitorWho {
  site: SiteKey;
  visitor: VisitorId | null;
  /** The id that operators see: the visitor's, else the anonymous page's. */
  presence: VisitorId;
  tab: string;
  /** `null` before the visitor has acted. Checked with each command: it may have been revoked a moment ago. */
  session: string | null;
}

/** A command's result. For a transcript, also the mail's state for the page. */
export interface VisitorResult {
  result: CommandResult;
  mailed?: { success: boolean; error?: string };
  /** Nothing was done, so nothing is remembered: another attempt is judged anew. */
  isRefusedMail?: boolean;
}

/** Where mail may go, and how much of it. */
export interface MailPolicy {
  check(address: string): boolean;
  /** Whether the caps allow one more mail now. Takes it from them. */
  take(address: string, what: 'transcript' | 'code'): Promise<boolean>;
  /** The address as it may be stored: a keyed hash. */
  keyOf(address: string): string;
  isCode(given: string, request: CodeRequest): boolean;
}

/** What limits visitors, who need not show who they are. */
export interface VisitorLimits {
  mail: MailPolicy;
  /** Whether one more request may be left now. Takes it from the caps. */
  mayLeave(): Promise<boolean>;
}

/** The job of one transcript. */
export interface TranscriptJob {
  site: SiteKey;
  visitor: VisitorId;
  chat: string;
  address: string;
  uid: string;
  /** The page that asked, and hears what becomes of it. Absent in the jobs of older versions. */
  tab?: string;
  /** Not the transcript, but the code that confirms the address. */
  isCode?: boolean;
}

/** How long a mailed code is valid, and for how many attempts. */
const CODE_MS = 15 * 60 * 1000;
const CODE_TRIES = 5;

const NOTHING: VisitorResult = { result: { chat: null } };

/** Runs a command of a visitor, or of a page whose visitor has not acted. */
export async function runVisitorCommand(
  work: UnitOfWork,
  who: VisitorWho,
  command: VisitorCommand,
  { mail, mayLeave }: VisitorLimits,
): Promise<VisitorResult> {
  await openSite(work, who.site);
  if (who.visitor === null) return runPageCommand(work, who, command, mayLeave);
  await knownSession(work, who.session);
  const visitor = await knownVisitor(work, who.site, who.visitor);
  const current = () => work.tx.openChatOf(who.site, visitor.id);

  switch (command.kind) {
    case 'chat.start': {
      const chat = await openChat(work, visitor, { group: command.group, via: 'command', uid: command.uid });
      return { result: { chat: chat.summary.id } };
    }
    case 'invite.accept': {
      const chat = await openChat(work, visitor, { group: null, via: 'command', uid: command.uid });
      return { result: { chat: chat.summary.id } };
    }
    case 'invite.reject':
      await dropInvite(work, visitor);
      return { result: { chat: (await current())?.summary.id ?? null } };
    case 'message.send': {
      const chat = await openChat(work, visitor, { group: command.group, via: 'message', uid: null });
      const { event } = await work.append(chat, {
        kind: 'message.added',
        text: command.text,
        file: null,
        author: VISITOR,
        uid: command.uid,
      });
      return { result: resultOf(event) };
    }
    case 'file.send': {
      const settings = await settingsOf(work, who.site);
      if (!settings.chat.is_file_transfer) throw new CommandError('disabled', 'File transfer is switched off for this site.');
      const { file, chat } = await takeFile(work, who.site, { visitor: visitor.id }, command.file, () =>
        openChat(work, visitor, { group: null, via: 'message', uid: null }),
      );
      const { event } = await work.append(chat, { kind: 'message.added', text: file.name, file, author: VISITOR, uid: command.uid });
      return { result: resultOf(event) };
    }
    case 'chat.close': {
      const chat = await current();
      if (chat === undefined) return NOTHING;
      await closeChat(work, chat, 'visitor', VISITOR, command.uid);
      return { result: { chat: chat.summary.id } };
    }
    case 'rating.set': {
      const settings = await settingsOf(work, who.site);
      if (!settings.chat.is_consultant_operator_rating) throw new CommandError('disabled', 'Rating is switched off for this site.');
      const chat = await chatInScope(work, who.site, visitor.id);
      if (chat === undefined || !hasSomebodyAnswered(chat)) throw new CommandError('no_operator', 'There is no operator to rate.');
      const comment = command.comment?.trim();
      const said = comment ? { comment } : {};
      const { event } = await work.append(chat, { kind: 'rating.set', mark: command.mark, ...said, author: VISITOR, uid: command.uid });
      return { result: { chat: chat.summary.id, seq: event.seq } };
    }
    case 'card.set': {
      const card = await work.tx.changeCard(who.site, visitor.id, withoutBlanks(command.card));
      work.tell({ t: 'card', site: who.site, visitor: visitor.id, card });
      return { result: { chat: (await current())?.summary.id ?? null } };
    }
    case 'transcript.mail': {
      const chat = await chatInScope(work, who.site, visitor.id);
      const { address, code } = splitCode(command.address);
      return putTranscript(work, { site: who.site, visitor: visitor.id, chat, address, uid: command.uid, tab: who.tab }, code, mail);
    }
    case 'request.send': {
      const chat = await current();
      await putRequest(work, who, command, chat, mayLeave);
      return { result: { chat: chat?.summary.id ?? null } };
    }
    case 'messages.read': {
      const chat = found(await work.tx.chat(who.site, command.chat), 'chat');
      if (chat.visitor !== visitor.id) throw new CommandError('not_found', 'There is no such chat.');
      await markRead(work, chat, 'visitor', command.seq);
      return { result: { chat: command.chat } };
    }
  }
}

/** Runs a command of a page whose visitor has not acted. It may leave no trace of the visitor, and there is no chat yet. */
async function runPageCommand(
  work: UnitOfWork,
  who: VisitorWho,
  command: VisitorCommand,
  mayLeave: VisitorLimits['mayLeave'],
): Promise<VisitorResult> {
  switch (command.kind) {
    case 'invite.reject':
      work.tell({ t: 'invite', site: who.site, visitor: who.presence, invite: null });
      return NOTHING;
    case 'request.send':
      await putRequest(work, who, command, undefined, mayLeave);
      return NOTHING;
    case 'chat.close':
    case 'messages.read':
      return NOTHING;
    case 'rating.set':
      throw new CommandError('no_operator', 'There is no operator to rate.');
    case 'transcript.mail':
      return refusedMail('not_found', null);
    default:
      throw new CommandError('unauthorized', 'The visitor has to sign in before acting.');
  }
}

/** Whether any operator was ever in the chat. The visitor may wait again by now, and still know whom they talked to. */
function hasSomebodyAnswered({ summary }: ChatRecord): boolean {
  return summary.isAnswered || summary.lastOperator !== null;
}

/** The open chat; else the last one, for a day after its end. */
async function chatInScope(work: UnitOfWork, site: SiteKey, visitor: VisitorId): Promise<ChatRecord | undefined> {
  const last = await work.tx.lastChatOf(site, visitor);
  if (last === undefined || last.summary.isOpen) return last;
  return (last.summary.closedAt ?? 0) > work.now - AFTER_CHAT_SECONDS ? last : undefined;
}

async function putTranscript(
  work: UnitOfWork,
  job: Omit<TranscriptJob, 'chat'> & { chat: ChatRecord | undefined },
  code: string | null,
  mail: MailPolicy,
): Promise<VisitorResult> {
  if (job.chat === undefined) return refusedMail('not_found', null);
  const chat = job.chat.summary.id;
  if (!mail.check(job.address)) return refusedMail('invalid_argument', chat);
  if ((await settingsOf(work, job.site)).mail.confirm) {
    const refusal = await confirm(work, { ...job, chat }, code, mail);
    if (refusal !== null) return refusedMail(refusal, chat);
  }
  if (!(await mail.take(job.address, 'transcript'))) return refusedMail('rate_limited', chat);
  await putMail(work, { ...job, chat });
  return { result: { chat } };
}

async function putMail(work: UnitOfWork, payload: TranscriptJob): Promise<void> {
  await work.tx.putJob({
    key: `mail:${payload.visitor}:${payload.uid}`,
    kind: 'mail',
    site: payload.site,
    visitor: payload.visitor,
    runAtMs: work.nowMs,
    tries: 0,
    payload,
  });
  work.tell({ t: 'jobs' });
}

/**
 * `null` once the visitor has shown that the address is theirs, by the code now or before. Else a code is mailed there, and the
 * answer is `forbidden`. A wrong code gets the same answer, so that the visitor tries again with the code they have.
 */
async function confirm(
  work: UnitOfWork,
  job: TranscriptJob,
  code: string | null,
  mail: MailPolicy,
): Promise<'forbidden' | 'rate_limited' | null> {
  const address = mail.keyOf(job.address);
  const before = await work.tx.confirmation(job.site, job.visitor, address);
  if (before?.isConfirmed === true) return null;
  const isOpen = before !== undefined && before.endsMs > work.nowMs && before.endsMs <= work.nowMs + CODE_MS && before.tries < CODE_TRIES;
  if (code !== null) {
    if (!isOpen) return 'forbidden';
    const isConfirmed = mail.isCode(code, { ...job, uid: before.uid });
    await work.tx.saveConfirmation({ ...before, tries: before.tries + 1, isConfirmed });
    return isConfirmed ? null : 'forbidden';
  }
  // The same request again: its answer was lost, and its code is under way.
  if (isOpen && before.uid === job.uid) return 'forbidden';
  if (!(await mail.take(job.address, 'code'))) return 'rate_limited';
  await work.tx.saveConfirmation({
    site: job.site,
    visitor: job.visitor,
    address,
    uid: job.uid,
    tries: 0,
    endsMs: work.nowMs + CODE_MS,
    isConfirmed: false,
  });
  await putMail(work, { ...job, isCode: true });
  return 'forbidden';
}

function refusedMail(error: string, chat: string | null): VisitorResult {
  return { result: { chat }, mailed: { success: false, error }, isRefusedMail: true };
}

async function putRequest(
  work: UnitOfWork,
  who: VisitorWho,
  { request, wantsCall }: Extract<VisitorCommand, { kind: 'request.send' }>,
  chat: ChatRecord | undefined,
  mayLeave: VisitorLimits['mayLeave'],
): Promise<void> {
  const filled = withoutBlanks(request);
  if (Object.keys(filled).every((key) => key === 'group_id')) throw new CommandError('invalid_argument', 'The request is empty.');
  if (!(await mayLeave()))
    throw new CommandError('rate_limited', 'There were too many requests from here, or on this site. Try again tomorrow.');
  const stored = {
    id: randomUUID(),
    site: who.site,
    date: work.now,
    // The form for a call is also reached without an offer, and without a chat.
    way: wantsCall ? 'sitephone' : (chat?.summary.retention ?? 'offline_message'),
    request: filled,
    isDone: false,
  } as const;
  await work.tx.saveRequest({ ...stored, visitor: who.visitor });
  // The conversation says so too, and does not offer it again.
  if (chat !== undefined) {
    await work.append(chat, { kind: 'retention.offered', way: stored.way, isTaken: true, author: VISITOR, uid: null });
  }
  work.tell({ t: 'request', site: who.site, item: stored });
}

/** Empty means absent. */
function withoutBlanks<T extends CardChange | OfflineRequest>(values: T): T {
  const kept = { ...values };
  for (const key of Object.keys(kept)) {
    const name = key as keyof T;
    const value = kept[name];
    if (typeof value === 'string' && value.trim() === '') delete kept[name];
  }
  return kept;
}
