/** What the picker shows: the nouns that the other files of this folder share. */

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
