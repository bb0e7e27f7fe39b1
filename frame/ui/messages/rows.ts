/**
 * What the message list draws, as data: messages in their order, grouped by author, with the lines that the extras put between
 * them, and the stretch of them that is in the document. Pure; knows no component and no clock.
 */
import type { ComponentChild } from 'preact';
import type { FileInfo, Message } from '../../../shared/chat.ts';
import type { PendingMessage } from '../../../shared/page/bridge.ts';
import type { Entry } from '../../session/history.ts';
import type { Upload } from '../../session/contract.ts';

export interface MessageRow {
  kind: 'message';
  key: string;
  message: Message;
  file: FileInfo | null;
  state: 'stored' | 'pending' | 'failed';
  reason: string | null;
  /** First and last of a group of bubbles by one author. */
  isFirst: boolean;
  isLast: boolean;
}

/** A day, an earlier chat, somebody who came or went. */
export interface Line {
  kind: 'line';
  key: string;
  node: ComponentChild;
}

export type Row = Line | MessageRow | { kind: 'upload'; key: string; upload: Upload };

/** The lines that stand before a message; before `null`, those that stand after all of them. Asked once for each, in their order. */
export type LinesBefore = (message: Message | null, seq: number) => Line[];

/** Rows in the document at once. Fewer than 200 with everything that stands between them. */
export const WINDOW = 160;
/** Rows by which the window moves. */
export const STEP = 60;
/** Messages further apart than this are two thoughts, not one group. */
const GROUP_SECONDS = 5 * 60;

export function rowsOf(
  entries: readonly Entry[],
  pending: readonly PendingMessage[],
  uploads: readonly Upload[],
  linesBefore: LinesBefore = () => [],
): Row[] {
  const rows: Row[] = [];
  const uploading = new Set(uploads.map((upload) => upload.uid));
  const add = (message: Message, seq: number, file: FileInfo | null, state: MessageRow['state'], reason: string | null) => {
    rows.push(...linesBefore(message, seq));
    const previous = rows.at(-1);
    const isFirst = previous?.kind !== 'message' || !isGrouped(previous.message, message);
    if (!isFirst) previous.isLast = false;
    rows.push({ kind: 'message', key: keyOf(message), message, file, state, reason, isFirst, isLast: true });
  };
  for (const { message, seq, file } of entries) add(message, seq, file, 'stored', null);
  rows.push(...linesBefore(null, 0));
  for (const { message, failed } of pending)
    if (message.uid === null || !uploading.has(message.uid)) add(message, 0, null, failed === null ? 'pending' : 'failed', failed);
  for (const upload of uploads) rows.push({ kind: 'upload', key: upload.uid, upload });
  return rows;
}

/** Own messages keep their uid when the server has stored them: the bubble stays. */
export function keyOf({ uid, message_id }: Message): string {
  return uid ?? message_id ?? '';
}

/** The stretch of `total` rows that ends at `end`; `null` follows the newest. */
export function windowOf(total: number, end: number | null): { start: number; end: number } {
  const stop = end === null ? total : Math.min(total, Math.max(end, Math.min(WINDOW, total)));
  return { start: Math.max(0, stop - WINDOW), end: stop };
}

/** The end of the stretch that begins a little before the row with this key; `null` if the newest are in it. */
export function endAround(rows: readonly Row[], key: string): number | null {
  const end = rows.findIndex((row) => row.key === key) + WINDOW - STEP;
  return end < WINDOW - STEP || end >= rows.length ? null : end;
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
