/**
 * What the server's parts tell each other over the bus once something is true: committed, or decided in memory for a page that has
 * not acted. A fact says enough to tell the people concerned without another look into the database.
 *
 * Facts are not the protocol: the gateway turns them into frames for those who may see them.
 */
import type { ChatEvent, ChatId, ChatSummary, SiteKey, Uid, VisitorCard, VisitorId } from '../../shared/chat.ts';
import type { RequestItem } from '../../shared/wire/workplace.ts';
import type { Bus } from './bus.ts';
import type { StandingInvite } from '../store/visitors.ts';

/** Something that has become true. */
export type Fact =
  /** An event was stored; `chat` is the chat with it. */
  | { t: 'event'; site: SiteKey; visitor: VisitorId; event: ChatEvent; chat: ChatSummary }
  | { t: 'card'; site: SiteKey; visitor: VisitorId; card: VisitorCard }
  /** Read markers moved; `unread` counts the visitor's messages up to `lastSeq` that no operator has read. */
  | { t: 'read'; site: SiteKey; visitor: VisitorId; chat: ChatId; lastSeq: number; byVisitor: number; byOperator: number; unread: number }
  /** An invitation was made or ended. `visitor` may be an anonymous page. */
  | { t: 'invite'; site: SiteKey; visitor: VisitorId; invite: StandingInvite | null }
  | { t: 'request'; site: SiteKey; item: RequestItem }
  /** A chat of the visitor's has lost its beginning, or is gone, because it was too old to be kept. */
  | { t: 'shortened'; site: SiteKey; visitor: VisitorId }
  /** What became of a transcript mail at its first attempt, for the tab that asked. */
  | { t: 'mailed'; site: SiteKey; visitor: VisitorId; tab: string; uid: Uid; success: boolean; error?: string }
  /** A job was put: its time may be earlier than the one that is awaited. */
  | { t: 'jobs' };

/** A fact about an event. */
export type EventFact = Extract<Fact, { t: 'event' }>;
/** A fact about read markers. */
export type ReadFact = Extract<Fact, { t: 'read' }>;

export type FactBus = Bus<Fact>;
