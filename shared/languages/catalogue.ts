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

/**
 * Puts values into a text.
 *
 * @example
 * fill('{name} is typing', { name: 'Eva' }); // 'Eva is typing'
 */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, key: string) => (key in values ? String(values[key]) : placeholder));
}
