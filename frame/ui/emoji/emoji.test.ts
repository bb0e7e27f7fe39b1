/** The emoji of each language, as the picker gets them, and what finds them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LANGUAGES, type Language } from '../../../shared/languages/languages.ts';
import { loadEmoji } from './data.ts';
import { findEmoji, plain } from './find.ts';

/** What people in a chat look for first. */
const THANKS: Readonly<Record<Language, string>> = {
  en: 'thanks',
  de: 'danke',
  fr: 'merci',
  es: 'gracias',
  'pt-BR': 'obrigada',
  it: 'grazie',
  nl: 'dank',
  pl: 'dziękuję',
  sv: 'tack',
  ru: 'спасибо',
  uk: 'дякую',
  tr: 'teşekkür',
  ar: 'شكرا',
  he: 'תודה',
  ja: 'ありがとう',
  zh: '谢谢',
};

describe.each(LANGUAGES)('[VI.emoji] in %s', (language) => {
  test('there are nine groups, with a name for each and for every emoji', async () => {
    const groups = await loadEmoji(language);
    expect(groups).toHaveLength(9);
    for (const { name, emoji } of groups) {
      expect(name).toMatch(/\p{Letter}/u);
      expect(emoji.length, name).toBeGreaterThan(50);
      for (const one of emoji) {
        expect(one.char, one.name).toMatch(/[\p{Emoji}]/u);
        expect(one.name, one.char).toMatch(/\S/);
        for (const word of one.words) expect(word, one.char).toMatch(/^\S+$/);
      }
    }
    const all = groups.flatMap(({ emoji }) => emoji.map(({ char }) => char));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(1_600);
  });

  test('the file weighs at most 25 KB', () => {
    const file = readFileSync(join(import.meta.dirname, `words/${language}.txt`));
    expect(brotliCompressSync(file).length).toBeLessThanOrEqual(25_000);
  });

  test('thanks are found', async () => {
    expect(findEmoji(await loadEmoji(language), THANKS[language]).map((emoji) => emoji.char)).toContain('🙏');
  });

  test('the first face is found by its whole name', async () => {
    const groups = await loadEmoji(language);
    const first = groups[0]!.emoji[0]!;
    expect(findEmoji(groups, first.name)).toContain(first);
  });
});

test.each([
  ['en', 'cat joy', '😹'],
  ['en', 'Thumbs UP', '👍'],
  ['de', 'herz', '❤️'],
  ['de', 'frohlich', '😃'],
  ['de', 'Österreich', '🇦🇹'],
  ['fr', 'fete', '🎉'],
  ['es', 'corazón', '❤️'],
  ['pt-BR', 'coracao', '❤️'],
  ['it', 'cuore', '❤️'],
  ['nl', 'hart', '❤️'],
  ['pl', 'slonce', '☀️'],
  ['sv', 'hjarta', '❤️'],
  ['ru', 'кош', '🐈'],
  ['uk', 'серце', '❤️'],
  ['tr', 'kalp', '❤️'],
  ['ar', 'قلب', '❤️'],
  ['he', 'לב', '❤️'],
  ['ja', 'ハート', '❤️'],
  ['ja', 'はーと', '❤️'],
  ['zh', '心', '❤️'],
] as const)('[VI.emoji] in %s, %o finds %s', async (language, query, char) => {
  const found = findEmoji(await loadEmoji(language), query);
  expect(found.map((emoji) => emoji.char)).toContain(char);
});

test('[VI.emoji] nothing is found by nothing, or by what is no word', async () => {
  const groups = await loadEmoji('en');
  expect(findEmoji(groups, '  ')).toEqual([]);
  expect(findEmoji(groups, 'qqqq')).toEqual([]);
});

test('[VI.emoji] a query of many results is cut', async () => {
  expect(findEmoji(await loadEmoji('en'), 'a').length).toBe(120);
});

test('[VI.emoji] words are compared without accents, cases and kinds of Japanese letters', () => {
  expect(plain('Śłońce Straße')).toBe('slonce strasse');
  expect(plain('İstanbul ılık')).toBe('istanbul ilik');
  expect(plain('ﾊｰﾄ')).toBe(plain('はーと'));
});
