/**
 * The session's contract: what its two users may read and call. `ui/` draws it for the visitor, `bridge/` serves it to the page's
 * script. Types only.
 */
import type { ReadonlySignal } from '@preact/signals-core';
import type {
  AlternateWay,
  CardChange,
  CardField,
  ChatSummary,
  Invite,
  Message,
  Moment,
  OfflineRequest,
  OperatorCard,
  Uid,
  UnixSeconds,
  VisitorCard,
} from '../../shared/chat.ts';
import type { CallId, PageEvent, PendingMessage, Place, Presentation } from '../../shared/page/bridge.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Team } from '../../shared/wire/protocol.ts';
import type { Entry } from './history.ts';

/** `withheld`: nothing leaves the page before the visitor has consented. */
export type ConnectionStatus = 'connecting' | 'online' | 'offline' | 'closed' | 'withheld';

/** Who gave a command: the visitor or the page's script. `id` correlates the page's promise. */
export type Caller = { via: 'ui' } | { via: 'api'; id?: CallId };

/** A file on its way. Ends as a message, or `failed` until it is discarded or resent. */
export interface Upload {
  uid: Uid;
  name: string;
  size: number;
  loaded: number;
  failed: string | null;
}

/** What changed, in the words of the bridge: one patch and the events that belong to it, in order. */
export interface SessionChange {
  added?: Message[];
  older?: { messages: Message[]; hasOlder: boolean };
  /** Everything was replaced (reset, new identity): the page needs a snapshot. */
  isReplaced?: boolean;
  events: PageEvent[];
}

/** What the interface knows of the last transcript it asked for. */
export type MailOutcome = { success: boolean; error?: string };

/** What the interface knows of the last offline request. */
export type RequestOutcome = { success: boolean; title: string; message: string };

export interface Session {
  readonly connection: ReadonlySignal<ConnectionStatus>;
  readonly state: ReadonlySignal<'available' | 'invite' | 'chat'>;
  readonly isAvailable: ReadonlySignal<boolean>;
  /** Who would answer, and how soon; `undefined` before the server has said so. */
  readonly team: ReadonlySignal<Team | undefined>;
  /** Stored messages of all chats that are loaded, oldest first. */
  readonly messages: ReadonlySignal<readonly Message[]>;
  /** The same messages with their places in their chats, for the interface. */
  readonly entries: ReadonlySignal<readonly Entry[]>;
  /** What happened between the loaded messages, oldest first. */
  readonly moments: ReadonlySignal<readonly Moment[]>;
  readonly hasOlder: ReadonlySignal<boolean>;
  /** Own messages not stored yet, in order; with the reason if they failed for good. */
  readonly pending: ReadonlySignal<readonly PendingMessage[]>;
  readonly uploads: ReadonlySignal<readonly Upload[]>;
  /** The open chat, else the last one. */
  readonly chat: ReadonlySignal<ChatSummary | null>;
  readonly operator: ReadonlySignal<OperatorCard | null>;
  /** The operator has no connection at the moment. */
  readonly isAway: ReadonlySignal<boolean | undefined>;
  readonly card: ReadonlySignal<VisitorCard>;
  readonly requiredInfo: ReadonlySignal<readonly CardField[]>;
  readonly rating: ReadonlySignal<number | null>;
  /** Whether `rate` and `mail` have a chat to apply to: the current one, or the last one of the last 24 hours. */
  readonly canRate: ReadonlySignal<boolean>;
  readonly invite: ReadonlySignal<Invite | null>;
  readonly retention: ReadonlySignal<AlternateWay | null>;
  readonly unread: ReadonlySignal<number>;
  /** Name of the operator who is typing, for a few seconds after the last sign. */
  readonly typing: ReadonlySignal<string | null>;
  readonly canSendFile: ReadonlySignal<boolean>;
  readonly settings: ReadonlySignal<Settings>;
  readonly visitorId: ReadonlySignal<string | null>;
  readonly sessionId: ReadonlySignal<string | null>;
  /** `true` where nothing can be stored: the conversation ends with the page, and the interface says so. */
  readonly isForgetful: ReadonlySignal<boolean>;
  /** Why the page shows less than before: old messages were removed, or the server went back to a backup. */
  readonly lost: ReadonlySignal<'retention' | 'epoch' | null>;
  /** The last `sendchatbymail` and `sendofflinerequest` answers, for the interface. */
  readonly mailed: ReadonlySignal<MailOutcome | null>;
  readonly requested: ReadonlySignal<RequestOutcome | null>;

  /** The server's time, in seconds. Every date on the screen is compared with it. */
  now(): UnixSeconds;

  start(group: string | null, by: Caller): void;
  closeChat(by: Caller): void;
  /** Shows the message at once as pending and keeps trying until the server has it. Returns it. */
  send(text: string, group: string | null, by: Caller, uid?: Uid): Message | null;
  resend(uid: Uid): void;
  /** Gives up a failed message, or a file still on its way. `false` if it is neither: it may be stored already. */
  discard(uid: Uid): boolean;
  /** Takes files already checked for type and size; each becomes an upload, then a message with the same uid. */
  sendFiles(files: readonly { uid: Uid; file: FileLike }[], by: Caller): void;
  /** The whole draft, sent to the operator throttled while the site allows it; never stored. */
  setDraft(text: string): void;
  /** Sends a mark, with what the visitor wrote beside it. */
  rate(mark: number, by: Caller, comment?: string): void;
  mail(address: string, by: Caller): void;
  setCard(change: CardChange, by: Caller): void;
  acceptInvite(by: Caller): void;
  rejectInvite(by: Caller): void;
  /** The visitor has seen everything up to now. */
  read(): void;
  /** `wantsCall`: it is a number to call, not a message. */
  sendRequest(request: OfflineRequest, by: Caller, wantsCall?: boolean): void;
  /** Loads one more page of history. */
  older(): void;
  identify(jwt: string, by: Caller): void;
  /**
   * Changes the language to the one that a BCP 47 tag means, once its texts are there. The visitor's choice is remembered for later
   * pages; a page's is not.
   */
  setLanguage(tag: string, by: Caller): void;
  setConsent(isGiven: boolean): void;
  /** The visitor consents in the chat itself. Unlike a script's consent this one is kept for the next pages. */
  agree(): void;
  setPage(page: { url: string; title: string }, isInvitable: boolean): void;
  /** What operators should see of the visitor; an empty value takes it back. This is no act: it makes no visitor. */
  setProperty(name: string, value: string): void;

  /** The page may end now: leaves unanswered commands to the browser as well. They stay here, and the next page asks again. */
  sendBeacon(): void;

  /** Tells every change in order, for the bridge. Returns the function that ends it. */
  subscribe(listener: (change: SessionChange) => void): () => void;
  close(): void;
}

/** The part of the browser's `File` that the session needs; the DOM stays outside. */
export interface FileLike {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/**
 * The interface's second source beside the session: how the page wants it drawn, and the one way to ask the page for something.
 * The page decides about opening and closing (its `before…` handlers may refuse).
 */
export interface Stage {
  readonly presentation: ReadonlySignal<Presentation>;
  /** `wantsCall`: the form asks for a number to call. */
  open(view: 'chat' | 'offline_message', wantsCall?: boolean): void;
  close(): void;
  place(place: Place): void;
  /** Prints the conversation from the frame's own document. */
  print(): void;
}
