/**
 * What the session needs of the world beside transport, clock and chance: the visitor's identity, a carrier for files, and the
 * visitor's other pages. `main.tsx` makes the real ones; a test makes its own.
 */
import type { ReadonlySignal } from '@preact/signals-core';
import type { Uid } from '../../shared/chat.ts';
import type { Catalogue } from '../../shared/languages/catalogue.ts';
import type { Language } from '../../shared/languages/languages.ts';
import type { SessionAnswer, UploadAnswer, VisitorCommand } from '../../shared/wire/protocol.ts';
import type { FileLike } from './contract.ts';

/** The visitor's lasting identity: cookie and stored refresh token behind two requests. */
export interface Identity {
  /** Whether an earlier page may have left something here. Only looks. */
  hasTraces(): Promise<boolean>;
  /** Leaves the trace that the next page looks for: this visitor has acted. */
  leaveTrace(): void;
  /** Remembers that the visitor has consented in the chat itself. */
  keepConsent(): void;
  /** Who is this? `create` makes a visitor of nobody. Rejects when the server can't be reached. */
  ask(create: boolean): Promise<SessionAnswer>;
  /**
   * Becomes the visitor whom the customer's server names. Rejects with a `ChatError` when our server does not believe the token. After
   * any other rejection the answer may have been lost: asked again with the same `once`, a secret of ours, the server gives it again.
   */
  identify(token: string, once: Uid): Promise<SessionAnswer>;
  /** Whether the next page will find the visitor again, as far as the last answer showed. */
  isLasting(): boolean;
  /** Ends the session at the server and removes every trace here. */
  forget(): Promise<void>;
}

/** The language of this document, and its texts. */
export interface Speech {
  readonly language: ReadonlySignal<Language>;
  /** `null` until the first ones have arrived. */
  readonly words: ReadonlySignal<Catalogue | null>;
  /** Changes to the language that a tag means. `isChosen`: by the visitor, who wants it on later pages as well. */
  speak(tag: string, isChosen: boolean): void;
}

export interface Transfer {
  /** Rejects with a `ChatError`. */
  done: Promise<UploadAnswer>;
  cancel(): void;
}

/** Sends one file's bytes to the server. */
export type SendBytes = (file: FileLike, options: { uid: Uid; access: string; onProgress(loaded: number): void }) => Transfer;

/** Leaves commands to the browser, which sends them even after the page is gone. Nobody hears what became of them. */
export type Beacon = (access: string, commands: readonly VisitorCommand[]) => void;

/** The visitor's other pages on this site, where the browser lets them hear each other. */
export interface Peers {
  tell(word: PeerWord): void;
  listen(listener: (word: PeerWord) => void): () => void;
}

/** `acted`: there is a visitor now. `forgotten`: there is none any more. */
export type PeerWord = 'acted' | 'forgotten';
