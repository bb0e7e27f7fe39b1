/**
 * The outcome of a command: reports the server's answer together with its event. An answer that comes first waits for its event,
 * so that at no moment a message is missing from both places.
 */
import type { Uid } from '../../shared/chat.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { CommandResult, VisitorCommand } from '../../shared/wire/protocol.ts';
import type { Callers } from './callers.ts';
import { changeCard, stillRequired } from './card.ts';
import type { Changeset } from './changes.ts';
import type { Closing } from './closing.ts';
import type { Delivery, SessionContext } from './context.ts';
import type { Outcomes } from './outcomes.ts';
import type { Uploads } from './uploads.ts';

/** An answer that came before its event. */
interface Early {
  command: VisitorCommand;
  result: CommandResult;
  stop: () => void;
}

export interface Answers {
  /** Commands whose answer waits for its event. */
  early(): VisitorCommand[];
  /** The server has done it. */
  take(command: VisitorCommand, result: CommandResult, set: Changeset): void;
  /** The server has refused it for good. */
  fail(command: VisitorCommand, code: ErrorCode, message: string, set: Changeset): void;
  /** The file has failed before its command was given, or afterwards. */
  failFile(uid: Uid, code: ErrorCode, message: string): void;
  /** Ends the answers whose events are folded now; or all, because a fresh summary contains their events. */
  end(set: Changeset, isAll?: boolean): void;
  forget(): void;
}

export interface AnswersOptions {
  context: SessionContext;
  callers: Callers;
  closing: Closing;
  outcomes: Outcomes;
  originOf: Delivery['originOf'];
  uploads(): Uploads;
  /** Drops the command from the outbox. */
  discard(uid: Uid): void;
}

/** If the event does not follow within this time, the answer alone is trusted. */
const WAITS_MS = 5_000;

export function createAnswers({ context, callers, closing, outcomes, originOf, uploads, discard }: AnswersOptions): Answers {
  const { change, later, history, facts } = context;
  let early: Early[] = [];

  function release(one: Early, set: Changeset): void {
    if (!early.includes(one)) return;
    one.stop();
    early = early.filter((other) => other !== one);
    complete(one.command, one.result, set);
  }

  function complete(command: VisitorCommand, result: CommandResult, set: Changeset): void {
    const { uid } = command;
    const isMine = callers.isWaiting(uid);
    switch (command.kind) {
      case 'chat.start':
        if (isMine) set.after.push({ name: 'startchat' });
        break;
      case 'invite.accept':
        if (isMine) set.after.push({ name: 'inviteaccept' });
        break;
      case 'chat.close':
        closing.uids.delete(uid);
        if (isMine && result.chat !== null) set.after.push({ name: 'closechat' });
        break;
      case 'invite.reject':
        context.foresee({ invite: null });
        if (isMine) set.after.push({ name: 'invitereject' });
        break;
      case 'message.send':
        if (originOf(uid) !== undefined) tellDelivered(uid, result, set);
        break;
      case 'file.send':
        uploads().remove(uid);
        break;
      case 'rating.set':
        if (isMine) set.before.push({ name: 'setrating', mark: command.mark });
        break;
      case 'card.set': {
        const { card, requiredInfo } = facts.register;
        context.foresee({ card: changeCard(card, command.card), requiredInfo: stillRequired(requiredInfo, command.card) });
        break;
      }
      case 'transcript.mail':
        // The answer proper is `mailed`.
        if (isMine) outcomes.expectMail(uid);
        return;
      case 'request.send':
        outcomes.endRequest(uid, { success: true, wantsCall: command.wantsCall === true }, set);
        return;
      case 'messages.read':
        break;
    }
    callers.answer(uid, { ok: true }, set);
  }

  function tellDelivered(uid: Uid, result: CommandResult, set: Changeset): void {
    const stored = history.find(uid)?.message;
    const message_id = result.message_id ?? stored?.message_id;
    const chat_id = result.chat ?? stored?.chat_id;
    if (!message_id || !chat_id) return;
    set.after.push({ name: 'messagedelivered', uid, message_id, chat_id, date: result.date ?? stored?.date ?? 0 });
  }

  function failMessage(kind: 'message.send' | 'file.send', uid: Uid, code: ErrorCode, message: string, set: Changeset): void {
    set.after.push({ name: 'messagefailed', uid, reason: code });
    callers.fail(kind, uid, code, message, set);
  }

  return {
    early: () => early.map(({ command }) => command),
    take(command, result, set) {
      if (isFolded(command, result, context)) {
        complete(command, result, set);
        return;
      }
      const one = { command, result, stop: later(WAITS_MS, () => change((then) => release(one, then))) };
      early = [...early, one];
    },
    fail({ uid, kind }, code, message, set) {
      closing.uids.delete(uid);
      if (kind === 'file.send') {
        uploads().fail(uid, code, message);
        // An earlier page has left it: nothing shows it here and nobody can try it again.
        if (!uploads().has(uid)) discard(uid);
      } else if (kind === 'message.send') {
        failMessage(kind, uid, code, message, set);
      } else if (kind === 'transcript.mail') {
        outcomes.endMail(uid, false, code, set, message);
      } else if (kind === 'request.send') {
        outcomes.endRequest(uid, { success: false, code, message }, set);
      } else {
        callers.fail(kind, uid, code, message, set);
      }
    },
    failFile: (uid, code, message) => change((set) => failMessage('file.send', uid, code, message, set)),
    end(set, isAll = false) {
      for (const one of early) if (isAll || isFolded(one.command, one.result, context)) release(one, set);
    },
    forget() {
      for (const { stop } of early) stop();
      early = [];
    },
  };
}

/** Whether the timeline already shows what an answer speaks of. */
function isFolded(command: VisitorCommand, { chat, seq }: CommandResult, { history, chats, catchUp }: SessionContext): boolean {
  if (chat === null) return true;
  switch (command.kind) {
    case 'message.send':
    case 'file.send':
      return history.has(command.uid) || (seq !== undefined && catchUp.cursorAt(chat) >= seq);
    case 'chat.start':
    case 'invite.accept':
      return chats.get(chat) !== undefined;
    case 'chat.close':
      return chats.get(chat)?.isOpen === false;
    default:
      return true;
  }
}
