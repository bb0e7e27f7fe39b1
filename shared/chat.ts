/**
 * The nouns of the chat: what would be true on paper, with no computer.
 *
 * Two layers meet here. `Message`, `OperatorCard`, `VisitorCard` are CallGear's public shapes, used unchanged from the
 * server to the customer's page. `ChatEvent` is what the database keeps: one fact, one `seq`. Folding is in `timeline.ts`.
 */

/** UUIDv4 made by the sender: the idempotency key of a command or message. A retry never changes it. */
export type Uid = string;
/** Opaque id of a chat, made by the server. */
export type ChatId = string;
/** Opaque id of a visitor (or, before the visitor has acted, of one anonymous page). */
export type VisitorId = string;
/** Opaque id of an operator. */
export type OperatorId = string;
/** Public key of a site: `[a-z0-9][a-z0-9-]{1,62}`. */
export type SiteKey = string;
/** Whole seconds since 1970-01-01 UTC. */
export type UnixSeconds = number;

/** What the visitor is doing, as `getState()` and `statechange` say it. */
export type VisitorState = 'available' | 'invite' | 'chat' | 'lead';

/** CallGear's coarse author of a message; a bot counts as `System`. */
export type Source = 'Operator' | 'Visitor' | 'System';
/** The fine author of a message. */
export type Sender = 'operator' | 'visitor' | 'system' | 'bot';

/** What a visitor may know of an operator. `avatar` is an absolute, stable address or `null`. */
export interface OperatorCard {
  name: string;
  position: string | null;
  avatar: string | null;
}

/** Our knowledge of a visitor: up to five e-mails and phones each, oldest first. Absent keys are unknown. */
export interface VisitorCard {
  name?: string;
  email?: string[];
  phone?: string[];
}

/** What a visitor adds to the card in one go; absent keys are left alone. */
export interface CardChange {
  name?: string;
  email?: string;
  phone?: string;
}

/** One value of a card put right: `from` as it stands (`null`: a new one), `to` as it is to be (`null`: none). */
export interface CardCorrection {
  field: CardField;
  from: string | null;
  to: string | null;
}

export const CARD_FIELDS = ['name', 'email', 'phone'] as const;
export type CardField = (typeof CARD_FIELDS)[number];

/** A file as everyone in the chat sees it. `link` is absolute, stable and needs no cookie. `size` in bytes. */
export interface FileInfo {
  link: string;
  name: string;
  size: number;
  type: string;
  /** Of a picture, in pixels, so that its place is known before it loads. Absent on pictures from before sizes were kept. */
  width?: number;
  height?: number;
}

/** A chat message as CallGear's page API shows it. Plain text: nothing ever reads `text` as HTML. */
export interface Message {
  text: string;
  /** Unix seconds, the server's clock; the page's own clock until the server has answered. */
  date: UnixSeconds;
  source: Source;
  /** The operator's name, else the same as `source`. */
  from: string;
  sender: Sender;
  chat_id: ChatId | null;
  /** `null` until the server has stored the message. */
  message_id: string | null;
  uid: Uid | null;
  /** On every operator message. */
  operator_info?: OperatorCard;
  /** The next three on files only; `text` is then the file's name. */
  fx_link?: string;
  fx_name?: string;
  /** Human size, for example `12.3 KB`. */
  fx_size_info?: string;
}

/** An invitation to chat: a message of an operator with its text twice, as CallGear has it. */
export interface Invite extends Message {
  invite_message: string;
}

/** The other way to get in touch that is offered to a visitor who waits too long. */
export type AlternateWay = 'offline_message' | 'sitephone' | 'chat';

/** Who caused an event. An automatic invitation is by an operator without `id`. */
export type Author =
  { kind: 'visitor' } | { kind: 'operator'; id: OperatorId | null; card: OperatorCard } | { kind: 'system' } | { kind: 'bot' };

/** What every durable event carries. `seq` counts 1, 2, 3 … without holes within one chat. */
export interface EventBase {
  chat: ChatId;
  seq: number;
  /** Unique id of this event; for a message it is the public `message_id`. */
  message_id: string;
  uid: Uid | null;
  author: Author;
  date: UnixSeconds;
}

export interface MessageAdded extends EventBase {
  kind: 'message.added';
  text: string;
  file: FileInfo | null;
}

/**
 * How an operator came by a chat other than by joining it: the visitor has accepted an invitation of theirs, a colleague handed it
 * over, or they took it over from one.
 */
export type Via = { kind: 'invite' } | { kind: 'transfer' | 'takeover'; from: { id: OperatorId; name: string } };

/**
 * Why an operator is out of a chat that goes on without their having left it: handed over, taken over by a colleague, gone without a
 * connection for too long, signed out, or not allowed there any more. After the last three the visitor waits again.
 */
export type LeftWhy = 'transfer' | 'takeover' | 'lost' | 'signed_out' | 'removed';

/** A durable fact of one chat. Typing, presence and read markers are no events: they carry no `seq`. */
export type ChatEvent =
  | (EventBase & { kind: 'chat.started'; group: string | null; via: 'command' | 'message' | 'invite' })
  | MessageAdded
  | (EventBase & { kind: 'operator.joined'; operator: OperatorId; card: OperatorCard; via?: Via })
  /** `name` is the operator's; both are absent where the operator has left by a command, or with the chat. */
  | (EventBase & { kind: 'operator.left'; operator: OperatorId; why?: LeftWhy; name?: string })
  /** `comment`: what the visitor wrote beside the mark. */
  | (EventBase & { kind: 'rating.set'; mark: number; comment?: string })
  /** `isTaken`: the visitor has gone that way and left a request. Clients that do not know this yet go on showing the offer. */
  | (EventBase & { kind: 'retention.offered'; way: AlternateWay; isTaken?: true })
  | (EventBase & { kind: 'chat.closed'; by: 'visitor' | 'operator' | 'system' });

/** A visitor has left a message or asked for a call. It belongs to no chat, and so it is no event. */
export interface RequestLeft {
  kind: 'request.left';
  way: AlternateWay;
  date: UnixSeconds;
}

/** What stands as a line between the messages: somebody came or went, a chat ended, a request was left. */
export type Moment = Extract<ChatEvent, { kind: 'operator.joined' | 'operator.left' | 'chat.closed' }> | RequestLeft;

/** A chat as the fold of its events, together with its two read markers (maxima, not events). */
export interface ChatSummary {
  id: ChatId;
  /** 1 for the visitor's first chat, 2 for the second …: orders the chats of one visitor. */
  number: number;
  isOpen: boolean;
  /** Seq of the first event still kept; 1 until retention removes old ones. */
  firstSeq: number;
  lastSeq: number;
  group: string | null;
  operator: { id: OperatorId; card: OperatorCard } | null;
  /** Who joined last, also once they have left: the one whom the mark is about. */
  lastOperator: { id: OperatorId; name: string } | null;
  /** Whether an operator has said anything in it, or joined it, since the visitor began to wait. */
  isAnswered: boolean;
  /** The visitor's mark for the operator who is, or was last, in this chat. */
  rating: number | null;
  /** The alternative way that is offered now, if any. */
  retention: AlternateWay | null;
  /** The way that the visitor went instead of waiting: it is not offered again in this chat. */
  taken: AlternateWay | null;
  /** Greatest seq the visitor has seen, and the operators. */
  readByVisitor: number;
  readByOperator: number;
  startedAt: UnixSeconds;
  closedAt: UnixSeconds | null;
}

/** Where a visitor is: address without query and fragment, and title. */
export interface PageInfo {
  url: string;
  title: string;
}

/** What an offline visitor leaves behind. */
export interface OfflineRequest {
  name?: string;
  email?: string;
  phone?: string;
  message?: string;
  group_id?: string;
}
