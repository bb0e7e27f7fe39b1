/**
 * What an operator sends and the server has not stored yet: messages and files, as the screen draws them. Types, and the
 * one name by which a running command is found.
 */
import type { ChatId, Uid, UnixSeconds } from '../../shared/chat.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { OperatorCommandKind } from '../../shared/wire/workplace.ts';

/** An own message that the server has not stored yet; with the reason if the server refused it for good. */
export interface OutgoingMessage {
  uid: Uid;
  chat: ChatId;
  text: string;
  date: UnixSeconds;
  failed: ErrorCode | null;
}

/** A file on its way into a chat. It ends as a message, or stays `failed` until the operator resends or discards it. */
export interface OutgoingFile {
  uid: Uid;
  chat: ChatId;
  name: string;
  size: number;
  loaded: number;
  failed: ErrorCode | null;
}

/** The part of the browser's `File` that the session needs; the DOM stays outside. */
export interface FileLike {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/** The name under which a command shows up in `running`. */
export function runningKey(kind: OperatorCommandKind, target: string): string {
  return `${kind} ${target}`;
}
