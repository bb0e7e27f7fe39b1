/**
 * What the parts of the interface know of each other: the view model that every component is given, and what the extras bring
 * later. Types alone, so that components, extras and the view model need not import one another.
 */
import type { FunctionComponent, RefObject } from 'preact';
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { FileInfo, Message, Uid } from '../../shared/chat.ts';
import type { Session, Stage, Upload } from '../session/contract.ts';
import type { Standing } from './standing.ts';
import type { NoticedOptions } from './noticed/noticed.ts';
import type { Attachments } from './composer/attachments.ts';
import type { LinesBefore } from './messages/rows.ts';

/** Text for a screen reader; a new `n` repeats the same words. */
export interface Said {
  text: string;
  n: number;
}

export type Drawn = { view: 'chat' | 'offline_message'; isClosing: boolean };
export type Form = 'mail' | 'groups' | 'chats' | null;

/** A component that reads and calls nothing but the view model. */
type Part = FunctionComponent<{ view: ViewModel }>;

/** What `extras.ts` brings, once it is there. */
export interface Extras {
  Attach: FunctionComponent<{ view: ViewModel; attachments: Attachments }>;
  Body: FunctionComponent<{ view: ViewModel; message: Message; file: FileInfo | null }>;
  Attached: FunctionComponent<{ view: ViewModel; attachments: Attachments }>;
  Failure: FunctionComponent<{ view: ViewModel; uid: Uid | null; reason: string | null }>;
  Foot: FunctionComponent<{ view: ViewModel; left: number | null }>;
  GLYPHS: Readonly<Record<string, string>>;
  Invitation: Part;
  Label: Part;
  LazyChats: Part;
  MailForm: Part;
  Menu: Part;
  News: FunctionComponent<{ unread: number; onClick: () => void }>;
  Notices: Part;
  OfflineForm: Part;
  Preview: Part;
  Shortened: Part;
  Tail: Part;
  Tools: FunctionComponent<{ view: ViewModel; box: RefObject<HTMLTextAreaElement | null> }>;
  Spoken: Part;
  Transcript: Part;
  UploadRow: FunctionComponent<{ view: ViewModel; upload: Upload }>;
  isLarge: ReadonlySignal<boolean>;
  /** A picture of the number of unread messages, as a `data:` address. */
  drawBadge(count: number): string;
  linesOn(view: ViewModel, unread: string | null): LinesBefore;
  seenIn(session: Session): string | undefined;
  createNoticed(parts: NoticedOptions): () => void;
  createAttachments(session: Session, isOpen: () => boolean): Attachments;
  keepDraft(session: Session, draft: Signal<string>, onForgotten: () => void): () => void;
}

/** The signals and commands of the interface itself, beside the session's. */
export interface ViewModel {
  readonly extras: ReadonlySignal<Extras | null>;
  readonly session: Session;
  readonly stage: Stage;
  readonly draft: ReadonlySignal<string>;
  /** Group the visitor has chosen; `null` means any free operator. */
  readonly group: ReadonlySignal<string | null>;
  readonly form: ReadonlySignal<Form>;
  readonly wantsCall: ReadonlySignal<boolean>;
  /** The view in the panel, a little longer than it is open; `null` while only launcher or bubble are there. */
  readonly drawn: ReadonlySignal<Drawn | null>;
  readonly isAnimated: ReadonlySignal<boolean>;
  /** The server is not heard for a while; `null`: it was not heard yet, or need not be. */
  readonly isDisconnected: ReadonlySignal<boolean | null>;
  readonly standing: ReadonlySignal<Standing>;
  readonly status: ReadonlySignal<Said>;
  /** Files the visitor picked, pasted or dropped; `null` until the extras have loaded. */
  readonly attachments: ReadonlySignal<Attachments | null>;
  /** The composer or the launcher takes the focus as soon as it is drawn. */
  readonly focusAsked: ReadonlySignal<boolean>;
  /** Counts how often the visitor tried to send while details, or consent, were missing. */
  readonly detailsAsked: ReadonlySignal<number>;

  write(text: string): void;
  choose(group: string | null): void;
  show(form: Form): void;
  /** Sends the draft, or asks for the details that are missing first. */
  post(): void;
  /** Starts a chat, with the draft as its first message if there is one. `hasDetails`: they have just been given. */
  begin(hasDetails?: boolean): void;
  /** Leaves a chat nobody has answered and asks another group. */
  switchTo(group: string): void;
  openRequest(wantsCall: boolean): void;
  takeFocus(): void;
  focusTaken(): void;
  /** Whether the newest message is on the screen. */
  see(isEndSeen: boolean): void;
  close(): void;
}
