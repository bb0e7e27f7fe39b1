import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fill, type Catalogue } from './catalogue.ts';
import { texts as english } from './en.ts';
import { LANGUAGES, directionOf, languageOf, type Language } from './languages.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '../..');
const catalogues = readdirSync(folder).filter((name) => /^[a-z]{2}(-[A-Z]{2})?\.ts$/.test(name));
const load = async (file: string) => ((await import(`./${file}`)) as { texts: Catalogue }).texts;
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

/** The first numbers of a plural category: a second one says that it names no single number. */
const numbersOf = (tag: string, category: string) => {
  const rules = new Intl.PluralRules(tag);
  return Array.from({ length: 200 }, (_, n) => n).filter((n) => rules.select(n) === category);
};

test('[VI.languages] each language of the menu has a catalogue', () => {
  expect(catalogues.sort()).toEqual(LANGUAGES.map((tag) => `${tag}.ts`).sort());
});

test('[VI.languages] the document of languages tells of each one how it is written and counted, and shows it', () => {
  const rows = [...readFileSync(join(root, 'docs/languages.md'), 'utf8').matchAll(/^\| `([\w-]+)` \|(.+)\|$/gm)];
  expect(rows.map(([, tag]) => tag)).toEqual(LANGUAGES);
  for (const [, tag = '', cells = ''] of rows) {
    const [, , direction, plurals = '', picture] = cells.split(' | ').map((cell) => cell.trim());
    expect(direction, tag).toBe(directionOf(tag as Language) === 'rtl' ? 'right to left' : 'left to right');
    expect(plurals.split(', ').sort(), tag).toEqual([...new Intl.PluralRules(tag).resolvedOptions().pluralCategories].sort());
    expect(picture).toBe(`[picture](pictures/languages/${tag}.png)`);
    expect(statSync(join(root, `docs/pictures/languages/${tag}.png`)).size, tag).toBeLessThanOrEqual(30_000);
  }
});

describe.each(catalogues)('%s', (file) => {
  const tag = file.replace('.ts', '');

  test('[VI.languages] has a text for each key, with the placeholders of the English one', async () => {
    const texts = await load(file);
    expect(Object.keys(texts)).toEqual(Object.keys(english));
    for (const [key, source] of Object.entries(english)) {
      const text = texts[key as keyof Catalogue];
      const forms = typeof text === 'string' ? [text] : Object.entries(text);
      for (const form of forms) {
        const [category, words] = typeof form === 'string' ? ['', form] : form;
        expect(words.trim(), `${key} ${category}`).toBe(words);
        expect(words, `${key} ${category}`).not.toBe('');
        const wanted = placeholders(typeof source === 'string' ? source : source.other);
        // The number may be left out where the form means a single one: "one" of Hebrew, and not of Russian, where 21 is one, too.
        const isNamed = numbersOf(tag, category).length === 1;
        if (!isNamed || placeholders(words).length > 0) expect(placeholders(words), `${key} ${category}`).toEqual(wanted);
      }
    }
  });

  test('[VI.languages] has one form for each plural category of its language', async () => {
    const texts = await load(file);
    const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions();
    for (const [key, text] of Object.entries(texts))
      if (typeof text !== 'string') expect(Object.keys(text).sort(), key).toEqual([...pluralCategories].sort());
  });

  test('[VI.languages] is set as its language is', async () => {
    const marks: Partial<Record<string, RegExp>> = {
      // Narrow spaces before signs, and no-break ones before colons.
      fr: /[^\u202f][?!;]|[^\u00a0]:/,
      ar: /[?,;]/,
      ja: /[?!,:;()]/,
      zh: /[?!,:;()]/,
    };
    const texts = await load(file);
    for (const [key, source] of Object.entries(english)) {
      const text = texts[key as keyof Catalogue];
      for (const form of typeof text === 'string' ? [text] : Object.values(text)) {
        expect(form, key).not.toMatch(/\.\.\.|['"]| {2}/);
        expect(form, key).not.toMatch(marks[tag] ?? /[\u3000-\u303f\uff00-\uff60]/);
        // A sentence ends with a full stop, a label does not.
        const isSentence = typeof source === 'string' && source.endsWith('.');
        expect(/[.。]$/.test(form), `${key}: ${form}`).toBe(isSentence);
        if (typeof source === 'string') expect(form.endsWith('…'), key).toBe(source.endsWith('…'));
      }
    }
  });

  test('[VI.languages] weighs at most 2.5 KB', async () => {
    expect(brotliCompressSync(JSON.stringify(await load(file))).length).toBeLessThanOrEqual(2_560);
  });
});

test('each key is used', () => {
  const sources = ['frame', 'server'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
      .map((name) => readFileSync(join(root, room, name), 'utf8')),
  );
  const all = sources.join('\n');
  expect(Object.keys(english).filter((key) => !RegExp(`['".]${key}\\b`).test(all))).toEqual([]);
});

test.each([
  ['de', 'de'],
  ['DE', 'de'],
  ['de-AT', 'de'],
  ['pt-PT', 'pt-BR'],
  ['pt', 'pt-BR'],
  ['zh-Hans-CN', 'zh'],
  ['zh-TW', 'zh'],
  ['xx', undefined],
  ['', undefined],
  ['deutsch', undefined],
])('the tag %o means %o', (tag, language) => {
  expect(languageOf(tag)).toBe(language);
});

test('Arabic and Hebrew are written from right to left', () => {
  expect(LANGUAGES.filter((language) => directionOf(language) === 'rtl')).toEqual(['ar', 'he']);
});

test.each([
  ['{name} is typing', { name: 'Eva' }, 'Eva is typing'],
  ['{n} of {n}', { n: 3 }, '3 of 3'],
  ['{name} is typing', {}, '{name} is typing'],
  ['دردشة مع {name}', { name: 'Eva' }, 'دردشة مع \u2068Eva\u2069'],
  ['{name} is typing', { name: 'חוה' }, '\u2068חוה\u2069 is typing'],
])('[VI.fill] %o with %o is %o', (text, values, filled) => {
  expect(fill(text, values)).toBe(filled);
});
