/**
 * TREATY operator ⇄ server: the workplace's half of the protocol. Same rules as `protocol.ts`: commands through the outbox,
 * facts as `evt`, everything else a register.
 */
import type {
  AlternateWay,
  CardCorrection,
  ChatEvent,
  ChatId,
  ChatSummary,
  OfflineRequest,
  OperatorCard,
  OperatorId,
  PageInfo,
  SiteKey,
  Uid,
  UnixSeconds,
  Via,
  VisitorCard,
  VisitorId,
} from '../chat.ts';
import type { Properties } from '../properties.ts';
import type { Ack, ClientTiming, HistoryCursor, HistoryPage, Nack } from './protocol.ts';

/** What a visitor is doing, as an operator reads it: *On site*, *Invited*, *Waiting*, *In chat*. */
export type Presence = 'on_site' | 'invited' | 'waiting' | 'in_chat';

/** How the operator of a chat came by it, and where in the chat that stands. */
export interface Arrival {
  via: Via;
  seq: number;
  date: UnixSeconds;
}

/** One line of the list *Visitors*: somebody who is on a site now, or whose chat is open. */
export interface VisitorItem {
  /** Visitor id, or the random id of an anonymous page. */
  id: VisitorId;
  site: SiteKey;
  presence: Presence;
  /** When the present state began; for *Waiting*, when the wait began. */
  since: UnixSeconds;
  /** The newest page that is open, or was last. */
  page: PageInfo;
  /** Open pages; 0 when the visitor has gone but the chat is open. */
  pages: number;
  /** Since when the visitor is not on the site any more; absent while they are. */
  leftAt?: UnixSeconds;
  /** One of the open pages can show an invitation. */
  isInvitable: boolean;
  card: VisitorCard;
  /** The open chat. */
  chat: ChatId | null;
  group: string | null;
  /** `isAway`: this operator has no connection at the moment. */
  operator: { id: OperatorId; name: string; isAway?: true } | null;
  /** Absent once the operator has opened the chat since. */
  arrival?: Arrival;
  /** Last line of the chat and number of visitor messages no operator has read. */
  lastText: string;
  unread: number;
}

export interface OperatorInfo {
  id: OperatorId;
  name: string;
  isOnline: boolean;
  sites: SiteKey[];
}

/** A request from the offline form, or from a waiting visitor who chose another way; or the trace of a visitor who waited in vain. */
export interface RequestItem {
  id: string;
  site: SiteKey;
  date: UnixSeconds;
  request: OfflineRequest;
  way: AlternateWay;
  isDone: boolean;
  /** A chat that nobody answered and whose visitor has gone: `request` holds their known data and their last words. */
  missed?: MissedChat;
}

export interface MissedChat {
  visitor: VisitorId;
  chat: ChatId;
}

/** A place in the list of requests: those still to be done come first, then the newest. */
export interface RequestCursor {
  isDone: boolean;
  date: UnixSeconds;
  id: string;
}

/** How many requests there are on the operator's sites, listed or not. */
export interface RequestCounts {
  open: number;
  done: number;
}

export type OperatorCommand = { uid: Uid } & (
  | { kind: 'message.send'; chat: ChatId; text: string }
  | { kind: 'file.send'; chat: ChatId; file: string }
  /** Only a chat without an operator can be joined. Of two operators one wins; the other gets `already_taken`. */
  | { kind: 'chat.join'; chat: ChatId }
  /** Takes a running chat over from `from`. Somebody else has it by now: `already_taken`. Nobody has: the same as joining. */
  | { kind: 'chat.take'; chat: ChatId; from: OperatorId }
  | { kind: 'chat.leave'; chat: ChatId }
  | { kind: 'chat.close'; chat: ChatId }
  | { kind: 'chat.transfer'; chat: ChatId; operator: OperatorId }
  | { kind: 'visitor.invite'; visitor: VisitorId; text: string }
  | { kind: 'invite.withdraw'; visitor: VisitorId }
  | { kind: 'messages.read'; chat: ChatId; seq: number }
  | { kind: 'request.done'; request: string }
  /** Puts right what stands on a visitor's card. A correction of a value that is not there any more changes nothing. */
  | { kind: 'card.correct'; visitor: VisitorId; corrections: CardCorrection[] }
);
export type OperatorCommandKind = OperatorCommand['kind'];

export type OperatorFrame =
  | {
      t: 'hello';
      v: number;
      csrf: string;
      tab: string;
      epoch?: string;
      watching: { visitor: VisitorId; cursors: Record<ChatId, number> }[];
    }
  | { t: 'send'; items: OperatorCommand[] }
  /** Presence of the signed-in operator; a register. Survives a reconnect, ends with the last connection. */
  | { t: 'online'; value: boolean }
  /** Opens a visitor: answered by `opened`, then `evt` and `draft` follow until `unwatch`. */
  | { t: 'watch'; visitor: VisitorId }
  | { t: 'unwatch'; visitor: VisitorId }
  | { t: 'sync'; chat: ChatId; after: number }
  | { t: 'history'; n: number; visitor: VisitorId; before: HistoryCursor | null }
  /** The next page of the list of requests; the first one is in the welcome. */
  | { t: 'requests'; n: number; after: RequestCursor }
  /** The operator is typing; repeated every 3 s at most while it lasts. */
  | { t: 'typing'; chat: ChatId }
  /** Somebody uses the workplace: said as often as the welcome asks for, and at once after `ending`. */
  | { t: 'used' }
  | { t: 'pong' };

/** One visitor as opened in the workplace. */
export interface OpenedVisitor {
  t: 'opened';
  visitor: VisitorId;
  card: VisitorCard;
  properties: Properties;
  chat: ChatSummary | null;
  history: HistoryPage;
  /** The draft at this moment. */
  draft: string;
}

export type OperatorServerFrame =
  | {
      t: 'welcome';
      v: number;
      epoch: string;
      serverTime: number;
      conn: string;
      timing: ClientTiming;
      /** How often at most `used` is to be said; absent from a server that does not ask. */
      usedEveryMs?: number;
      operator: { id: OperatorId; card: OperatorCard; isOnline: boolean };
      /** `repeatSeconds`: the pause between two calls while somebody waits there; 0, or absent from an older server: one call is all. */
      sites: { key: SiteKey; name: string; isTypingPreview: boolean; isRating: boolean; repeatSeconds?: number }[];
      groups: { site: SiteKey; id: string; name: string }[];
      operators: OperatorInfo[];
      visitors: VisitorItem[];
      /** The first page of them. */
      requests: RequestItem[];
      /** Where the next page begins; `null`: that was all. Absent from a server that has only the first. */
      requestsNext?: RequestCursor | null;
      requestCounts?: RequestCounts;
    }
  | { t: 'visitor'; item: VisitorItem }
  | { t: 'gone'; id: VisitorId }
  /** An anonymous page has acted and goes on under another id. */
  | { t: 'renamed'; from: VisitorId; to: VisitorId }
  | OpenedVisitor
  | { t: 'evt'; event: ChatEvent; number: number; visitor: VisitorId }
  /** As for visitors: the next piece is asked for by `sync`. */
  | { t: 'more'; chat: ChatId; seq: number }
  | { t: 'card'; visitor: VisitorId; card: VisitorCard }
  | { t: 'properties'; visitor: VisitorId; properties: Properties }
  | { t: 'draft'; visitor: VisitorId; text: string }
  | { t: 'read'; chat: ChatId; visitor: number; operator: number }
  | { t: 'operators'; operators: OperatorInfo[] }
  | { t: 'request'; item: RequestItem }
  | { t: 'requests'; n: number; items: RequestItem[]; next: RequestCursor | null; counts: RequestCounts }
  | { t: 'history'; n: number; page: HistoryPage }
  | { t: 'self'; isOnline: boolean }
  /** The sign-in ends in so many milliseconds unless somebody uses the workplace; `null`: somebody has, perhaps in another window. */
  | { t: 'ending'; inMs: number | null }
  | { t: 'reset'; reason: 'epoch' | 'retention' | 'erased' }
  | Ack
  | Nack
  | { t: 'ping' }
  | { t: 'goaway'; afterMs: number };

// ── HTTP of the workplace ─────────────────────────────────────────────────────────────────────────────────────────

/** `POST /operator/login` `{email, password}` → 200 `OperatorSession` and the cookie; 401 `{code:'unauthorized'}`. */
export interface LoginRequest {
  email: string;
  password: string;
}

/** `GET /operator/session` answers the same, or 401. `POST /operator/logout` ends it (204). */
export interface OperatorSession {
  id: OperatorId;
  name: string;
  csrf: string;
}
