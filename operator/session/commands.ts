/**
 * What an operator can do to the visitor on screen: each command checks whether it makes sense now, and goes into the
 * outbox. What it changed comes back as an event.
 */
import { batch } from '@preact/signals-core';
import type { ChatId, OperatorId, Uid } from '../../shared/chat.ts';
import type { Chance, Clock } from '../../shared/client/platform.ts';
import { MESSAGE_MAX_LENGTH, codePoints } from '../../shared/limits.ts';
import type { OperatorCommand, OperatorFrame } from '../../shared/wire/workplace.ts';
import type { Session } from './contract.ts';
import type { Conversations } from './conversations.ts';
import type { Delivery } from './delivery.ts';
import type { FileLike } from './outgoing.ts';
import type { Replies } from './replies.ts';

export type Commands = Pick<
  Session,
  | 'setReply'
  | 'sendReply'
  | 'sendFiles'
  | 'attach'
  | 'detach'
  | 'invite'
  | 'withdrawInvite'
  | 'join'
  | 'takeOver'
  | 'leave'
  | 'transfer'
  | 'closeChat'
  | 'correctCard'
  | 'finishRequest'
>;

export interface CommandsOptions {
  self: OperatorId;
  conversations: Pick<Conversations, 'current' | 'currentId'>;
  replies: Replies;
  delivery: Pick<Delivery, 'add' | 'isRunning' | 'sendFile'>;
  /** Whether the frame could be sent. */
  tell(frame: OperatorFrame): boolean;
  clock: Clock;
  chance: Chance;
}

/** Least time between two signs of typing. Milliseconds. */
const TYPING_MS = 3_000;

export function createCommands({ self, conversations, replies, delivery, tell, clock, chance }: CommandsOptions): Commands {
  const { current, currentId } = conversations;
  const typedAt = new Map<ChatId, number>();

  /** Gives a command about the open chat on screen, unless the same one still waits for its answer. */
  function giveOnce(make: (chat: ChatId, uid: Uid) => Extract<OperatorCommand, { chat: ChatId }>): void {
    const chat = current.peek()?.chat;
    if (!chat?.isOpen) return;
    const command = make(chat.id, chance.uid());
    if (!delivery.isRunning(command.kind, chat.id)) delivery.add(command);
  }

  const join = (): void => giveOnce((chat, uid) => ({ uid, kind: 'chat.join', chat }));

  /** The open chat on screen if this operator may speak in it; joins it first if nobody has it. */
  function chatToSpeakIn(): ChatId | null {
    const chat = current.peek()?.chat;
    if (!chat?.isOpen) return null;
    if (chat.operator === null) join();
    return chat.operator === null || chat.operator.id === self ? chat.id : null;
  }

  function sendReply(): void {
    const visitor = currentId.peek();
    if (visitor === null) return;
    const text = replies.text(visitor).trim();
    if ((text === '' && !replies.attachments.has(visitor)) || codePoints(text) > MESSAGE_MAX_LENGTH) return;
    const chat = chatToSpeakIn();
    if (chat === null) return;
    batch(() => {
      if (text !== '') delivery.add({ uid: chance.uid(), kind: 'message.send', chat, text });
      replies.write(visitor, '');
      const site = current.peek()?.item?.site;
      if (site !== undefined) for (const { uid, file } of replies.attachments.take(visitor)) delivery.sendFile({ uid, chat, site, file });
    });
    typedAt.delete(chat);
  }

  function sendFiles(files: readonly FileLike[]): void {
    const site = current.peek()?.item?.site;
    if (files.length === 0 || site === undefined) return;
    const chat = chatToSpeakIn();
    if (chat === null) return;
    for (const file of files) delivery.sendFile({ uid: chance.uid(), chat, site, file });
  }

  function setReply(text: string): void {
    const conversation = current.peek();
    if (conversation === null) return;
    replies.write(conversation.visitor, text);
    const { chat } = conversation;
    if (text === '' || !chat?.isOpen || chat.operator?.id !== self) return;
    if (clock.elapsed() - (typedAt.get(chat.id) ?? -TYPING_MS) < TYPING_MS) return;
    if (tell({ t: 'typing', chat: chat.id })) typedAt.set(chat.id, clock.elapsed());
  }

  return {
    setReply,
    sendReply,
    sendFiles,
    attach(files) {
      const visitor = currentId.peek();
      if (visitor === null) return;
      const attachments = files.map((file) => ({ uid: chance.uid(), file }));
      replies.attachments.add(visitor, attachments);
    },
    detach(uid) {
      const visitor = currentId.peek();
      if (visitor !== null) replies.attachments.discard(visitor, uid);
    },
    invite(text) {
      const visitor = currentId.peek();
      if (visitor === null || text.trim() === '' || delivery.isRunning('visitor.invite', visitor)) return;
      delivery.add({ uid: chance.uid(), kind: 'visitor.invite', visitor, text: text.trim() });
    },
    withdrawInvite() {
      const visitor = currentId.peek();
      if (visitor !== null) delivery.add({ uid: chance.uid(), kind: 'invite.withdraw', visitor });
    },
    join,
    takeOver() {
      const owner = current.peek()?.chat?.operator;
      if (owner) giveOnce((chat, uid) => ({ uid, kind: 'chat.take', chat, from: owner.id }));
    },
    leave: () => giveOnce((chat, uid) => ({ uid, kind: 'chat.leave', chat })),
    transfer: (to) => giveOnce((chat, uid) => ({ uid, kind: 'chat.transfer', chat, operator: to })),
    closeChat: () => giveOnce((chat, uid) => ({ uid, kind: 'chat.close', chat })),
    correctCard(corrections) {
      const visitor = currentId.peek();
      if (visitor !== null && corrections.length > 0) delivery.add({ uid: chance.uid(), kind: 'card.correct', visitor, corrections });
    },
    finishRequest: (request) => delivery.add({ uid: chance.uid(), kind: 'request.done', request }),
  };
}
