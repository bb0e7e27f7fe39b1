/**
 * The session: the one owner of what this visitor's chat is now. It folds what the server says into signals, turns
 * commands into outbox items, and tells each page event once. It never touches the DOM, a socket or a database by itself:
 * transport, storage, clock and chance are handed in by `main.tsx`.
 *
 * Two users stand on it side by side and call the same commands: `ui/` for the visitor's fingers, `bridge.ts` for the
 * page's script. Both only read signals; only this file assigns one.
 */
import type { ReadonlySignal } from '@preact/signals-core';
import type {
  AlternateWay,
  CardChange,
  CardField,
  ChatSummary,
  Invite,
  Message,
  OfflineRequest,
  OperatorCard,
  Uid,
  VisitorCard,
} from '../../shared/chat.ts';
import type { Answer, CallId, PageEvent, PendingMessage, Presentation } from '../../shared/bridge.ts';
import type { Settings } from '../../shared/settings.ts';

export type ConnectionStatus = 'connecting' | 'online' | 'offline' | 'closed';

/** Who gave a command: the visitor's fingers or the page's script. `id` correlates the page's promise. */
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

export interface Session {
  readonly connection: ReadonlySignal<ConnectionStatus>;
  readonly state: ReadonlySignal<'available' | 'invite' | 'chat'>;
  readonly isAvailable: ReadonlySignal<boolean>;
  /** Stored messages of all chats that are loaded, oldest first. */
  readonly messages: ReadonlySignal<readonly Message[]>;
  readonly hasOlder: ReadonlySignal<boolean>;
  /** Own messages not stored yet, in order; with the reason if they failed for good. */
  readonly pending: ReadonlySignal<readonly PendingMessage[]>;
  readonly uploads: ReadonlySignal<readonly Upload[]>;
  /** The open chat, else the last one. */
  readonly chat: ReadonlySignal<ChatSummary | null>;
  readonly operator: ReadonlySignal<OperatorCard | null>;
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
  /** The last `sendchatbymail` and `sendofflinerequest` answers, for the interface. */
  readonly mailed: ReadonlySignal<{ success: boolean; error?: string } | null>;
  readonly requested: ReadonlySignal<{ success: boolean; title: string; message: string } | null>;

  start(group: string | null, by: Caller): void;
  closeChat(by: Caller): void;
  /** Shows the message at once as pending and keeps trying until the server has it. Returns it. */
  send(text: string, group: string | null, by: Caller, uid?: Uid): Message | null;
  resend(uid: Uid): void;
  discard(uid: Uid): void;
  /** Takes files already checked for type and size; each becomes an upload, then a message with the same uid. */
  sendFiles(files: readonly { uid: Uid; file: FileLike }[], by: Caller): void;
  /** The whole draft, sent to the operator throttled while the site allows it; never stored. */
  setDraft(text: string): void;
  rate(mark: number, by: Caller): void;
  mail(address: string, by: Caller): void;
  setCard(change: CardChange, by: Caller): void;
  acceptInvite(by: Caller): void;
  rejectInvite(by: Caller): void;
  /** Everything up to now has been seen. */
  read(): void;
  sendRequest(request: OfflineRequest, by: Caller): void;
  /** Loads one more page of history. */
  older(): void;
  identify(jwt: string, by: Caller): void;
  setConsent(isGiven: boolean): void;
  setPage(page: { url: string; title: string }, isInvitable: boolean): void;

  /** Every change in order, for the bridge. Returns what ends it. */
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
 * What the interface is given beside the session: how the page wants it drawn, and the one way to ask the page for
 * something. Opening and closing are the page's to decide (its `before…` handlers may refuse).
 */
export interface Stage {
  readonly presentation: ReadonlySignal<Presentation>;
  open(view: 'chat' | 'offline_message'): void;
  close(): void;
  place(mode: 'hidden' | 'launcher' | 'bubble' | 'panel', width: number, height: number): void;
  /** Prints the conversation from the frame's own document. */
  print(): void;
}

export type { Answer };
