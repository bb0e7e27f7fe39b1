/**
 * The emoji of the picker, with their names and the words that find them in the visitor's language.
 *
 * Each language is one file, fetched with the picker and no sooner (scripts/emoji.mjs has written it from Unicode's annotations).
 * What the picker looks like is not decided here.
 */
import type { Language } from '../../../shared/languages/languages.ts';
import type { Emoji, EmojiGroup } from './emoji.ts';
import { flags } from './flags.ts';

const FILES: Readonly<Record<Language, () => Promise<{ default: string }>>> = {
  en: () => import('./words/en.txt?raw'),
  de: () => import('./words/de.txt?raw'),
  fr: () => import('./words/fr.txt?raw'),
  es: () => import('./words/es.txt?raw'),
  'pt-BR': () => import('./words/pt-BR.txt?raw'),
  it: () => import('./words/it.txt?raw'),
  nl: () => import('./words/nl.txt?raw'),
  pl: () => import('./words/pl.txt?raw'),
  sv: () => import('./words/sv.txt?raw'),
  ru: () => import('./words/ru.txt?raw'),
  uk: () => import('./words/uk.txt?raw'),
  tr: () => import('./words/tr.txt?raw'),
  ar: () => import('./words/ar.txt?raw'),
  he: () => import('./words/he.txt?raw'),
  ja: () => import('./words/ja.txt?raw'),
  zh: () => import('./words/zh.txt?raw'),
};

/**
 * All emoji by group, in Unicode's order. Rejects when the file does not arrive; the next call asks again.
 *
 * @example
 * (await loadEmoji('de'))[0]!.emoji[0]; // { char: '😀', name: 'grinsendes Gesicht', words: ['froh', 'haha', …] }
 */
export async function loadEmoji(language: Language): Promise<EmojiGroup[]> {
  const { default: text } = await FILES[language]();
  const groups: { name: string; emoji: Emoji[] }[] = [];
  for (const line of text.trim().split('\n')) {
    const [first = '', name, words = ''] = line.split('\t');
    if (name === undefined) groups.push({ name: first, emoji: [] });
    else groups.at(-1)!.emoji.push({ char: first, name, words: words === '' ? [] : words.split(' ') });
  }
  groups.at(-1)!.emoji.push(...flags(language));
  return groups;
}
