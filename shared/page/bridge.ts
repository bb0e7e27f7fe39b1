/**
 * TREATY page ⇄ frame: what may cross the one MessagePort, both ways. Types and names only; no behaviour.
 *
 * Host → frame: `FrameMethods`, imperatives. A call resolves when the *session has accepted* it; what became of it comes
 * later as an event. Frame → host: `HostMethods`; results are ignored, order is kept, so a patch always precedes the event
 * it belongs to. Nothing here ever carries a token: every script of the page can read the mirror.
 */
import type {
  AlternateWay,
  CardChange,
  CardField,
  Invite,
  Message,
  OfflineRequest,
  OperatorCard,
  PageInfo,
  Uid,
  VisitorCard,
  VisitorState,
} from '../chat.ts';
import type { ErrorCode } from '../errors.ts';
import type { Settings } from '../settings.ts';

/** Majors this build speaks, newest first. The frame serves the two before its own, because loaders are cached. */
export const BRIDGE_VERSIONS: readonly number[] = [1];

/** Brand of our one window message. */
export const HELLO_BRAND = 'callgear-hello';

/** The only envelope that ever goes through `window.postMessage`; one end of the channel is transferred with it. */
export interface Hello {
  type: typeof HELLO_BRAND;
  versions: number[];
  /** The nonce the host put into the iframe's fragment. */
  nonce: string;
  /** Random per document of the frame: a new one means the frame was reloaded. */
  epoch: string;
}

/** Bounds of the port (see `guard.ts`). */
export const BRIDGE_LIMITS = {
  /** UTF-16 units of one host → frame envelope as JSON, files not counted. */
  toFrameSize: 64 * 1024,
  toHostSize: 1024 * 1024,
  /** Token bucket of host → frame calls, per second and burst; excess is answered `rate_limited` and retried in order. */
  ratePerSecond: 50,
  rateBurst: 100,
  inFlight: 64,
  queued: 100,
  /** How long the frame may take to accept a call, and to answer one liveness probe. */
  callMs: 10_000,
  probeMs: 5_000,
} as const;

/** Correlates a command of the page with its `answer` event. Random per call. */
export type CallId = string;

/** A file of the page on its way to the frame. `file` is the browser's `File`, typed here without the DOM. */
export interface FileOffer {
  uid: Uid;
  file: unknown;
}

/** What the page shows of the frame; decided on the page, because lifecycle is synchronous and cancellable there. */
export interface Presentation {
  /** Whether our built-in interface is drawn at all; `false` is headless or the customer's own element. */
  isDrawn: boolean;
  /** Whether the launcher button is drawn while the chat is closed. */
  hasLauncher: boolean;
  /** The open view, or `null` while closed. */
  view: 'chat' | 'offline_message' | null;
  /** The chat fills an element of the page (`render(parent)`) instead of floating in a corner. */
  isInline: boolean;
  /**
   * Whether the last change of `view` followed an act of the visitor: a click inside the frame, or one on the page. It is the frame
   * that makes an event of it. Only a document that has the focus, or is just given it, takes it, and only once.
   */
  byVisitor: boolean;
  /** The form asks for a number to call. Earlier loaders leave that to the frame. */
  wantsCall?: boolean | undefined;
  /** Appearance the page's script chose in `config.settings`; absent keys are the site's own. */
  appearance: Appearance;
}

export interface Appearance {
  title?: string;
  h_position?: 'left' | 'right';
  v_position?: 'top' | 'middle' | 'bottom';
  is_animation_enabled?: boolean;
  banner_color?: string;
}

/** What the frame learns first. */
export interface Welcome {
  /** The highest common major. */
  version: number;
  page: PageInfo;
  /** Whether an invitation could be shown on this page: built-in interface drawn or an `invite` listener there. */
  isInvitable: boolean;
  presentation: Presentation;
  /** What the page has from an earlier frame; `null` if there was none, or if that one had not heard the server. */
  known?: Known | null;
}

/** As much of the mirror as it takes to say what a page has missed. */
export interface Known {
  operator: OperatorCard | null | undefined;
  invite: Invite | null | undefined;
  /** Id of the newest stored message, if there is one. */
  last: (string | null)[];
  /** Uids of own messages whose fate is open. */
  own: (Uid | null)[];
}

/**
 * What the page may ask of the frame. Resolves (with nothing) when the session has accepted the command;
 * rejects with `{code, message}` otherwise. Ids are made by the host.
 */
export interface FrameMethods {
  welcome(welcome: Welcome): void;
  ping(): void;
  /** Asks for a fresh snapshot, after a gap in `rev`. */
  resync(known: Known | null): void;
  /** The page moved on (single-page application), or its invitability changed. */
  page(page: PageInfo, isInvitable: boolean): void;
  /** What operators should see of the visitor; an empty value takes it back. */
  setProperty(name: string, value: string): void;
  present(presentation: Presentation): void;
  start(id: CallId, group: string | null): void;
  closeChat(id: CallId): void;
  send(uid: Uid, text: string, group: string | null): void;
  resend(uid: Uid): void;
  discard(uid: Uid): void;
  sendFiles(files: FileOffer[]): void;
  typing(text: string): void;
  rate(id: CallId, mark: number, comment?: string): void;
  mail(id: CallId, address: string): void;
  setCard(id: CallId, card: CardChange): void;
  acceptInvite(id: CallId): void;
  rejectInvite(id: CallId): void;
  /** Marks everything as seen. */
  read(): void;
  sendRequest(id: CallId, request: OfflineRequest): void;
  /** Fetches one more page of history, so that two are always ahead of the widgets' cursors. */
  older(): void;
  print(): void;
  identify(id: CallId, jwt: string): void;
  /** The page wants the chat to speak another language: a BCP 47 tag of at most 35 characters. */
  language(tag: string): void;
  setConsent(isGiven: boolean): void;
  /** The page destroyed the chat: close everything now. */
  goodbye(): void;
}

export type FrameMethod = keyof FrameMethods;

export const FRAME_METHODS: ReadonlySet<FrameMethod> = new Set<FrameMethod>([
  'welcome',
  'ping',
  'resync',
  'page',
  'present',
  'start',
  'closeChat',
  'send',
  'resend',
  'discard',
  'sendFiles',
  'typing',
  'rate',
  'mail',
  'setCard',
  'acceptInvite',
  'rejectInvite',
  'read',
  'sendRequest',
  'older',
  'print',
  'identify',
  'setConsent',
  'language',
  'setProperty',
  'goodbye',
]);

/** The session as the page may know it. Everything a synchronous query answers from. */
export interface MirrorState {
  /** The session is connected to the server. */
  isOnline: boolean;
  /** `isChatAvailable()`. */
  isAvailable: boolean;
  /** Never `lead`: that one is the page's own. */
  state: Exclude<VisitorState, 'lead'>;
  /** Id of the current chat, or of the last one once it has ended. */
  chatId: string | null;
  operator: OperatorCard | null;
  card: VisitorCard;
  requiredInfo: CardField[];
  rating: number | null;
  invite: Invite | null;
  retention: AlternateWay | null;
  /** `invite` and `retention` that stood already when this page loaded are announced with `replayed: true`. */
  unread: number;
  canSendFile: boolean;
  visitorId: string | null;
  sessionId: string | null;
  settings: Settings;
}

/** The whole mirror. `rev` counts the patches after it. */
export interface Snapshot {
  epoch: string;
  rev: number;
  /**
   * The server has not answered yet: these are defaults. The page begins with the snapshot that follows the server's answer.
   * The opening sequence reports its content; no event reports it as news.
   */
  isProvisional: boolean;
  state: MirrorState;
  /** Stored messages of all chats of this visitor that are loaded, oldest first, without holes. */
  messages: Message[];
  /** Whether the server holds older ones. */
  hasOlder: boolean;
  /** Own messages the server has not stored yet, in the order they were sent. */
  pending: PendingMessage[];
  /** What the page has missed, by what it said it knew; announced when the rest is applied. Older loaders find it out by themselves. */
  events?: PageEvent[];
}

export interface PendingMessage {
  message: Message;
  /** Why it was refused for good; `null` while it is still being sent. */
  failed: ErrorCode | null;
}

/** One change of the mirror and the events that it causes, in this order. */
export interface Update {
  rev: number;
  state?: Partial<MirrorState>;
  /** Newly stored messages, in server order, after all that are there. One with the uid of a pending message replaces it. */
  added?: Message[];
  /** One more page of history, oldest first, before all that are there. */
  older?: { messages: Message[]; hasOlder: boolean };
  /** The pending list as it is now. */
  pending?: PendingMessage[];
  events: PageEvent[];
}

/** How a command ended, for `chat.promise` and callbacks. */
export type Answer = { ok: true } | { ok: false; code: ErrorCode; message: string };

/** What the page hears. Names are CallGear's; `answer` is ours and settles promises and callbacks, never a listener. */
export type PageEvent =
  | { name: 'operatorjoined'; operator: OperatorCard }
  | { name: 'operatorleave' }
  | { name: 'sendmessage'; message: Message }
  /** Somebody has joined, left or handed over, or the chat has ended: a `System` message for those whose interface is the page's own. */
  | { name: 'notice'; message: Message }
  | { name: 'messagesent'; message: Message; via: 'api' | 'ui' }
  | { name: 'showchatretentionaction'; way: AlternateWay }
  | { name: 'chatavailabilitychange'; isAvailable: boolean }
  | { name: 'invite'; invite: Invite }
  | { name: 'startchat' | 'closechat' | 'inviteaccept' | 'invitereject' | 'messageviewed' }
  | { name: 'setrating'; mark: number }
  | { name: 'sendchatbymail'; success: boolean; error?: string }
  | { name: 'sendofflinerequest'; success: boolean; title: string; message: string }
  | { name: 'ratingchange'; mark: number | null }
  | { name: 'statechange'; state: Exclude<VisitorState, 'lead'> }
  | { name: 'chattyping'; operator: string }
  | { name: 'messagedelivered'; uid: Uid; message_id: string; chat_id: string; date: number }
  | { name: 'messagefailed'; uid: Uid; reason: ErrorCode }
  | { name: 'fileprogress'; uid: Uid; file: string; size: number; loaded: number; total: number }
  | { name: 'connectionchange'; isOnline: boolean }
  | { name: 'error'; code: ErrorCode; message: string; command?: string }
  | { name: 'answer'; id: CallId; answer: Answer };

/** What the interface in the frame asks of the page, which may refuse. Sizes in CSS pixels, clamped by the host. */
export type Ask = { type: 'open'; view: 'chat' | 'offline_message'; wantsCall?: boolean } | { type: 'close' } | ({ type: 'place' } & Place);

/** The room that the current drawing needs. A `panel` gets the whole screen on phones. Bottom and right, unless it says otherwise. */
export interface Place {
  mode: 'hidden' | 'launcher' | 'bubble' | 'panel';
  /** CSS pixels. */
  width: number;
  height: number;
  /** The corner of the window that it is drawn for. */
  isLeft?: boolean;
  isTop?: boolean;
  /** How far it keeps from that corner, in whole pixels of the page, to the right and down. */
  x?: number;
  y?: number;
  /** 85 % of the window's height instead of `height`. */
  isLarge?: boolean;
  /** What the iframe is called, in the visitor's language. */
  title?: string;
  /** Whom one chats with: earlier loaders make their title of it. */
  name?: string;
  /** How many unread messages the page's title shows. */
  badge?: number;
  /** A picture of that number, in place of the page's icon. */
  icon?: string;
}

/** What the frame may ask of the page. */
export interface HostMethods {
  snapshot(snapshot: Snapshot): void;
  update(update: Update): void;
  ask(ask: Ask): void;
}
