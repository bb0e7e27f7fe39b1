/** The comparison behind all search boxes of the workplace. */
import { expect, it } from 'vitest';
import { fold, matches } from './search.ts';

it.each([
  ['jose', 'José'],
  ['JOSÉ', 'jose'],
  ['muller', 'Müller'],
  ['petr', 'Petr\u030c'],
  ['петр', 'Пётр'],
  ['Пётр', 'ПЕТР'],
  ['strasse', 'Straße'],
  ['STRASSE', 'straße'],
  ['lodz', 'Łódź'],
  ['soren', 'Søren'],
  ['istanbul', 'İstanbul'],
  ['isik', 'ışık'],
  ['οδος', 'ΟΔΌΣ'],
  ['file', 'ﬁle'],
  ['abc', 'ＡＢＣ'],
  ['ガ', 'ｶﾞ'],
  ['anna example', 'anna@shop.EXAMPLE'],
])('[FF.C6] [OP.search] %s finds %s', (query, text) => expect(matches(query, [undefined, text])).toBe(true));

it('[FF.C6] the search wants every word, in any order and field; an empty query matches all', () => {
  expect(matches(' vera  sales ', ['Véra', undefined, 'SALES'])).toBe(true);
  expect(matches('vera sales', ['Véra'])).toBe(false);
  expect(matches(' \t', [])).toBe(true);
  expect(fold('a\nb')).toBe('a\nb');
});
