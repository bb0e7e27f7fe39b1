/**
 * The facts of one chat in their order. Facts of several publishers come in any order, twice or never; what comes out of here is
 * every event once, each after the one before it, and read markers that never go back.
 *
 * Nothing here waits or reads. What does not follow is kept, and `isBehind` says that something is missing.
 */
import type { ChatId, ChatSummary, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { EventFact, ReadFact } from './facts.ts';

/** How far one chat was told. */
export interface ChatOrder {
  readonly site: SiteKey;
  readonly visitor: VisitorId;
  readonly chat: ChatId;
  /** Its place among the visitor's chats. */
  readonly number: number;
  /** The last event told. */
  seq: number;
  /** The last event that exists, as far as anybody has said. */
  target: number;
  /** Up to here nobody knows who was told: it was read from the store while facts may have been on their way. */
  assumed: number;
  isOpen: boolean;
  /** The markers told. */
  byVisitor: number;
  byOperator: number;
  /** Events that came before an earlier one, by seq. */
  early: Map<number, EventFact>;
  /** Markers that came before the events they were set after. */
  read: ReadFact | undefined;
}

/** Beyond so many early ones none is kept: the store has them all. */
const MOST_EARLY = 200;

/** @param seq the last event that everybody here knows */
export function newChatOrder({ site, visitor }: { site: SiteKey; visitor: VisitorId }, summary: ChatSummary, seq: number): ChatOrder {
  const { id: chat, number, isOpen, readByVisitor: byVisitor, readByOperator: byOperator } = summary;
  const told = { seq, target: seq, assumed: 0, byVisitor, byOperator, early: new Map<number, EventFact>(), read: undefined };
  return { site, visitor, chat, number, isOpen, ...told };
}

/** Takes an event. It is told with those that follow it, by `due`. */
export function putEvent(order: ChatOrder, fact: EventFact): void {
  const { seq } = fact.event;
  order.target = Math.max(order.target, seq);
  if (seq <= order.seq) return;
  if (order.early.size >= MOST_EARLY && seq !== order.seq + 1) return;
  order.early.set(seq, fact);
}

/** Takes markers. They are told once every event they were set after has been. */
export function putRead(order: ChatOrder, fact: ReadFact): void {
  order.target = Math.max(order.target, fact.lastSeq);
  const byVisitor = Math.max(fact.byVisitor, order.read?.byVisitor ?? 0, order.byVisitor);
  const byOperator = Math.max(fact.byOperator, order.read?.byOperator ?? 0, order.byOperator);
  if (byVisitor === order.byVisitor && byOperator === order.byOperator) return;
  // The count belongs to the operators' marker, and of two counts at one marker the later one is right.
  const counted = order.read === undefined || isLater(fact, order.read) ? fact : order.read;
  order.read = { ...counted, byVisitor, byOperator };
}

/** What can be told now, in order. */
export function due(order: ChatOrder): (EventFact | ReadFact)[] {
  const facts: (EventFact | ReadFact)[] = [];
  for (let next = order.early.get(order.seq + 1); next !== undefined; next = order.early.get(order.seq + 1)) {
    order.seq += 1;
    order.isOpen = next.chat.isOpen;
    facts.push(next);
  }
  for (const seq of order.early.keys()) if (seq <= order.seq) order.early.delete(seq);
  const { read } = order;
  if (read === undefined || read.lastSeq > order.seq) return facts;
  order.read = undefined;
  order.byVisitor = read.byVisitor;
  order.byOperator = read.byOperator;
  return [...facts, read];
}

/** Whether all of it was told, and nothing but a rating can come. */
export function isOver(order: ChatOrder): boolean {
  return !order.isOpen && !isBehind(order);
}

/** Whether something exists that was not told. */
export function isBehind({ seq, target }: ChatOrder): boolean {
  return target > seq;
}

function isLater(fact: ReadFact, than: ReadFact): boolean {
  return fact.byOperator === than.byOperator ? fact.lastSeq > than.lastSeq : fact.byOperator > than.byOperator;
}
