/** What the feed reads from the store because no fact has said it. */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import type { ChatRecord } from '../store/chats.ts';
import { everyOne } from '../store/pages.ts';
import type { Store } from '../store/store.ts';
import { putRead, type ChatOrder } from './chat-order.ts';
import type { EventFact } from './facts.ts';

const PAGE = 200;

/** Puts what the store has beyond what was told. `false`: the chat is gone. */
export async function readMissing(store: Pick<Store, 'snapshot'>, order: ChatOrder): Promise<boolean> {
  const { site, visitor, chat, seq: from } = order;
  const before = [...order.early.keys()];
  const found = await store.snapshot(async (at) => {
    const record = await at.chat(site, chat);
    if (record === undefined) return undefined;
    const { summary } = record;
    const events: EventFact[] = [];
    const all = everyOne(
      (after: number) => at.eventsAfter(site, chat, after, PAGE),
      ({ seq }) => seq,
      from,
    );
    for await (const event of all) events.push({ t: 'event', site, visitor, event, chat: summary });
    return { events, summary, unread: await at.countVisitorMessages(site, chat, summary.readByOperator) };
  });
  if (found === undefined) return false;
  const { events, summary, unread } = found;
  const { lastSeq, readByVisitor: byVisitor, readByOperator: byOperator } = summary;
  // What was removed because it was too old does not come any more; what the store does not have was never true.
  order.seq = Math.max(order.seq, Math.min((events[0]?.event.seq ?? 1) - 1, lastSeq));
  for (const seq of before) if (seq > lastSeq) order.early.delete(seq);
  order.target = Math.max(order.seq, lastSeq, ...order.early.keys());
  for (const fact of events) order.early.set(fact.event.seq, fact);
  if (events.length === 0) order.isOpen = summary.isOpen;
  putRead(order, { t: 'read', site, visitor, chat, lastSeq, byVisitor, byOperator, unread });
  return true;
}

/** The visitor's chats with a number beyond `after` and below `before`. */
export async function readEarlierChats(
  store: Pick<Store, 'snapshot'>,
  { site, visitor }: { site: SiteKey; visitor: VisitorId },
  after: number,
  before: number,
): Promise<ChatRecord[]> {
  if (after + 1 >= before) return [];
  return store.snapshot(async (at) => {
    const chats: ChatRecord[] = [];
    const all = everyOne(
      (number: number) => at.chatsOf(site, visitor, number),
      ({ summary }) => summary.number,
      after,
    );
    for await (const chat of all) if (chat.summary.number < before) chats.push(chat);
    return chats;
  });
}
