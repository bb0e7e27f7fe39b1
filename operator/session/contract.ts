/**
 * The contract of the operator's session: what the screen may read and ask, and what `main.tsx` must give. Types only, so
 * that every file of this room may import it.
 */
import type { ReadonlySignal } from '@preact/signals-core';
import type { CardCorrection, OperatorId, Uid, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { Chance, Clock, OutboxStore } from '../../shared/client/platform.ts';
import type { Transport } from '../../shared/client/transport.ts';
import type {
  OperatorCommand,
  OperatorInfo,
  OperatorServerFrame,
  OperatorSession,
  RequestCounts,
  RequestItem,
  VisitorItem,
} from '../../shared/wire/workplace.ts';
import type { Alert } from './alerts.ts';
import type { Attachments } from './attachments.ts';
import type { Conversation } from './conversation.ts';
import type { Notices } from './notices.ts';
import type { FileLike, OutgoingFile, OutgoingMessage } from './outgoing.ts';
import type { SendBytes } from './uploads.ts';
import type { Need } from './visitors.ts';

export type ConnectionStatus = 'connecting' | 'online' | 'offline' | 'closed';

/** One of the sites that this operator answers for. */
export interface SiteInfo {
  key: string;
  name: string;
  isTypingPreview: boolean;
  isRating: boolean;
  /** The pause between two calls while a visitor waits. 0 or absent: the workplace calls once. */
  repeatSeconds?: number;
}

/** A group of operators on one site. */
export interface GroupInfo {
  site: string;
  id: string;
  name: string;
}

/** The signed-in operator as this workplace knows them. */
export interface Self {
  id: OperatorId;
  name: string;
  isOnline: boolean;
}

/** Everything the workplace shows, and every command an operator can give. */
export interface Session {
  readonly connection: ReadonlySignal<ConnectionStatus>;
  /** The first `welcome` has come: the lists are the server's. */
  readonly isReady: ReadonlySignal<boolean>;
  readonly self: ReadonlySignal<Self>;
  readonly sites: ReadonlySignal<readonly SiteInfo[]>;
  readonly groups: ReadonlySignal<readonly GroupInfo[]>;
  readonly operators: ReadonlySignal<readonly OperatorInfo[]>;
  /** In the order of the list: the visitor who waits longest comes first. */
  readonly visitors: ReadonlySignal<readonly VisitorItem[]>;
  /** The loaded part of the list: open requests first, then the newest. */
  readonly requests: ReadonlySignal<readonly RequestItem[]>;
  /** How many requests there are, loaded or not. */
  readonly requestCounts: ReadonlySignal<RequestCounts>;
  readonly areRequestsLoading: ReadonlySignal<boolean>;
  /** The visitor in the middle of the screen. */
  readonly current: ReadonlySignal<Conversation | null>;
  readonly pending: ReadonlySignal<readonly OutgoingMessage[]>;
  readonly uploads: ReadonlySignal<readonly OutgoingFile[]>;
  /** Own unsent text, by visitor. */
  readonly replies: ReadonlySignal<ReadonlyMap<VisitorId, string>>;
  /** Files that wait to go with the unsent text, by visitor. */
  readonly attachments: Attachments['byVisitor'];
  /** Commands that wait for an answer, each as a `runningKey`. */
  readonly running: ReadonlySignal<ReadonlySet<string>>;
  readonly notices: Notices['list'];
  /** The server has gone back to a backup since this document was opened. */
  readonly isRestored: ReadonlySignal<boolean>;
  /** Nobody has used the workplace for long: the sign-in is about to end. */
  readonly isEnding: ReadonlySignal<boolean>;
  /** This browser stores nothing: unsent commands live and die with the page. */
  readonly isForgetful: ReadonlySignal<boolean>;
  /** Which visitors need an operator, and why. Their number is the one in the title. */
  readonly needs: ReadonlySignal<ReadonlyMap<VisitorId, Need>>;
  /** The visitor whom this window shows to an operator who looks at it. */
  readonly shown: ReadonlySignal<VisitorId | null>;
  /** The server's clock; ticks every second. */
  readonly now: ReadonlySignal<UnixSeconds>;

  setOnline(isOnline: boolean): void;
  /** Opens a visitor in the middle of the screen and keeps them loaded. */
  open(visitor: VisitorId): void;
  /** Goes back to the list, on screens that hold only one of both. */
  leaveConversation(): void;
  setReply(text: string): void;
  /** Sends the reply of the open visitor with its attachments. Joins the chat first if nobody has it. */
  sendReply(): void;
  sendFiles(files: readonly FileLike[]): void;
  /** Keeps files for the next `sendReply` to the open visitor. */
  attach(files: readonly FileLike[]): void;
  detach(uid: Uid): void;
  resend(uid: Uid): void;
  discard(uid: Uid): void;
  /** Loads the page of history before the oldest message on screen. */
  older(): void;
  invite(text: string): void;
  withdrawInvite(): void;
  join(): void;
  /** Takes the open chat over from the colleague who has it. */
  takeOver(): void;
  leave(): void;
  transfer(operator: OperatorId): void;
  closeChat(): void;
  finishRequest(request: string): void;
  /** Corrects fields of the open visitor's card. */
  correctCard(corrections: CardCorrection[]): void;
  /** Loads the next page of the list of requests. */
  moreRequests(): void;
  dismissNotice(id: number): void;
  /** The operator points at a notice or has the focus there: no notice ends meanwhile. */
  pauseNotices(isPaused: boolean): void;
  dismissRestored(): void;
  /** Somebody uses the workplace. May be called with every key. */
  use(): void;
  /** Whether the operator looks at this document now: the session marks nothing as read otherwise. */
  setAttentive(isAttentive: boolean): void;
  onAlert(listener: (alert: Alert) => void): () => void;
  close(): void;
}

/** The offer on screen: sound and notifications, or sound alone if the browser has no others; `gesture`: sound needs a click first. */
export type Offer = 'calls' | 'sound' | 'gesture';

/** What the screen controls beside the session: things of this computer, not of a chat. Made by `main.tsx`. */
export interface DeviceControls {
  readonly isSoundOn: ReadonlySignal<boolean>;
  setSound(isOn: boolean): void;
  /** What the screen offers an operator who is online; `null`: nothing. */
  readonly offer: ReadonlySignal<Offer | null>;
  answerOffer(isYes: boolean): void;
  signOut(): void;
}

/** What `main.tsx` gives a session. */
export interface SessionOptions {
  /** From the sign-in: who this is, and the proof that the socket asks for. */
  operator: OperatorSession;
  transport: Transport<OperatorServerFrame>;
  store: OutboxStore<OperatorCommand>;
  sendBytes: SendBytes;
  clock: Clock;
  chance: Chance;
  /** The database that an earlier sign-in in this document met: after a restore operators have to sign in again. */
  epoch?: string | undefined;
  onEpoch?(epoch: string): void;
  /** The server refused the connection for lack of a good sign-in; `isIdle` if the sign-in ended because nobody used it. */
  onRefused(isIdle: boolean): void;
}
