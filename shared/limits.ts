/**
 * Numbers that two rooms must agree on, with unit and reason. Rates and durations that only the server enforces are in
 * `server/config.ts`; they reach a client in `welcome`.
 */

/** Code points in one message (CallGear's own limit). */
export const MESSAGE_MAX_LENGTH = 4096;
/** UTF-16 units of what a visitor writes beside a mark. */
export const COMMENT_MAX_LENGTH = 1000;
/** Messages in one page of history (the documented limit of `getHistory`). */
export const HISTORY_PAGE = 20;
/** What happened between the messages of one page of history; a visitor sees no more of it. */
export const HISTORY_MOMENTS = 60;
/** E-mails and phones kept on a card, each. */
export const CARD_VALUES = 5;
/** UTF-16 units of each value on a card. */
export const CARD_TEXT = { name: 200, email: 254, phone: 50 };
/** Properties of a visitor, and UTF-16 units of a name and of a value. */
export const PROPERTIES = 50;
export const PROPERTY_NAME = 64;
export const PROPERTY_VALUE = 1000;
/** Bytes of one file. */
export const FILE_MAX_SIZE = 10 * 1024 * 1024;
/** Items and bytes of one outbox batch: below the socket's 64 KB whatever the escaping does. */
export const BATCH_ITEMS = 20;
export const BATCH_BYTES = 48 * 1024;
/** Bytes that a page hands over when it ends; browsers carry 64 KiB for all of its last requests together. */
export const BEACON_BYTES = 60 * 1000;
/** Bytes of one frame from a client. */
export const FRAME_BYTES = 64 * 1024;
/** Events that are replayed after a reconnect; a longer absence gets a fresh summary and history instead. */
export const REPLAY_EVENTS = 200;
/** How long the last, closed chat may still be rated or mailed. */
export const AFTER_CHAT_SECONDS = 24 * 3600;
/** How long an invitation stands. */
export const INVITE_SECONDS = 30 * 60;

/** Counts as the visitor does: an emoji of two UTF-16 units is one. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
