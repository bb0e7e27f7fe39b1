/**
 * The shape of a catalogue, and how its texts are filled in. A catalogue is one file of this folder for each language; a key that is
 * missing, or that English does not have, does not compile.
 */
import type { texts } from './en.ts';

/** One text for each plural category that the language has; `other` always. `{n}` is the number. */
export type Plural = { readonly other: string } & { readonly [category in 'zero' | 'one' | 'two' | 'few' | 'many']?: string };

export type Key = keyof typeof texts;

/** The texts of one language. */
export type Catalogue = { readonly [key in Key]: (typeof texts)[key] extends string ? string : Plural };

/** The keys of plain texts, and those of texts that depend on a number. */
export type TextKey = { [key in Key]: (typeof texts)[key] extends string ? key : never }[Key];
export type PluralKey = Exclude<Key, TextKey>;

/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff]/;

/**
 * Puts values into a text. Where either is written from right to left, a value is isolated: a Latin name in an Arabic sentence,
 * or the other way round, never changes the order of the words beside it.
 *
 * @example
 * fill('{name} is typing', { name: 'Eva' }); // 'Eva is typing'
 */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, key: string) => {
    const value = String(values[key] ?? placeholder);
    return RIGHT_TO_LEFT.test(text + value) ? `\u2068${value}\u2069` : value;
  });
}
