/**
 * What an operator who looks elsewhere is called for, and whom it is about. Whether it is heard, and in which of several windows,
 * is not decided here.
 */
import type { VisitorId } from '../../shared/chat.ts';
import type { RequestItem, VisitorItem } from '../../shared/wire/workplace.ts';

/**
 * Somebody waits, has written, has come to me (handed over, or by an invitation of mine), left a request, rated me; a chat of mine is
 * gone; the sign-in is about to end.
 */
export type AlertKind = 'waiting' | 'message' | 'arrival' | 'request' | 'rating' | 'lost' | 'ending';

/** Somebody, or something somebody left behind. */
export interface Subject {
  readonly id: string;
  /** Whom to open for it; `null`: nobody. */
  readonly visitor: VisitorId | null;
  readonly name: string | null;
}

export interface Alert {
  readonly kind: AlertKind;
  /** The most urgent first; one that nobody looks at is reason enough to call. Empty: it is about the workplace itself. */
  readonly about: readonly Subject[];
  /** Id of the event it follows from, if only windows that have opened the visitor hear of that; `null`: every window does. */
  readonly event: string | null;
}

/** A visitor as the subject of an alert; the line of the list may be gone. */
export function aboutVisitor(visitor: VisitorId, item: Pick<VisitorItem, 'card'> | undefined): Subject {
  return { id: visitor, visitor, name: item?.card.name ?? null };
}

/** A request as the subject of an alert. A missed chat has its visitor's place: it goes on where the wait ended. */
export function aboutRequest({ id, request, missed }: RequestItem): Subject {
  return { id: missed?.visitor ?? id, visitor: missed?.visitor ?? null, name: request.name ?? request.email ?? request.phone ?? null };
}
