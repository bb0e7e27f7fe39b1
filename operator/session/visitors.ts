/**
 * The order of the list *Visitors*, and who in it needs somebody. Pure; the list itself is `session.ts`'s.
 */
import type { OperatorId } from '../../shared/chat.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import { matches } from './search.ts';

/**
 * Who waits longest comes first, then my own chats, then what others have, then who only looks around (newest first). Who has left the
 * site stands below all who are there, in the same order.
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

/** More than any rank of somebody who is there. */
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

/** Handed to me, or begun by accepting an invitation of mine, and not opened since. What I took over myself is no news. */
export function isNewToMe(item: VisitorItem, self: OperatorId): boolean {
  return isMine(item, self) && item.arrival !== undefined && item.arrival.via.kind !== 'takeover';
}

/** Why somebody has to do something: the visitor has come to me, waits for anybody, or has written to me. */
export type Need = 'arrival' | 'waiting' | 'message';

export function needOf(item: VisitorItem, self: OperatorId): Need | null {
  if (isNewToMe(item, self)) return 'arrival';
  if (hasLeft(item)) return null;
  if (item.presence === 'waiting') return 'waiting';
  return isMine(item, self) && item.unread > 0 ? 'message' : null;
}

/** Words of `query` in whatever is known of the visitor; nothing asked matches all. */
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
