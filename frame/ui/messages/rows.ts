/**
 * What the message list draws, as data: messages in their order with day separators, grouped by author, and the stretch
 * of them that is in the document. Pure; knows no component and no clock.
 */
import type { Message } from '../../../shared/chat.ts';
import type { PendingMessage } from '../../../shared/page/bridge.ts';
import type { Upload } from '../../session/contract.ts';

export type Row =
  | { kind: 'day'; key: string; date: number }
  | {
      kind: 'message';
      key: string;
      message: Message;
      state: 'stored' | 'pending' | 'failed';
      reason: string | null;
      /** First and last of a group of bubbles by one author. */
      isFirst: boolean;
      isLast: boolean;
    }
  | { kind: 'upload'; key: string; upload: Upload };

/** Rows in the document at once. Fewer than 200 with everything that stands between them. */
export const WINDOW = 160;
/** Rows by which the window moves. */
export const STEP = 60;
/** Messages further apart than this are two thoughts, not one group. */
const GROUP_SECONDS = 5 * 60;

export function rowsOf(messages: readonly Message[], pending: readonly PendingMessage[], uploads: readonly Upload[]): Row[] {
  const rows: Row[] = [];
  const uploading = new Set(uploads.map((upload) => upload.uid));
  let last: Message | undefined;
  const add = (message: Message, state: 'stored' | 'pending' | 'failed', reason: string | null) => {
    if (!last || !isSameDay(last.date, message.date)) {
      rows.push({ kind: 'day', key: `day-${message.message_id ?? message.uid}`, date: message.date });
      last = undefined;
    }
    const isFirst = !last || !isGrouped(last, message);
    const previous = rows.at(-1);
    if (!isFirst && previous?.kind === 'message') previous.isLast = false;
    // Own messages keep their uid when the server has stored them: the bubble stays and is not read out again.
    rows.push({ kind: 'message', key: message.uid ?? message.message_id ?? '', message, state, reason, isFirst, isLast: true });
    last = message;
  };
  for (const message of messages) add(message, 'stored', null);
  for (const { message, failed } of pending)
    if (message.uid === null || !uploading.has(message.uid)) add(message, failed === null ? 'pending' : 'failed', failed);
  for (const upload of uploads) rows.push({ kind: 'upload', key: upload.uid, upload });
  return rows;
}

/** The stretch of `total` rows that ends at `end`; `null` follows the newest. */
export function windowOf(total: number, end: number | null): { start: number; end: number } {
  const stop = end === null ? total : Math.min(total, Math.max(end, Math.min(WINDOW, total)));
  return { start: Math.max(0, stop - WINDOW), end: stop };
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one * 1000).toDateString() === new Date(other * 1000).toDateString();
}

/** `Today`, `Yesterday`, else the date, with its year where it is not this one. `names` come from the caller's strings. */
export function dayLabel(date: number, now: number, names: { today: string; yesterday: string }, locale?: string): string {
  if (isSameDay(date, now)) return names.today;
  const before = new Date(now * 1000);
  before.setDate(before.getDate() - 1);
  if (isSameDay(date, before.getTime() / 1000)) return names.yesterday;
  const isThisYear = new Date(date * 1000).getFullYear() === new Date(now * 1000).getFullYear();
  return new Date(date * 1000).toLocaleDateString(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
}

/** At most two letters of a name, for an operator without a picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

function isGrouped(one: Message, other: Message): boolean {
  return (
    one.sender === other.sender &&
    one.from === other.from &&
    one.chat_id === other.chat_id &&
    Math.abs(other.date - one.date) < GROUP_SECONDS
  );
}
