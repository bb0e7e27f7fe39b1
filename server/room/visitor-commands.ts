/**
 * What a visitor's commands do. Where a chat stands is decided here, inside the transaction, never by what the page
 * believed when it gave the command.
 */
import { AFTER_CHAT_SECONDS } from '../../shared/limits.ts';
import type { CardChange, OfflineRequest, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { CommandResult, VisitorCommand } from '../../shared/wire/protocol.ts';
import { randomUUID } from 'node:crypto';
import { splitCode, type CodeRequest } from '../mail/code.ts';
import type { ChatRecord } from '../store/store.ts';
import {
  Refusal,
  VISITOR,
  closeChat,
  dropInvite,
  found,
  knownSession,
  knownVisitor,
  openChat,
  openSite,
  resultOf,
  settingsOf,
  takeFile,
  type Act,
} from './act.ts';

/** A page and the visitor who sits before it; `visitor` is `null` before the visitor has acted. */
export interface VisitorWho {
  site: SiteKey;
  visitor: VisitorId | null;
  /** The id operators know this page or visitor by: the visitor's own, else the anonymous page's. */
  presence: VisitorId;
  tab: string;
  /** `null` before the visitor has acted. Asked for anew at each command: it may have been revoked a moment ago. */
  session: string | null;
}

/** A command's result, and for a transcript what the page is told besides. */
export interface VisitorResult {
  result: CommandResult;
  mailed?: { success: boolean; error?: string };
  /** Nothing was done, so nothing need be remembered: another attempt is judged anew. */
  isRefusedMail?: boolean;
}

export interface MailDoor {
  check(address: string): boolean;
  /** Whether the caps allow one more mail now; takes it from them. */
  take(address: string, what: 'transcript' | 'code'): Promise<boolean>;
  /** The address as it may be stored: a keyed hash. */
  keyOf(address: string): string;
  isCode(given: string, request: CodeRequest): boolean;
}

/** What bounds whoever acts without having shown who they are. */
export interface VisitorDoors {
  mail: MailDoor;
  /** Whether one more request may be left now; takes it from the caps. */
  mayLeave(): Promise<boolean>;
}

/** The job of one transcript. */
export interface TranscriptJob {
  site: SiteKey;
  visitor: VisitorId;
  chat: string;
  address: string;
  uid: string;
  /** Not the transcript, but the code that confirms the address. */
  isCode?: boolean;
}

/** A mailed code is good for so long, and for so many attempts. */
const CODE_MS = 15 * 60 * 1000;
const CODE_TRIES = 5;

const NOTHING: VisitorResult = { result: { chat: null } };

export async function carryOutForVisitor(
  act: Act,
  who: VisitorWho,
  command: VisitorCommand,
  { mail, mayLeave }: VisitorDoors,
): Promise<VisitorResult> {
  await openSite(act, who.site);
  if (who.visitor === null) return carryOutForPage(act, who, command, mayLeave);
  await knownSession(act, who.session);
  const visitor = await knownVisitor(act, who.site, who.visitor);
  const current = () => act.tx.openChatOf(who.site, visitor.id);

  switch (command.kind) {
    case 'chat.start': {
      const chat = await openChat(act, visitor, { group: command.group, via: 'command', uid: command.uid });
      return { result: { chat: chat.summary.id } };
    }
    case 'invite.accept': {
      const chat = await openChat(act, visitor, { group: null, via: 'command', uid: command.uid });
      return { result: { chat: chat.summary.id } };
    }
    case 'invite.reject':
      await dropInvite(act, visitor);
      return { result: { chat: (await current())?.summary.id ?? null } };
    case 'message.send': {
      const chat = await openChat(act, visitor, { group: command.group, via: 'message', uid: null });
      const { event } = await act.append(chat, {
        kind: 'message.added',
        text: command.text,
        file: null,
        author: VISITOR,
        uid: command.uid,
      });
      return { result: resultOf(event) };
    }
    case 'file.send': {
      const settings = await settingsOf(act, who.site);
      if (!settings.chat.is_file_transfer) throw new Refusal('disabled', 'File transfer is switched off for this site.');
      const file = await takeFile(act, who.site, { visitor: visitor.id }, command.file, await current());
      const chat = await openChat(act, visitor, { group: null, via: 'message', uid: null });
      const { event } = await act.append(chat, { kind: 'message.added', text: file.name, file, author: VISITOR, uid: command.uid });
      return { result: resultOf(event) };
    }
    case 'chat.close': {
      const chat = await current();
      if (chat === undefined) return NOTHING;
      await closeChat(act, chat, 'visitor', VISITOR, command.uid);
      return { result: { chat: chat.summary.id } };
    }
    case 'rating.set': {
      const settings = await settingsOf(act, who.site);
      if (!settings.chat.is_consultant_operator_rating) throw new Refusal('disabled', 'Rating is switched off for this site.');
      const chat = await chatInScope(act, who.site, visitor.id);
      if (chat === undefined || !(await hasSomebodyAnswered(act, chat))) throw new Refusal('no_operator', 'There is no operator to rate.');
      const { event } = await act.append(chat, { kind: 'rating.set', mark: command.mark, author: VISITOR, uid: command.uid });
      return { result: { chat: chat.summary.id, seq: event.seq } };
    }
    case 'card.set': {
      const card = await act.tx.changeCard(who.site, visitor.id, withoutBlanks(command.card));
      act.tell({ t: 'card', site: who.site, visitor: visitor.id, card });
      return { result: { chat: (await current())?.summary.id ?? null } };
    }
    case 'transcript.mail': {
      const chat = await chatInScope(act, who.site, visitor.id);
      const { address, code } = splitCode(command.address);
      return putTranscript(act, { site: who.site, visitor: visitor.id, chat, address, uid: command.uid }, code, mail);
    }
    case 'request.send': {
      const chat = await current();
      await putRequest(act, who, command.request, chat, mayLeave);
      return { result: { chat: chat?.summary.id ?? null } };
    }
    case 'messages.read': {
      const chat = found(await act.tx.chat(who.site, command.chat), 'chat');
      if (chat.visitor !== visitor.id) throw new Refusal('not_found', 'There is no such chat.');
      await markRead(act, chat, 'visitor', command.seq);
      return { result: { chat: command.chat } };
    }
  }
}

/** A page whose visitor has not acted: nothing here may leave a trace of the visitor, and there is no chat yet. */
async function carryOutForPage(
  act: Act,
  who: VisitorWho,
  command: VisitorCommand,
  mayLeave: VisitorDoors['mayLeave'],
): Promise<VisitorResult> {
  switch (command.kind) {
    case 'invite.reject':
      act.tell({ t: 'invite', site: who.site, visitor: who.presence, invite: null });
      return NOTHING;
    case 'request.send':
      await putRequest(act, who, command.request, undefined, mayLeave);
      return NOTHING;
    case 'chat.close':
    case 'messages.read':
      return NOTHING;
    case 'rating.set':
      throw new Refusal('no_operator', 'There is no operator to rate.');
    case 'transcript.mail':
      return refusedMail('not_found', null);
    default:
      throw new Refusal('unauthorized', 'The visitor has to sign in before acting.');
  }
}

/** Also one who has lost the chat since: the visitor waits again, and knows all the same whom they have talked to. */
async function hasSomebodyAnswered(act: Act, { site, summary }: ChatRecord): Promise<boolean> {
  return summary.isAnswered || (await act.tx.wasJoined(site, summary.id));
}

/** The open chat; else the last one for a day after its end. */
async function chatInScope(act: Act, site: SiteKey, visitor: VisitorId): Promise<ChatRecord | undefined> {
  const last = await act.tx.lastChatOf(site, visitor);
  if (last === undefined || last.summary.isOpen) return last;
  return (last.summary.closedAt ?? 0) > act.now - AFTER_CHAT_SECONDS ? last : undefined;
}

async function putTranscript(
  act: Act,
  job: Omit<TranscriptJob, 'chat'> & { chat: ChatRecord | undefined },
  code: string | null,
  mail: MailDoor,
): Promise<VisitorResult> {
  if (job.chat === undefined) return refusedMail('not_found', null);
  const chat = job.chat.summary.id;
  if (!mail.check(job.address)) return refusedMail('invalid_argument', chat);
  if ((await settingsOf(act, job.site)).mail.confirm) {
    const refusal = await confirm(act, { ...job, chat }, code, mail);
    if (refusal !== null) return refusedMail(refusal, chat);
  }
  if (!(await mail.take(job.address, 'transcript'))) return refusedMail('rate_limited', chat);
  await putMail(act, { ...job, chat });
  return { result: { chat } };
}

async function putMail(act: Act, payload: TranscriptJob): Promise<void> {
  await act.tx.putJob({
    key: `mail:${payload.visitor}:${payload.uid}`,
    kind: 'mail',
    site: payload.site,
    runAtMs: act.nowMs,
    tries: 0,
    payload,
  });
  act.tell({ t: 'jobs' });
}

/**
 * `null` once the visitor has shown that the address is their own: now by the code, or before. Else a code is mailed there, and the
 * answer is `forbidden`: the same for a wrong code, so that the visitor tries again with the one they have.
 */
async function confirm(act: Act, job: TranscriptJob, code: string | null, mail: MailDoor): Promise<'forbidden' | 'rate_limited' | null> {
  const address = mail.keyOf(job.address);
  const before = await act.tx.confirmation(job.site, job.visitor, address);
  if (before?.isConfirmed === true) return null;
  const isOpen = before !== undefined && before.endsMs > act.nowMs && before.endsMs <= act.nowMs + CODE_MS && before.tries < CODE_TRIES;
  if (code !== null) {
    if (!isOpen) return 'forbidden';
    const isConfirmed = mail.isCode(code, { ...job, uid: before.uid });
    await act.tx.saveConfirmation({ ...before, tries: before.tries + 1, isConfirmed });
    return isConfirmed ? null : 'forbidden';
  }
  // The same request again: its answer was lost, its code is under way.
  if (isOpen && before.uid === job.uid) return 'forbidden';
  if (!(await mail.take(job.address, 'code'))) return 'rate_limited';
  await act.tx.saveConfirmation({
    site: job.site,
    visitor: job.visitor,
    address,
    uid: job.uid,
    tries: 0,
    endsMs: act.nowMs + CODE_MS,
    isConfirmed: false,
  });
  await putMail(act, { ...job, isCode: true });
  return 'forbidden';
}

function refusedMail(error: string, chat: string | null): VisitorResult {
  return { result: { chat }, mailed: { success: false, error }, isRefusedMail: true };
}

async function putRequest(
  act: Act,
  who: VisitorWho,
  request: OfflineRequest,
  chat: ChatRecord | undefined,
  mayLeave: VisitorDoors['mayLeave'],
): Promise<void> {
  const filled = withoutBlanks(request);
  if (Object.keys(filled).every((key) => key === 'group_id')) throw new Refusal('invalid_argument', 'The request is empty.');
  if (!(await mayLeave()))
    throw new Refusal('rate_limited', 'There were too many requests from here, or on this site. Try again tomorrow.');
  const stored = {
    id: randomUUID(),
    site: who.site,
    date: act.now,
    way: chat?.summary.retention ?? 'offline_message',
    request: filled,
    isDone: false,
  } as const;
  await act.tx.saveRequest({ ...stored, visitor: who.visitor });
  act.tell({ t: 'request', site: who.site, item: stored });
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

/** The marker never goes back and never beyond the chat's last event. */
export async function markRead(act: Act, chat: ChatRecord, side: 'visitor' | 'operator', seq: number): Promise<void> {
  const { site, visitor } = chat;
  const id = chat.summary.id;
  const markers = await act.tx.markRead(site, id, side, seq);
  if (markers.visitor === chat.summary.readByVisitor && markers.operator === chat.summary.readByOperator) return;
  const unread = await act.tx.countVisitorMessages(site, id, markers.operator);
  act.tell({ t: 'read', site, visitor, chat: id, byVisitor: markers.visitor, byOperator: markers.operator, unread });
}
