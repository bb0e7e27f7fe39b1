/**
 * The order of the list *Visitors*, and which visitors need an operator. Pure functions; `roster.ts` owns the list.
 */
import type { OperatorId } from '../../shared/chat.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import { matches } from './search.ts';

/**
 * Sorts the list: the longest wait first, then my own chats, invited visitors, chats of colleagues, and visitors who only
 * look around (the newest first). Visitors who left the site come last, in the same order.
 */
export function sortVisitors(items: Iterable<VisitorItem>, self: OperatorId): VisitorItem[] {
  return [...items].sort((a, b) => {
    const rank = rankOf(a, self) - rankOf(b, self);
    if (rank !== 0) return rank;
    const age = a.since - b.since;
    if (age !== 0) return a.presence === 'on_site' ? -age : age;
    return a.id < b.id ? -1 : 1;
  });
}

function rankOf(item: VisitorItem, self: OperatorId): number {
  return hasLeft(item) ? LEFT + rankOfPresence(item, self) : rankOfPresence(item, self);
}

/** More than any rank of a visitor on the site. */
const LEFT = 10;

function rankOfPresence(item: VisitorItem, self: OperatorId): number {
  switch (item.presence) {
    case 'waiting':
      return 0;
    case 'in_chat':
      return isMine(item, self) ? 1 : 3;
    case 'invited':
      return 2;
    case 'on_site':
      return 4;
  }
}

export function isMine(item: VisitorItem, self: OperatorId): boolean {
  return item.operator?.id === self;
}

export function hasLeft(item: VisitorItem): boolean {
  return item.leftAt !== undefined;
}

/** A chat that was transferred to me or accepted my invitation, and that I have not opened. One I took over is no news. */
export function isNewToMe(item: VisitorItem, self: OperatorId): boolean {
  return isMine(item, self) && item.arrival !== undefined && item.arrival.via.kind !== 'takeover';
}

/** Why a visitor needs an operator: their chat has come to me, they wait for anybody, or they have written to me. */
export type Need = 'arrival' | 'waiting' | 'message';

export function needOf(item: VisitorItem, self: OperatorId): Need | null {
  if (isNewToMe(item, self)) return 'arrival';
  if (hasLeft(item)) return null;
  if (item.presence === 'waiting') return 'waiting';
  return isMine(item, self) && item.unread > 0 ? 'message' : null;
}

/** Whether the words of `query` occur in anything known of the visitor. An empty query matches all. */
export function matchesQuery(item: VisitorItem, query: string): boolean {
  const { card, page } = item;
  return matches(query, [
    card.name,
    ...(card.email ?? []),
    ...(card.phone ?? []),
    page.title,
    page.url,
    item.lastText,
    item.operator?.name,
  ]);
}
