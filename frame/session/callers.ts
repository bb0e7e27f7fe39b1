/**
 * Who gave which command, and who still waits for an answer. Every command is answered once.
 */
import type { Uid } from '../../shared/chat.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Answer } from '../../shared/page/bridge.ts';
import type { VisitorCommandKind } from '../../shared/wire/protocol.ts';
import type { Changes, Changeset } from './changes.ts';
import type { Caller } from './contract.ts';
import { METHOD_OF } from './words.ts';

export interface Callers {
  /** `by` waits for the command of this uid. */
  wait(uid: Uid, by: Caller): void;
  /** The command has not ended, answered or not. */
  has(uid: Uid): boolean;
  /** Its caller still waits. */
  isWaiting(uid: Uid): boolean;
  /** It was applied here already: its caller is answered early, and what the server says of it is not told again. */
  answerEarly(uid: Uid, set: Changeset): void;
  /** It has ended: answers its caller, if that has not happened. */
  answer(uid: Uid, outcome: Answer, set: Changeset): void;
  /** It has failed: tells an `error` and answers. */
  fail(kind: VisitorCommandKind | 'identify', uid: Uid, code: ErrorCode, message: string, set: Changeset): void;
  /** Nobody waits for it any more. */
  drop(uid: Uid): void;
  /** Answers a caller whose command was never given. */
  reply(by: Caller, outcome: Answer, set: Changeset): void;
  /** Refuses a command before it is given. */
  refuse(by: Caller, command: string, code: ErrorCode, message: string): void;
  /** The visitor is forgotten: every command has ended. */
  forget(set: Changeset): void;
}

export function createCallers({ change }: Pick<Changes, 'change'>): Callers {
  const given = new Map<Uid, { by: Caller; isAnswered: boolean }>();

  const isWaiting = (uid: Uid): boolean => given.get(uid)?.isAnswered === false;

  function reply(by: Caller, answer: Answer, set: Changeset): void {
    if (by.via === 'api' && by.id !== undefined) set.after.push({ name: 'answer', id: by.id, answer });
  }

  function answer(uid: Uid, outcome: Answer, set: Changeset): void {
    const command = given.get(uid);
    given.delete(uid);
    if (command !== undefined && !command.isAnswered) reply(command.by, outcome, set);
  }

  return {
    wait: (uid, by) => void given.set(uid, { by, isAnswered: false }),
    has: (uid) => given.has(uid),
    isWaiting,
    answerEarly(uid, set) {
      const command = given.get(uid);
      if (command === undefined) return;
      reply(command.by, { ok: true }, set);
      command.isAnswered = true;
    },
    answer,
    fail(kind, uid, code, message, set) {
      const command = kind === 'identify' ? kind : METHOD_OF[kind];
      if (isWaiting(uid) && command !== undefined) set.after.push({ name: 'error', code, message, command });
      answer(uid, { ok: false, code, message }, set);
    },
    drop: (uid) => void given.delete(uid),
    reply,
    refuse(by, command, code, message) {
      change((set) => {
        set.after.push({ name: 'error', code, message, command });
        reply(by, { ok: false, code, message }, set);
      });
    },
    forget(set) {
      for (const uid of [...given.keys()]) answer(uid, { ok: false, code: 'destroyed', message: 'The visitor is forgotten.' }, set);
    },
  };
}
