/**
 * What an operator's commands do. Every chat and visitor is looked for among the operator's own sites only; one that is
 * elsewhere is as absent as one that never was.
 */
import { INVITE_SECONDS } from '../../shared/limits.ts';
import type { ChatId, OperatorCard, OperatorId, SiteKey, Uid, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { CommandResult } from '../../shared/wire/protocol.ts';
import type { OperatorCommand } from '../../shared/wire/workplace.ts';
import type { ChatRecord, Operator, Reader, StandingInvite, Visitor } from '../store/store.ts';
import {
  Refusal,
  authorOf,
  closeChat,
  dropInvite,
  endWait,
  join,
  leave,
  resultOf,
  serves,
  standingInvite,
  takeFile,
  type Act,
} from './act.ts';
import { markRead } from './visitor-commands.ts';

/** What only the inbox knows, asked when the command is carried out. */
export interface PresenceLookup {
  /** Somebody on one of the operator's sites, by the id of the list *Visitors*. */
  presence(id: VisitorId): { site: SiteKey; isAnonymous: boolean; canBeInvited: boolean } | undefined;
  isOnline(operator: OperatorId, site: SiteKey): boolean;
}

export async function carryOutForOperator(
  act: Act,
  operator: Operator,
  command: OperatorCommand,
  around: PresenceLookup,
): Promise<CommandResult> {
  const author = authorOf(operator);
  switch (command.kind) {
    case 'message.send': {
      const chat = mustHaveJoined(await openChatAt(act, operator, command.chat), operator);
      await endWait(act, chat);
      const { event } = await act.append(chat, { kind: 'message.added', text: command.text, file: null, author, uid: command.uid });
      return resultOf(event);
    }
    case 'file.send': {
      const chat = mustHaveJoined(await openChatAt(act, operator, command.chat), operator);
      const file = await takeFile(act, chat.site, { operator: operator.id }, command.file, chat);
      const { event } = await act.append(chat, { kind: 'message.added', text: file.name, file, author, uid: command.uid });
      return resultOf(event);
    }
    case 'chat.join': {
      const chat = await openChatAt(act, operator, command.chat);
      if (chat.summary.operator?.id === operator.id) return { chat: command.chat };
      if (chat.summary.operator !== null) throw new Refusal('already_taken', 'Another operator has joined this chat.');
      await join(act, chat, operator, command.uid);
      return { chat: command.chat };
    }
    case 'chat.take': {
      const chat = await openChatAt(act, operator, command.chat);
      const owner = chat.summary.operator;
      if (owner?.id === operator.id) return { chat: command.chat };
      // Whom it is taken from was read out before it was confirmed: nobody else is pushed aside by the same click.
      if (owner !== null && owner.id !== command.from) throw new Refusal('already_taken', 'Another operator has this chat by now.');
      const via = owner === null ? undefined : ({ kind: 'takeover', from: { id: owner.id, name: owner.card.name } } as const);
      await join(act, await leave(act, chat, author, null, 'takeover'), operator, command.uid, via);
      return { chat: command.chat };
    }
    case 'chat.leave': {
      const chat = mustHaveJoined(await openChatAt(act, operator, command.chat), operator);
      await leave(act, chat, author, command.uid);
      return { chat: command.chat };
    }
    case 'chat.close': {
      const chat = await chatAt(act, operator, command.chat);
      // Closed by the visitor in the same moment: what was wanted is so.
      if (!chat.summary.isOpen) return { chat: command.chat };
      if (chat.summary.operator !== null) mustHaveJoined(chat, operator);
      await closeChat(act, chat, 'operator', author, command.uid);
      return { chat: command.chat };
    }
    case 'chat.transfer': {
      const chat = mustHaveJoined(await openChatAt(act, operator, command.chat), operator);
      const target = await act.tx.operator(command.operator);
      if (target === undefined || !serves(target, chat.site)) throw new Refusal('not_found', 'There is no such operator.');
      if (target.id === operator.id) throw new Refusal('invalid_argument', 'A chat is transferred to somebody else.');
      if (!around.isOnline(target.id, chat.site)) throw new Refusal('unavailable', 'That operator is not online.');
      const from = { id: operator.id, name: operator.card.name };
      await join(act, await leave(act, chat, author, command.uid, 'transfer'), target, null, { kind: 'transfer', from });
      return { chat: command.chat };
    }
    case 'visitor.invite':
      await invite(act, operator, command, around);
      return { chat: null };
    case 'invite.withdraw':
      await withdraw(act, operator, command.visitor, around);
      return { chat: null };
    case 'messages.read':
      await markRead(act, await chatAt(act, operator, command.chat), 'operator', command.seq);
      return { chat: command.chat };
    case 'card.correct': {
      const visitor = await visitorAt(act, operator, command.visitor);
      const card = await act.tx.correctCard(visitor.site, visitor.id, command.corrections);
      act.tell({ t: 'card', site: visitor.site, visitor: visitor.id, card });
      return { chat: null };
    }
    case 'request.done': {
      await finishRequest(act, operator, command.request);
      return { chat: null };
    }
  }
}

/** The keys of the sites an operator serves; those that are named need not exist any more. Asked with every command. */
export async function sitesOf(reader: Pick<Reader, 'siteKeys'>, operator: Operator): Promise<SiteKey[]> {
  const keys = operator.sites.length > 0 ? operator.sites : await reader.siteKeys();
  return keys.filter((key) => serves(operator, key));
}

async function chatAt(act: Act, operator: Operator, id: ChatId): Promise<ChatRecord> {
  for (const site of await sitesOf(act.tx, operator)) {
    const chat = await act.tx.chat(site, id);
    if (chat !== undefined) return chat;
  }
  throw new Refusal('not_found', 'There is no such chat.');
}

async function visitorAt(act: Act, operator: Operator, id: VisitorId): Promise<Visitor> {
  for (const site of await sitesOf(act.tx, operator)) {
    const visitor = await act.tx.visitor(site, id);
    if (visitor !== undefined) return visitor;
  }
  throw new Refusal('not_found', 'There is no such visitor.');
}

async function openChatAt(act: Act, operator: Operator, id: ChatId): Promise<ChatRecord> {
  const chat = await chatAt(act, operator, id);
  if (!chat.summary.isOpen) throw new Refusal('chat_closed', 'This chat has ended.');
  return chat;
}

function mustHaveJoined(chat: ChatRecord, operator: Operator): ChatRecord {
  if (chat.summary.operator?.id !== operator.id) throw new Refusal('forbidden', 'Only the operator who has joined this chat may do that.');
  return chat;
}

async function invite(
  act: Act,
  operator: Operator,
  command: { uid: Uid; visitor: VisitorId; text: string },
  around: PresenceLookup,
): Promise<void> {
  const target = around.presence(command.visitor);
  if (target === undefined || !serves(operator, target.site)) throw new Refusal('not_found', 'There is no such visitor.');
  if (!target.canBeInvited) throw new Refusal('unavailable', 'This visitor cannot be invited now.');
  const made = makeInvite(command.text, operator.card, command.uid, act.now, operator.id);
  if (!(await offerInvite(act, { ...target, visitor: command.visitor }, made))) {
    throw new Refusal('unavailable', 'This visitor cannot be invited now.');
  }
}

/** Lets an invitation stand, unless one does or a chat is open. Of an anonymous page nothing is stored. */
export async function offerInvite(
  act: Act,
  to: { site: SiteKey; visitor: VisitorId; isAnonymous: boolean },
  made: StandingInvite,
): Promise<boolean> {
  if (!to.isAnonymous) {
    const visitor = await act.tx.visitor(to.site, to.visitor);
    if (visitor === undefined || standingInvite(visitor, act.now) !== null) return false;
    if ((await act.tx.openChatOf(to.site, to.visitor)) !== undefined) return false;
    await act.tx.setInvite(to.site, to.visitor, made);
  }
  act.tell({ t: 'invite', site: to.site, visitor: to.visitor, invite: made });
  return true;
}

async function withdraw(act: Act, operator: Operator, id: VisitorId, around: PresenceLookup): Promise<void> {
  const target = around.presence(id);
  // Somebody who has gone took the invitation along or lets it expire: there is nothing left to withdraw.
  if (target === undefined || !serves(operator, target.site)) return;
  if (target.isAnonymous) return act.tell({ t: 'invite', site: target.site, visitor: id, invite: null });
  const visitor = await act.tx.visitor(target.site, id);
  if (visitor !== undefined) await dropInvite(act, visitor);
}

/** @param operator who joins when it is accepted; without one it is the automatic invitation */
export function makeInvite(text: string, card: OperatorCard, uid: Uid, now: UnixSeconds, operator?: OperatorId): StandingInvite {
  return {
    text,
    invite_message: text,
    date: now,
    source: 'Operator',
    from: card.name,
    sender: 'operator',
    operator_info: card,
    chat_id: null,
    message_id: null,
    uid,
    expires: now + INVITE_SECONDS,
    ...(operator === undefined ? {} : { operator }),
  };
}

async function finishRequest(act: Act, operator: Operator, id: string): Promise<void> {
  for (const site of await sitesOf(act.tx, operator)) {
    const stored = await act.tx.finishRequest(site, id);
    if (stored === undefined) continue;
    const { visitor: _, ...item } = stored;
    return act.tell({ t: 'request', site, item });
  }
  throw new Refusal('not_found', 'There is no such request.');
}
