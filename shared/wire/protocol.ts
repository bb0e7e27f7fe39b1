/**
 * TREATY client ⇄ server: the frames on a socket, for visitors here and for operators in `workplace.ts`.
 *
 * A client's commands are durable intentions: each has a `uid`, waits in the client's outbox, and is carried out by the
 * server exactly once, in the client's order, answered by `ack` after the commit or by `nack`. Facts come back as `evt`,
 * one per `seq`. Everything else is a *register*: the newest value wins and a reconnect brings it again in `welcome`.
 * The server parses what clients say with `requests.ts`; clients trust their own server's shape and check only the envelope.
 */
import type {
  CardChange,
  CardField,
  ChatEvent,
  ChatId,
  ChatSummary,
  Invite,
  MessageAdded,
  Moment,
  OfflineRequest,
  OperatorCard,
  PageInfo,
  Uid,
  VisitorCard,
  VisitorId,
} from '../chat.ts';
import type { ErrorCode } from '../errors.ts';
import type { Language } from '../languages/languages.ts';
import type { PropertyChange } from '../properties.ts';
import type { Settings } from '../settings.ts';

/** Major of this protocol; a server answers an unknown one with close code 4400. */
export const PROTOCOL_VERSION = 1;

/** Close codes of ours. `retry` says whether a client may connect again by itself. */
export const CLOSE = {
  badFrame: 4400,
  unauthorized: 4401,
  origin: 4403,
  helloTimeout: 4408,
  superseded: 4409,
  tooSlow: 4413,
  rate: 4429,
  /** The site is gone or its last origin was removed. */
  siteClosed: 4410,
  restart: 1012,
} as const;

/**
 * Codes after which reconnecting by itself would only repeat the refusal. `superseded` is none of them. A tab's name belongs to
 * one page, so a page that hears this code on its live connection lost it to an earlier hello of its own that arrived late.
 */
export const FINAL_CLOSE_CODES: ReadonlySet<number> = new Set([CLOSE.badFrame, CLOSE.origin, CLOSE.siteClosed]);

/** Where a client's history request continues: strictly before this event; `null` means from the newest. */
export interface HistoryCursor {
  chat: ChatId;
  seq: number;
}

/** One page of stored messages over all chats of a visitor, oldest first. */
export interface HistoryPage {
  items: MessageAdded[];
  /** What happened between these messages, oldest first. Absent where nothing did, and from a server that tells none. */
  moments?: Moment[];
  hasOlder: boolean;
}

// ── visitor → server ──────────────────────────────────────────────────────────────────────────────────────────────

/** What a visitor's page may want. All are idempotent by `uid`. */
export type VisitorCommand = { uid: Uid } & (
  | { kind: 'chat.start'; group: string | null }
  | { kind: 'chat.close' }
  | { kind: 'message.send'; text: string; group: string | null }
  /** `file` is the id that the upload returned. */
  | { kind: 'file.send'; file: string }
  | { kind: 'invite.accept' }
  | { kind: 'invite.reject' }
  | { kind: 'rating.set'; mark: number; comment?: string }
  | { kind: 'card.set'; card: CardChange }
  | { kind: 'transcript.mail'; address: string }
  /** `wantsCall`: the form asked for a number to call. */
  | { kind: 'request.send'; request: OfflineRequest; wantsCall?: true }
  | { kind: 'messages.read'; chat: ChatId; seq: number }
);
export type VisitorCommandKind = VisitorCommand['kind'];

export type VisitorFrame =
  /**
   * First frame within 5 s; sent again to sign in after the visitor's first act.
   * Without `access` the page is an anonymous presence. `tab` is random per document.
   */
  | {
      t: 'hello';
      v: number;
      site: string;
      tab: string;
      page: PageInfo;
      isInvitable: boolean;
      /** The origin that shows the frame, which the frame has made sure of: the page ends when it is taken from the site's list. */
      embedder?: string | null | undefined;
      /** What the frame speaks with the visitor. Frames of earlier builds do not say. */
      language?: Language | undefined;
      access?: string;
      epoch?: string;
      cursors: Record<ChatId, number>;
    }
  | { t: 'send'; items: VisitorCommand[] }
  | { t: 'sync'; chat: ChatId; after: number }
  | { t: 'history'; n: number; before: HistoryCursor | null }
  /** The draft as it stands; empty when it was cleared. Never stored. */
  | { t: 'typing'; text: string }
  | { t: 'page'; page: PageInfo; isInvitable: boolean }
  /** The visitor reads another language from now on: answered with the settings in it. */
  | { t: 'language'; language?: Language | undefined }
  /** All that this page has set of the visitor's properties, said again after each welcome. */
  | { t: 'properties'; changes: PropertyChange[] }
  | { t: 'pong' };

// ── server → visitor ──────────────────────────────────────────────────────────────────────────────────────────────

/** How an accepted command ended. */
export interface Ack {
  t: 'ack';
  uid: Uid;
  /** Carried out before; the answer is the first one's. */
  dup: boolean;
  result: CommandResult;
}

/**
 * What a command found. `chat`: the chat it applied to, `null` if there was none where it was carried out.
 * `message_id`, `seq`, `date`: the event it became, for messages and files.
 */
export interface CommandResult {
  chat: ChatId | null;
  message_id?: string;
  seq?: number;
  date?: number;
}

/** A command that was not carried out. `retry: false` is final and shown; else the client sends it again after `afterMs`. */
export interface Nack {
  t: 'nack';
  uid: Uid;
  code: ErrorCode;
  message: string;
  retry: boolean;
  afterMs?: number;
}

/** Numbers that the client must know, from the server's configuration. Milliseconds. */
export interface ClientTiming {
  /** Silence after which a visible page holds the connection for dead; and with a send unanswered. */
  silenceMs: number;
  ackMs: number;
  backoffMinMs: number;
  backoffMaxMs: number;
  /** A connection that lived this long resets the backoff. */
  stableMs: number;
  /** At most one `typing` frame in this time, latest wins. */
  typingMs: number;
}

export const DEFAULT_CLIENT_TIMING: ClientTiming = {
  silenceMs: 45_000,
  ackMs: 10_000,
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  stableMs: 30_000,
  typingMs: 500,
};

/** Register of a visitor who may or may not have acted. Sent whole whenever a part of it changes. */
export interface VisitorRegister {
  card: VisitorCard;
  /** Of the fields the site requires, those the card lacks. */
  requiredInfo: CardField[];
  /** The invitation that stands, with the time it ends (server's unix seconds). */
  invite: (Invite & { expires: number }) | null;
  /** The operator of the chat has no connection at the moment. */
  isAway?: boolean;
  /** An operator is online: of the current chat's group while in a chat, else of any group of the site. */
  isAvailable: boolean;
  /** Who would answer. Absent from an older server. */
  team?: Team;
}

/** Who would answer a visitor of the site, and how soon. */
export interface Team {
  /** Operators who are online for the site: three at most. Empty where the site does not show them. */
  faces: OperatorCard[];
  /** The usual time until the first answer, in whole minutes; `null` while too little is known. */
  answerMinutes: number | null;
}

/** Everything a page needs to stand where the server stands. */
export interface VisitorWelcome {
  t: 'welcome';
  v: number;
  epoch: string;
  /** Server's clock, milliseconds. */
  serverTime: number;
  /** Id of this connection. */
  conn: string;
  timing: ClientTiming;
  settings: Settings;
  /** `null` for an anonymous presence. */
  visitor: VisitorId | null;
  session: string | null;
  register: VisitorRegister;
  /** The open chat, else the last one, else `null`. As it is now; a resumed client folds the replay instead. */
  chat: ChatSummary | null;
  /** `true`: the cursors were honoured and the missing events follow as `evt`. `false`: start over from `chat` and `history`. */
  resumed: boolean;
  /** The two newest pages, unless resumed. */
  history: HistoryPage | null;
}

export type VisitorServerFrame =
  | VisitorWelcome
  | { t: 'evt'; event: ChatEvent; number: number }
  | Ack
  | Nack
  | { t: 'history'; n: number; page: HistoryPage }
  | { t: 'register'; register: VisitorRegister }
  | { t: 'settings'; settings: Settings }
  /** The chat goes on up to `seq`, which was too long for one answer: the client asks for the next piece by `sync`. */
  | { t: 'more'; chat: ChatId; seq: number }
  /** Read marker of the visitor's own side: another page of theirs has read. */
  | { t: 'read'; chat: ChatId; visitor: number; operator: number }
  | { t: 'typing'; name: string }
  /** The result of a transcript mail or an offline request that needed time. */
  | { t: 'mailed'; uid: Uid; success: boolean; error?: string }
  /** The database was restored or old events were removed: drop the cache and say hello again. */
  | { t: 'reset'; reason: 'epoch' | 'retention' | 'erased' }
  | { t: 'ping' }
  | { t: 'goaway'; afterMs: number };

/**
 * The frame in a text that came over a socket, if its envelope is one: an object with a string `t`.
 * A client that meets an unknown `t` ignores it, so that a newer server can say more.
 *
 * @example
 * parseServerFrame<VisitorServerFrame>('{"t":"ping"}'); // { t: 'ping' }
 */
export function parseServerFrame<F extends { t: string }>(data: unknown): F | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null && typeof (frame as { t?: unknown }).t === 'string' ? (frame as F) : undefined;
  } catch {
    return undefined;
  }
}

// ── HTTP beside the socket (same origin as the frame) ──────────────────────────────────────────────────────────────

/** `POST /session`: `create` when the visitor acts; without it only an existing visitor is found again. */
export interface SessionRequest {
  site: string;
  create: boolean;
  /** The refresh token kept by the frame where cookies are not. */
  refresh?: string;
}

/**
 * `POST /session/identity`: a JWT in which the customer's server says who the visitor is. 200 `SessionAnswer` with a visitor,
 * maybe another than before; else `{code, message}`: `disabled` without keys, `unauthorized`, `unavailable` during a chat.
 */
export interface IdentityRequest {
  site: string;
  token: string;
  /** A secret of the frame. Asked again with the same one, the server gives a lost answer again. */
  once: Uid;
  refresh?: string;
}

/** 200 answer of `POST /session`; an unknown visitor with `create: false` is answered 200 `{visitor: null}`. */
export type SessionAnswer = { visitor: null } | { visitor: VisitorId; session: string; access: string; refresh: string; expiresIn: number };

/**
 * `POST /outbox` with `Authorization: Bearer <access>`: the unanswered commands of a page that ends, in its order. The server
 * answers 200 with a `BeaconAnswer`. The page is usually gone by then; the next page sends the same again and gets the answer.
 */
export interface BeaconRequest {
  tab: string;
  items: VisitorCommand[];
}

export interface BeaconAnswer {
  answers: (Ack | Nack)[];
}

/**
 * `POST /files?site=KEY&uid=UID&name=NAME` with `Authorization: Bearer <access>` (visitor) or the operator's cookie and
 * `X-CSRF-Token`, and the bytes as body. 201 answers `UploadAnswer`; errors answer `{code, message}`.
 */
export interface UploadAnswer {
  file: string;
  link: string;
  name: string;
  size: number;
  type: string;
}
