/**
 * The contract between the two halves of the session. The first half knows the state of the chat, and loads with the frame. The
 * second half, delivery, sends this page's commands and follows their outcome; it loads a moment later (`lazy-delivery.ts`). Types only.
 */
import type { ChatEvent, ChatId, Message, Uid } from '../../shared/chat.ts';
import type { PendingMessage } from '../../shared/page/bridge.ts';
import type { Chance, Clock } from '../../shared/client/platform.ts';
import type { Ack, Nack, VisitorRegister, VisitorServerFrame } from '../../shared/wire/protocol.ts';
import type { Transport } from '../../shared/client/transport.ts';
import type { Changes, Changeset } from './changes.ts';
import type { Chats } from './chats.ts';
import type { Caller, MailOutcome, RequestOutcome, Session, Upload } from './contract.ts';
import type { Facts } from './facts.ts';
import type { History } from './history.ts';
import type { Identity, Speech } from './platform.ts';
import type { ServerTime } from './server-time.ts';
import type { Later } from './timers.ts';

/** What delivery knows of the connection, and of whom it speaks for. */
export interface Presence {
  /** Welcomed, and not lost since. */
  isOnline(): boolean;
  /** The first connection of this page is being made: the server will soon answer. */
  isArriving(): boolean;
  isSignedIn(): boolean;
  hasActed(): boolean;
  /** The visitor acts: from here on there is someone to remember. */
  act(): void;
  /** The server did not believe the token. */
  doubtIdentity(): void;
  /** Resolves with a token that is valid now. */
  access(): Promise<string | undefined>;
  /** The present token, without asking for one. */
  accessNow(): string | undefined;
}

/** What the first half gives delivery. Each file takes the parts that it needs. */
export interface SessionContext extends Pick<Changes, 'change'> {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly identity: Identity;
  readonly transport: Transport<VisitorServerFrame>;
  readonly chats: Chats;
  readonly history: History;
  readonly facts: Readonly<Facts>;
  readonly changes: Pick<Changes, 'state'>;
  readonly presence: Presence;
  readonly catchUp: { hasBeenWelcomed(): boolean; cursorAt(chat: ChatId): number };
  readonly serverTime: ServerTime;
  readonly later: Later;
  /** Shows what the server will say of the register before it says so. */
  foresee(change: Partial<VisitorRegister>): void;
  /** A message of our own as the server will have it; `ms` is a time of this browser's clock. */
  optimistic(uid: Uid, text: string, ms: number): Message;
  /** The texts of the visitor's language, once they are here. */
  readonly words: Speech['words'];
}

/** The commands that delivery runs; the session runs all others itself. */
export interface Commands extends Pick<
  Session,
  | 'start'
  | 'closeChat'
  | 'resend'
  | 'discard'
  | 'sendFiles'
  | 'setDraft'
  | 'setProperty'
  | 'rate'
  | 'mail'
  | 'setCard'
  | 'acceptInvite'
  | 'rejectInvite'
  | 'sendRequest'
  | 'identify'
> {
  send(text: string, group: string | null, by: Caller, uid: Uid): Message | null;
  /** Tells the server how far the visitor has read. */
  tellRead(chat: ChatId, seq: number): void;
}

/** What delivery adds to the things that a session shows. */
export interface DeliveryShown extends Pick<VisitorRegister, 'card' | 'requiredInfo'> {
  pending: readonly PendingMessage[];
  uploads: readonly Upload[];
  isForgetful: boolean;
  mailed: MailOutcome | null;
  requested: RequestOutcome | null;
}

export interface Delivery {
  readonly commands: Commands;
  /** Own commands and what they will change, laid over what the server has said. */
  show(register: VisitorRegister): DeliveryShown;

  // ── the connection ───────────────────────────────────────────────────────────────────────────────────────────────
  /** The server listens to us: sends what waits. */
  open(): void;
  /** The server does not any more. */
  shut(set: Changeset): void;
  /** The connection goes on elsewhere: what it has not answered is sent again there. */
  move(): void;
  take(frame: Ack | Nack | Extract<VisitorServerFrame, { t: 'mailed' }>): void;

  // ── the timeline ─────────────────────────────────────────────────────────────────────────────────────────────────
  /** Closes of this page that the server has not carried out yet. */
  readonly closing: ReadonlySet<Uid>;
  /** Those of them that are applied here already. */
  readonly closed: readonly Uid[];
  /** How this page sent the message; `inherited`: an earlier page did, and this one has shown it as pending. */
  originOf(uid: Uid): 'api' | 'ui' | 'inherited' | undefined;
  /** An event that may be the answer to a command of ours. */
  takeEvent(event: ChatEvent): void;
  /** A fresh summary: commands that it contains need no answer any more. */
  takeSummary(isFirst: boolean, set: Changeset): void;
  /** Ends the answers that waited for an event which is folded now. */
  finish(set: Changeset): void;
  /** The state has changed: the draft may go out now. */
  retryDraft(): void;
  endDraft(): void;

  // ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────
  startStoring(): void;
  /** Takes over what earlier pages left unsent. `isEarly`: before anyone has seen this page's messages. */
  inherit(isEarly: boolean): Promise<void>;
  sendBeacon(): void;
  forget(set: Changeset): void;
  close(): void;
}

export type CreateDelivery = (context: SessionContext) => Delivery;
