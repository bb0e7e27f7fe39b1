/** What the picker shows: the nouns that the other files of this folder share. */
import type { RefObject } from 'preact';
import type { ViewModel } from '../contract.ts';

export interface Emoji {
  readonly char: string;
  /** What a screen reader says. */
  readonly name: string;
  /** What else finds it. */
  readonly words: readonly string[];
}

export interface EmojiGroup {
  readonly name: string;
  readonly emoji: readonly Emoji[];
}

/** What the composer gives to the picker. */
export interface PickerProps {
  readonly view: ViewModel;
  /** The button that opened it, and closes it again. */
  readonly opener: RefObject<HTMLElement | null>;
  onPick(char: string): void;
  /** Where the focus goes: to the text, back to the button, or where the visitor has put it. */
  onClose(back: 'text' | 'button' | null): void;
}
