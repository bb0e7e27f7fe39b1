/**
 * What calls an operator who looks elsewhere, and whom it is about. Whether anybody hears it, and in which of several
 * windows, is decided outside the session.
 */
import type { VisitorId } from '../../shared/chat.ts';
import type { RequestItem, VisitorItem } from '../../shared/wire/workplace.ts';

/**
 * A visitor waits, has written, has come to this operator (by transfer or invitation), has left a request, has rated the
 * operator. Or the operator has lost a chat, or the sign-in is about to end.
 */
export type AlertKind = 'waiting' | 'message' | 'arrival' | 'request' | 'rating' | 'lost' | 'ending';

/** A visitor, or a request that a visitor left. */
export interface Subject {
  readonly id: string;
  /** The visitor to open for it; `null`: none. */
  readonly visitor: VisitorId | null;
  readonly name: string | null;
}

export interface Alert {
  readonly kind: AlertKind;
  /** The most urgent first; without those in sight. Empty: the alert is about the workplace itself. */
  readonly about: readonly Subject[];
  /** Id of the event behind it, if only windows that have opened the visitor receive that event; `null`: every window knows. */
  readonly event: string | null;
}

/** A visitor as the subject of an alert; their line in the list may be gone. */
export function aboutVisitor(visitor: VisitorId, item: Pick<VisitorItem, 'card'> | undefined): Subject {
  return { id: visitor, visitor, name: item?.card.name ?? null };
}

/** A request as the subject of an alert. A missed chat keeps its visitor as subject: the alert continues that of the wait. */
export function aboutRequest({ id, request, missed }: RequestItem): Subject {
  return { id: missed?.visitor ?? id, visitor: missed?.visitor ?? null, name: request.name ?? request.email ?? request.phone ?? null };
}
