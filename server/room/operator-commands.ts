/**
 * What an operator's commands do. A chat or visitor is looked for on the operator's own sites only; on any other site it counts as
 * absent.
 */
import type { ChatId, OperatorId, SiteKey, Uid, VisitorId } from '../../shared/chat.ts';
import type { CommandResult } from '../../shared/wire/protocol.ts';
import type { OperatorCommand } from '../../shared/wire/workplace.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { Operator } from '../store/operators.ts';
import type { Visitor } from '../store/visitors.ts';
import { takeFile } from './file-messages.ts';
import { dropInvite, makeInvite, offerInvite } from './invitations.ts';
import { closeChat, join, leave } from './lifecycle.ts';
import { serves, sitesOf } from './operator-sites.ts';
import { markRead } from './read-markers.ts';
import { CommandError, authorOf, resultOf, type UnitOfWork } from './unit-of-work.ts';
import { beginWait, endWait } from './waiting.ts';

/** What only the inbox knows. The command asks when it runs. */
export interface PresenceLookup {
  /** A person of the list *Visitors*. */
  presence(id: VisitorId): { site: SiteKey; isAnonymous: boolean; canBeInvited: boolean } | undefined;
  isOnline(operator: OperatorId, site: SiteKey): boolean;
}

/** Runs a command of an operator. */
export async function runOperatorCommand(
  work: UnitOfWork,
  operator: Operator,
  command: OperatorCommand,
  lookup: PresenceLookup,
): Promise<CommandResult> {
  const author = authorOf(operator);
  switch (command.kind) {
    case 'message.send': {
      const chat = mustHaveJoined(await openChatAt(work, operator, command.chat), operator);
      await endWait(work, chat);
      const { event } = await work.append(chat, { kind: 'message.added', text: command.text, file: null, author, uid: command.uid });
      return resultOf(event);
    }
    case 'file.send': {
      const chat = mustHaveJoined(await openChatAt(work, operator, command.chat), operator);
      const { file } = await takeFile(work, chat.site, { operator: operator.id }, command.file, async () => chat);
      const { event } = await work.append(chat, { kind: 'message.added', text: file.name, file, author, uid: command.uid });
      return resultOf(event);
    }
    case 'chat.join': {
      const chat = await openChatAt(work, operator, command.chat);
      if (chat.summary.operator?.id === operator.id) return { chat: command.chat };
      if (chat.summary.operator !== null) throw new CommandError('already_taken', 'Another operator has joined this chat.');
      await join(work, chat, operator, command.uid);
      return { chat: command.chat };
    }
    case 'chat.take': {
      const chat = await openChatAt(work, operator, command.chat);
      const owner = chat.summary.operator;
      if (owner?.id === operator.id) return { chat: command.chat };
      // The operator confirmed from whom they take the chat: the same click must push nobody else aside.
      if (owner !== null && owner.id !== command.from) throw new CommandError('already_taken', 'Another operator has this chat by now.');
      const via = owner === null ? undefined : ({ kind: 'takeover', from: { id: owner.id, name: owner.card.name } } as const);
      await join(work, await leave(work, chat, author, null, 'takeover'), operator, command.uid, via);
      return { chat: command.chat };
    }
    case 'chat.leave': {
      const chat = mustHaveJoined(await openChatAt(work, operator, command.chat), operator);
      await beginWait(work, await leave(work, chat, author, command.uid));
      return { chat: command.chat };
    }
    case 'chat.close': {
      const chat = await chatAt(work, operator, command.chat);
      // The visitor closed it in the same moment: it is as the operator wanted.
      if (!chat.summary.isOpen) return { chat: command.chat };
      if (chat.summary.operator !== null) mustHaveJoined(chat, operator);
      await closeChat(work, chat, 'operator', author, command.uid);
      return { chat: command.chat };
    }
    case 'chat.transfer': {
      const chat = mustHaveJoined(await openChatAt(work, operator, command.chat), operator);
      const target = await work.tx.operator(command.operator);
      if (target === undefined || !serves(target, chat.site)) throw new CommandError('not_found', 'There is no such operator.');
      if (target.id === operator.id) throw new CommandError('invalid_argument', 'A chat is transferred to somebody else.');
      if (!lookup.isOnline(target.id, chat.site)) throw new CommandError('unavailable', 'That operator is not online.');
      const from = { id: operator.id, name: operator.card.name };
      await join(work, await leave(work, chat, author, command.uid, 'transfer'), target, null, { kind: 'transfer', from });
      return { chat: command.chat };
    }
    case 'visitor.invite':
      await invite(work, operator, command, lookup);
      return { chat: null };
    case 'invite.withdraw':
      await withdraw(work, operator, command.visitor, lookup);
      return { chat: null };
    case 'messages.read':
      await markRead(work, await chatAt(work, operator, command.chat), 'operator', command.seq);
      return { chat: command.chat };
    case 'card.correct': {
      const visitor = await visitorAt(work, operator, command.visitor);
      const card = await work.tx.correctCard(visitor.site, visitor.id, command.corrections);
      work.tell({ t: 'card', site: visitor.site, visitor: visitor.id, card });
      return { chat: null };
    }
    case 'request.done': {
      await finishRequest(work, operator, command.request);
      return { chat: null };
    }
  }
}

async function chatAt(work: UnitOfWork, operator: Operator, id: ChatId): Promise<ChatRecord> {
  const chat = await work.tx.chatAmong(sitesOf(operator), id);
  if (chat !== undefined) return chat;
  throw new CommandError('not_found', 'There is no such chat.');
}

async function visitorAt(work: UnitOfWork, operator: Operator, id: VisitorId): Promise<Visitor> {
  const visitor = await work.tx.visitorAmong(sitesOf(operator), id);
  if (visitor !== undefined) return visitor;
  throw new CommandError('not_found', 'There is no such visitor.');
}

async function openChatAt(work: UnitOfWork, operator: Operator, id: ChatId): Promise<ChatRecord> {
  const chat = await chatAt(work, operator, id);
  if (!chat.summary.isOpen) throw new CommandError('chat_closed', 'This chat has ended.');
  return chat;
}

function mustHaveJoined(chat: ChatRecord, operator: Operator): ChatRecord {
  if (chat.summary.operator?.id !== operator.id)
    throw new CommandError('forbidden', 'Only the operator who has joined this chat may do that.');
  return chat;
}

async function invite(
  work: UnitOfWork,
  operator: Operator,
  command: { uid: Uid; visitor: VisitorId; text: string },
  lookup: PresenceLookup,
): Promise<void> {
  const target = lookup.presence(command.visitor);
  if (target === undefined || !serves(operator, target.site)) throw new CommandError('not_found', 'There is no such visitor.');
  if (!target.canBeInvited) throw new CommandError('unavailable', 'This visitor cannot be invited now.');
  const made = makeInvite(command.text, operator.card, command.uid, work.now, operator.id);
  if (!(await offerInvite(work, { ...target, visitor: command.visitor }, made))) {
    throw new CommandError('unavailable', 'This visitor cannot be invited now.');
  }
}

async function withdraw(work: UnitOfWork, operator: Operator, id: VisitorId, lookup: PresenceLookup): Promise<void> {
  const target = lookup.presence(id);
  // A visitor who has left lets the invitation expire: there is nothing to withdraw.
  if (target === undefined || !serves(operator, target.site)) return;
  if (target.isAnonymous) return work.tell({ t: 'invite', site: target.site, visitor: id, invite: null });
  const visitor = await work.tx.visitor(target.site, id);
  if (visitor !== undefined) await dropInvite(work, visitor);
}

async function finishRequest(work: UnitOfWork, operator: Operator, id: string): Promise<void> {
  const found = await work.tx.requestAmong(sitesOf(operator), id);
  const stored = found && (await work.tx.finishRequest(found.site, id));
  if (stored === undefined) throw new CommandError('not_found', 'There is no such request.');
  const { visitor: _, ...item } = stored;
  work.tell({ t: 'request', site: stored.site, item });
}
