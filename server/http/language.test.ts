import { expect, test } from 'vitest';
import type { Language } from '../../shared/languages/languages.ts';
import { chooseLanguage } from './language.ts';

const nothing = { explicit: undefined, page: undefined, accepted: undefined };

test.each<[string, Partial<typeof nothing> | object, Language | '', Language]>([
  ['the page asks for one', { explicit: 'de', page: 'fr', accepted: 'it' }, 'es', 'de'],
  ['the site has one', { page: 'fr', accepted: 'it' }, 'es', 'es'],
  ['the page is written in one', { page: 'fr-CA', accepted: 'it' }, '', 'fr'],
  ['the browser accepts some', { accepted: 'fi, nl;q=0.5, ja;q=0.9, *;q=0.1' }, '', 'ja'],
  ['the browser refuses one', { accepted: 'de;q=0, nl;q=0.5' }, '', 'nl'],
  ['nobody says anything', {}, '', 'en'],
  ['the page asks for nothing', { explicit: '', page: '' }, 'pl', 'pl'],
  ['another region is asked for', { explicit: 'pt-PT' }, 'de', 'pt-BR'],
  ['an unknown one is asked for', { explicit: 'xx', page: 'de' }, '', 'en'],
  ['the page is written in an unknown one', { page: 'fi', accepted: 'sv' }, '', 'sv'],
  ['parameters come twice', { explicit: ['de', 'fr'], page: ['it'] }, '', 'en'],
  ['a tag is endless', { page: 'de'.padEnd(40, '-x'), accepted: 'q'.repeat(5_000) }, '', 'en'],
  ['a quality is nonsense', { accepted: 'de;q=lots, uk;q=0.2' }, '', 'uk'],
])('[VI.lang] where %s', (_case, asked, site, expected) => {
  expect(chooseLanguage({ ...nothing, ...asked }, site)).toBe(expected);
});
