/**
 * A conversation as the lines of the log: days, notes, and messages with the few facts their drawing needs. Pure.
 */
import type { ChatEvent, MessageAdded, OperatorId, Uid, UnixSeconds, Via } from '../../shared/chat.ts';
import type { Conversation } from '../session/conversation.ts';
import type { OutgoingFile, OutgoingMessage } from '../session/outgoing.ts';
import { dayName } from './format.ts';
import { t } from './strings.ts';

export type Line =
  | { type: 'day'; key: string; text: string }
  /** Before the first message that is still kept. */
  | { type: 'shortened'; key: string }
  | { type: 'note'; key: string; text: string; date: UnixSeconds }
  | { type: 'message'; key: string; event: MessageAdded; isOwn: boolean; isFirst: boolean; isLast: boolean; fate: 'sent' | 'seen' | null }
  | { type: 'pending'; key: string; item: OutgoingMessage }
  | { type: 'upload'; key: string; item: OutgoingFile };

/** Messages of one author within this time stand together under one name. Seconds. */
const TOGETHER = 300;
/** Lines in the document at once. Fewer than 200 with everything that stands between them. */
export const WINDOW = 160;
/** Lines by which the window moves. */
export const STEP = 60;

/** The stretch of `total` lines that ends at `end`; `null` follows the newest. */
export function windowOf(total: number, end: number | null): { start: number; end: number } {
  const stop = end === null ? total : Math.min(total, Math.max(end, WINDOW));
  return { start: Math.max(0, stop - WINDOW), end: stop };
}

export function linesOf(
  conversation: Conversation,
  {
    self,
    now,
    pending,
    uploads,
  }: { self: OperatorId; now: UnixSeconds; pending: readonly OutgoingMessage[]; uploads: readonly OutgoingFile[] },
): Line[] {
  const lines: Line[] = [];
  let before: ChatEvent | undefined;
  /** Of the last event: asking the calendar for each of ten thousand would take longer than drawing them. */
  let day = { from: 0, to: 0 };
  let group: Extract<Line, { type: 'message' }> | undefined;
  const stored = new Set<Uid>();
  let isArrivalTold = false;
  if (isShortened(conversation)) lines.push({ type: 'shortened', key: 'shortened' });
  const arrival = untoldArrival(conversation);
  const tellArrival = (): void => {
    if (arrival === null || isArrivalTold) return;
    isArrivalTold = true;
    lines.push({ type: 'note', key: 'arrival', text: arrival.text, date: arrival.date });
    group = undefined;
  };
  for (const event of conversation.events) {
    if (arrival !== null && event.chat === conversation.chat?.id && event.seq > arrival.seq) tellArrival();
    // The joining that follows says both.
    if (event.kind === 'operator.left' && (event.why === 'transfer' || event.why === 'takeover')) continue;
    if (event.date < day.from || event.date >= day.to) {
      day = dayOf(event.date);
      lines.push({ type: 'day', key: `day ${event.message_id}`, text: dayName(event.date, now) });
      group = undefined;
    }
    if (before !== undefined && before.chat !== event.chat && event.kind !== 'chat.started') {
      lines.push({ type: 'note', key: `chat ${event.message_id}`, text: t.anotherChat, date: event.date });
      group = undefined;
    }
    before = event;
    if (event.uid !== null) stored.add(event.uid);
    if (event.kind === 'message.added') {
      const isFirst = group === undefined || !areTogether(group.event, event);
      if (group !== undefined && !isFirst) group.isLast = false;
      group = {
        type: 'message',
        key: event.message_id,
        event,
        isOwn: isBy(event, self),
        isFirst,
        isLast: true,
        fate: fateOf(event, conversation),
      };
      lines.push(group);
    } else {
      lines.push({ type: 'note', key: event.message_id, text: noteOf(event), date: event.date });
      group = undefined;
    }
  }
  tellArrival();
  const chat = conversation.chat?.id;
  for (const item of uploads) if (item.chat === chat && !stored.has(item.uid)) lines.push({ type: 'upload', key: item.uid, item });
  for (const item of pending) if (item.chat === chat && !stored.has(item.uid)) lines.push({ type: 'pending', key: item.uid, item });
  return lines;
}

/** All there is of it is loaded, and it does not begin with its beginning. */
function isShortened({ isLoaded, hasOlder, chat }: Conversation): boolean {
  return isLoaded && !hasOlder && chat !== null && chat.firstSeq > 1;
}

/** The day of the person in front of the screen that this falls into. */
function dayOf(date: UnixSeconds): { from: UnixSeconds; to: UnixSeconds } {
  const midnight = new Date(date * 1000);
  const from = midnight.setHours(0, 0, 0, 0) / 1000;
  return { from, to: midnight.setDate(midnight.getDate() + 1) / 1000 };
}

function isBy({ author }: MessageAdded, self: OperatorId): boolean {
  return author.kind === 'operator' && author.id === self;
}

function areTogether(a: MessageAdded, b: MessageAdded): boolean {
  return authorOf(a) === authorOf(b) && b.date - a.date <= TOGETHER;
}

function authorOf({ author }: MessageAdded): string {
  return author.kind === 'operator' ? `operator ${author.id ?? ''}` : author.kind;
}

/** Ticks on what operators said in the present chat; of earlier chats nothing is known any more. */
function fateOf(event: MessageAdded, { chat }: Conversation): 'sent' | 'seen' | null {
  if (event.author.kind !== 'operator' || chat === null || chat.id !== event.chat) return null;
  return event.seq <= chat.readByVisitor ? 'seen' : 'sent';
}

function noteOf(event: Exclude<ChatEvent, MessageAdded>): string {
  switch (event.kind) {
    case 'chat.started':
      return t.chatStarted(event.via);
    case 'operator.joined':
      return joinedText(event.via, event.card.name) ?? t.joined(event.card.name);
    case 'operator.left':
      return event.why === 'lost' || event.why === 'signed_out' || event.why === 'removed'
        ? t.leftFor(event.name ?? t.operator, event.why)
        : t.leftChat(event.author.kind === 'operator' ? event.author.card.name : t.operator);
    case 'rating.set':
      return t.rated(event.mark, event.comment);
    case 'retention.offered':
      return event.isTaken ? t.takenWay(event.way) : t.offered(event.way);
    case 'chat.closed':
      return t.chatEnded(event.by);
  }
}

function joinedText(via: Via | undefined, name: string): string | undefined {
  if (via === undefined || via.kind === 'invite') return undefined;
  return via.kind === 'transfer' ? t.handedOverTo(via.from.name, name) : t.takenOverFrom(via.from.name, name);
}

/** Of a chat that was opened after it had come to its operator: the event that says how is not among those that were loaded. */
function untoldArrival({ arrival, chat, item, events }: Conversation): { text: string; seq: number; date: UnixSeconds } | null {
  if (arrival === null || chat?.isOpen !== true || events.some((event) => event.chat === chat.id && event.seq === arrival.seq)) return null;
  const text = joinedText(arrival.via, item?.operator?.name ?? t.operator);
  return text === undefined ? null : { text, seq: arrival.seq, date: arrival.date };
}
