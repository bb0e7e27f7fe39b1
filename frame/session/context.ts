/**
 * What the two halves of the session owe each other. `session.ts` is the ground: what is true, told once and in order; it
 * loads with the frame. `deeds.ts` stands on it: what this page does, and what became of that; it comes a moment later,
 * so that nobody waits for code that most page views never use. Types only.
 */
import type { ChatEvent, ChatId, Message, Uid } from '../../shared/chat.ts';
import type { PageEvent, PendingMessage } from '../../shared/page/bridge.ts';
import type { Chance, Clock } from '../../shared/client/outside.ts';
import type { Ack, ClientTiming, Nack, VisitorRegister, VisitorServerFrame } from '../../shared/wire/protocol.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Transport } from '../../shared/client/transport.ts';
import type { Chats } from './chats.ts';
import type { History } from './history.ts';
import type { Identity } from './outside.ts';
import type { Caller, Session, Upload } from './session.ts';
import type { View } from './view.ts';

/** One step from facts to facts: what it has to say beside the difference that can be seen. */
export interface Step {
  /** Told before the difference, and after it. */
  first: PageEvent[];
  then: PageEvent[];
  added: Message[];
  older: { messages: Message[]; hasOlder: boolean } | undefined;
  isReplaced: boolean;
  /** Nobody is told of the difference: it is where the page begins. */
  isQuiet: boolean;
  hasJoined: boolean;
}

export interface Ground {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly identity: Identity;
  readonly transport: Transport<VisitorServerFrame>;
  readonly chats: Chats;
  readonly history: History;
  /** Seq of the last event folded of a chat. */
  cursorAt(chat: ChatId): number;
  /** Runs `work` on the facts, then shows and tells what it changed. A step within a step is part of it. */
  change(work: (now: Step) => unknown): void;
  /** Calls back once after `ms`, unless the session is closed before. Returns what prevents it. */
  later(ms: number, callback: () => void): () => void;
  /** What could be seen before the present step. */
  view(): View;
  rules(): Settings['chat'];
  timing(): ClientTiming;
  /** Welcomed, and not lost since. */
  isOnline(): boolean;
  hasBeenWelcomed(): boolean;
  /** The first connection of this page is being made: what is asked now will soon have an answer. */
  isArriving(): boolean;
  isSignedIn(): boolean;
  /** The visitor acts: from here on there is someone to remember. */
  act(): void;
  hasActed(): boolean;
  /** The server did not believe the token. */
  doubtIdentity(): void;
  /** A token that is valid now. */
  access(): Promise<string | undefined>;
  /** The token there is, without asking for one. */
  accessNow(): string | undefined;
  register(): VisitorRegister;
  /** Shows what the server will say of the register before it says so. */
  foresee(change: Partial<VisitorRegister>): void;
  /** A message of our own as the server will have it; `ms` is a time of this browser's clock. */
  optimistic(uid: Uid, text: string, ms: number): Message;
  /** The server has said what time it is: dates are its dates from now on. */
  knowsTime(): boolean;
}

/** The commands that deeds carry out; all others are the ground's own. */
export type Commands = Pick<
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
> & { send(text: string, group: string | null, by: Caller, uid: Uid): Message | null };

export interface Deeds extends Commands {
  readonly pending: readonly PendingMessage[];
  readonly uploads: readonly Upload[];
  /** The card, and what is still missing of it, as the changes will leave them that the server has not confirmed. */
  foreseen(register: VisitorRegister): Pick<VisitorRegister, 'card' | 'requiredInfo'>;
  readonly isForgetful: boolean;
  readonly mailed: { success: boolean; error?: string } | null;
  readonly requested: { success: boolean; title: string; message: string } | null;
  /** Closes of this page that the server has not carried out yet. */
  readonly closing: ReadonlySet<Uid>;
  /** Those of them that were carried out here already. */
  readonly closed: readonly Uid[];
  /** How this page sent the message; `inherited`: an earlier page did, and this one has shown it as pending. */
  originOf(uid: Uid): 'api' | 'ui' | 'inherited' | undefined;
  /** Takes over what pages that are gone left unsent. `isEarly`: before anyone has seen this page's messages. */
  inherit(isEarly: boolean): Promise<void>;
  startStoring(): void;
  handOver(): void;
  /** The line to the server is open for what we have to say. */
  open(): void;
  /** It is not any more. */
  shut(now: Step): void;
  /** The connection goes on elsewhere: what it has not answered is sent again there. */
  move(): void;
  takeAck(ack: Ack): void;
  takeNack(nack: Nack): void;
  takeMailed(uid: Uid, success: boolean, error: string | undefined): void;
  /** An event that may be the answer to a command of ours. */
  takeEvent(event: ChatEvent): void;
  /** A fresh summary: what it contains needs no answer any more. */
  takeSummary(isFirst: boolean, now: Step): void;
  /** Ends the answers that waited for an event which is folded now. */
  endStep(now: Step): void;
  /** The state has changed, and what follows from it can be done. */
  afterStep(): void;
  endDraft(): void;
  tellRead(chat: ChatId, seq: number): void;
  forget(now: Step): void;
  close(): void;
}
