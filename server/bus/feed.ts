/**
 * The feed: what the bus says, made true. A bus loses, doubles and reorders; the store has the truth. The feed tells the events of a
 * chat one after the other and each once, and nothing of a visitor's chat before the one before it is over. What does not come is read
 * from the store after a moment, so nobody behind it has to find a gap. Other facts are passed on as they come.
 */
import type { ChatId, ChatSummary, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import { due, isBehind, isOver, newChatOrder, putEvent, putRead, type ChatOrder } from './chat-order.ts';
import { readEarlierChats, readMissing } from './feed-reading.ts';
import type { EventFact, Fact, FactBus, ReadFact } from './facts.ts';
import { createListeners } from '../base/listeners.ts';

/** A visitor as the store has them. */
export interface StoredVisitor {
  site: SiteKey;
  visitor: VisitorId;
}

/** Facts in order. */
export interface Feed extends Pick<FactBus, 'subscribe' | 'listen'> {
  /** Everybody here knows this chat as it stands: its events are told from there on. */
  begin(of: StoredVisitor, chat: ChatSummary): void;
  /**
   * Somebody has read of the store that this is the visitor's newest chat (`null`: there is none), or one of them. What others here
   * were not told of it is on its way, or was lost.
   */
  reached(of: StoredVisitor, chat: ChatSummary | null): void;
  /** The chats that are told, to be compared with the store. */
  chats(): readonly Readonly<Pick<ChatOrder, 'site' | 'visitor' | 'chat'>>[];
  /** The chat is gone. */
  forget(chat: ChatId): void;
  /** Forgets what is over of visitors whom nobody follows. */
  sweep(isFollowed: (visitor: VisitorId) => boolean): void;
  close(): void;
}

export interface FeedOptions {
  bus: FactBus;
  store: Pick<Store, 'snapshot'>;
  clock: Clock;
  log: Log;
  /** Hears what a listener threw. */
  onError: (error: unknown) => void;
}

/** What is told of one visitor. */
interface Life {
  /** Of the newest chat that was told, or that everybody here knows. */
  number: number;
  /** By number. */
  orders: Map<number, ChatOrder>;
}

/** An event that overtook another waits so long for it. */
const WAIT_MS = 30;
/** After a failure of the store it is asked again. */
const AGAIN_MS = 1_000;
/** Of a chat that nobody here knew, at most so many events are told. */
const MOST_NEWS = 50;

export function createFeed({ bus, store, clock, log, onError }: FeedOptions): Feed {
  const listeners = createListeners<Fact>(onError);
  const orders = new Map<ChatId, ChatOrder>();
  const lives = new Map<VisitorId, Life>();
  /** What calls a reading off. */
  const readings = new Map<ChatOrder, () => void>();
  const stopHearing = bus.subscribe(hear);

  function hear(fact: Fact): void {
    if (fact.t === 'event') hearEvent(fact);
    else if (fact.t === 'read') hearRead(fact);
    else listeners.tell(fact);
  }

  function hearEvent(fact: EventFact): void {
    const order = orders.get(fact.event.chat) ?? orderOf(fact);
    // Of a chat that nobody follows, or of one whose listeners may know it or not: those who know it say so.
    if (order === undefined || (fact.event.seq <= order.assumed && fact.event.seq <= order.seq)) return listeners.tell(fact);
    putEvent(order, fact);
    release(order);
  }

  function hearRead(fact: ReadFact): void {
    const order = orders.get(fact.chat);
    if (order === undefined) return listeners.tell(fact);
    putRead(order, fact);
    release(order);
  }

  /** A chat begins, or we hear late of it. One that was over before anybody listened has no order. */
  function orderOf({ site, visitor, event, chat }: EventFact): ChatOrder | undefined {
    const known = lives.get(visitor)?.number;
    if (!chat.isOpen && event.kind !== 'chat.closed' && (known === undefined || chat.number <= known)) return undefined;
    return add({ site, visitor }, { ...chat, readByVisitor: 0, readByOperator: 0 }, newsOf(chat));
  }

  function add(of: StoredVisitor, chat: ChatSummary, seq: number): ChatOrder {
    const order = newChatOrder(of, chat, seq);
    orders.set(order.chat, order);
    lifeOf(order.visitor, order.number - 1).orders.set(order.number, order);
    return order;
  }

  /** @param known the newest chat that everybody knows, of a visitor of whom nothing was told */
  function lifeOf(visitor: VisitorId, known: number): Life {
    const life = lives.get(visitor) ?? { number: known, orders: new Map<number, ChatOrder>() };
    lives.set(visitor, life);
    return life;
  }

  /** As everybody knows it. Facts of what was read may be on their way to some. */
  function assume(of: StoredVisitor, chat: ChatSummary): ChatOrder {
    const order = add(of, chat, chat.lastSeq);
    order.assumed = order.seq;
    const life = lifeOf(order.visitor, order.number);
    life.number = Math.max(life.number, order.number);
    return order;
  }

  /** Whether an earlier chat of the visitor's was not told to its end. */
  function isBlocked({ visitor, number }: ChatOrder): boolean {
    const life = lives.get(visitor);
    if (life === undefined) return false;
    if (life.number < number - 1) return true;
    for (const other of life.orders.values()) if (other.number < number && !isOver(other)) return true;
    return false;
  }

  function release(order: ChatOrder): void {
    const isWaiting = isBlocked(order);
    if (!isWaiting) tellDue(order);
    if (isWaiting || isBehind(order)) return readLater(order, WAIT_MS);
    stopReading(order);
    const next = isOver(order) ? lives.get(order.visitor)?.orders.get(order.number + 1) : undefined;
    if (next !== undefined) release(next);
  }

  function tellDue(order: ChatOrder): void {
    const facts = due(order);
    const life = lives.get(order.visitor);
    if (life !== undefined && facts.length > 0) life.number = Math.max(life.number, order.number);
    for (const fact of facts) listeners.tell(fact);
  }

  function readLater(order: ChatOrder, ms: number): void {
    if (!readings.has(order))
      readings.set(
        order,
        clock.after(ms, () => void read(order)),
      );
  }

  function stopReading(order: ChatOrder): void {
    readings.get(order)?.();
    readings.delete(order);
  }

  async function read(order: ChatOrder): Promise<void> {
    try {
      if (isBlocked(order)) await takeEarlier(order);
      const isThere = await readMissing(store, order);
      // While we read, nobody may want it any more.
      if (orders.get(order.chat) !== order) return;
      readings.delete(order);
      if (isThere) release(order);
      else drop(order);
    } catch (error) {
      if (orders.get(order.chat) !== order) return;
      log.error({ err: error }, 'what a chat has missed could not be read');
      readings.delete(order);
      readLater(order, AGAIN_MS);
    }
  }

  /** Brings the visitor's earlier chats to their end. */
  async function takeEarlier({ site, visitor, number }: ChatOrder): Promise<void> {
    const life = lives.get(visitor);
    if (life === undefined) return;
    for (const { summary } of await readEarlierChats(store, { site, visitor }, life.number, number))
      if (!orders.has(summary.id)) add({ site, visitor }, summary, newsOf(summary)).target = summary.lastSeq;
    const earlier = [...life.orders.values()].filter((other) => other.number < number && !isOver(other));
    for (const other of earlier.sort((a, b) => a.number - b.number)) {
      if (await readMissing(store, other)) release(other);
      else drop(other);
    }
    // Those that are not there any more were too old to be kept.
    life.number = Math.max(life.number, number - 1);
  }

  function drop(order: ChatOrder): void {
    stopReading(order);
    orders.delete(order.chat);
    const life = lives.get(order.visitor);
    if (life?.orders.get(order.number) === order) life.orders.delete(order.number);
  }

  return {
    subscribe: (listener) => listeners.add(listener),
    listen: (site) => bus.listen(site),
    begin(of, chat) {
      if (!orders.has(chat.id)) assume(of, chat);
    },
    reached(of, chat) {
      const life = lives.get(of.visitor);
      if (chat === null) return void lifeOf(of.visitor, 0);
      const isNews = chat.isOpen || (life !== undefined && chat.number > life.number);
      const order = orders.get(chat.id) ?? (isNews ? add(of, chat, newsOf(chat)) : assume(of, chat));
      order.target = Math.max(order.target, chat.lastSeq);
      if (order.byVisitor < chat.readByVisitor || order.byOperator < chat.readByOperator) readLater(order, WAIT_MS);
      else release(order);
    },
    chats: () => [...orders.values()],
    forget(chat) {
      const order = orders.get(chat);
      if (order !== undefined) drop(order);
    },
    sweep(isFollowed) {
      for (const [visitor, { orders: own }] of lives) {
        if (isFollowed(visitor)) continue;
        for (const order of own.values()) if (isOver(order)) drop(order);
        if (own.size === 0) lives.delete(visitor);
      }
    },
    close() {
      stopHearing();
      listeners.clear();
      for (const order of orders.values()) drop(order);
    },
  };
}

/** From where on a chat is told that nobody here knew. */
function newsOf({ firstSeq, lastSeq }: ChatSummary): number {
  return Math.max(firstSeq - 1, lastSeq - MOST_NEWS);
}
