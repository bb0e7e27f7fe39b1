/**
 * One error class and one list of codes for all rooms. A code is public: customers branch on it, so it never changes its
 * meaning. The message is English for a programmer; what a visitor reads is in the interface's `strings.ts`.
 */

export const ERROR_CODES = [
  // the caller's mistake, or something this chat can't do now
  'invalid_argument',
  'too_long',
  'no_operator',
  'disabled',
  'not_found',
  'chat_closed',
  'already_taken',
  'uid_conflict',
  'file_too_large',
  'file_refused',
  'file_empty',
  'file_damaged',
  'file_unsafe',
  'picture_too_large',
  'upload_failed',
  'mail_refused',
  'storage_full',
  'unavailable',
  'rate_limited',
  // the bridge
  'frame_blocked',
  'frame_unstable',
  'frame_unavailable',
  'refused',
  'unreachable',
  'timeout',
  'not_callable',
  'destroyed',
  // the server's endpoints
  'unauthorized',
  'forbidden',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * The one error that crosses a boundary of ours: `code` for programs, `message` for programmers.
 *
 * @example
 * throw new ChatError('too_long', 'sendChatMessage() takes at most 4096 characters, got 5000.');
 */
export class ChatError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'ChatError';
    this.code = code;
  }
}

/** The code in `value` if it is one of ours, else `internal`: what arrives from another origin may say anything. */
export function toErrorCode(value: unknown): ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(value) ? (value as ErrorCode) : 'internal';
}
