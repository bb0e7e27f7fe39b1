/**
 * A site's own texts in single languages: which there are, and what is wrong with one.
 *
 * - `translations`: the texts of the settings, by their paths. A setting itself holds what counts for all other languages.
 * - `texts`: single texts of the interface's catalogue.
 *
 * Stored ones may be older than this build, so reading drops what is wrong (`soundOf`); only a person who sets one is refused.
 */
import { texts as english } from './en.ts';
import { languageOf, LANGUAGES, type Language } from './languages.ts';
import type { Key, Plural } from './catalogue.ts';

/** The texts of the settings that differ by language, and how long one may be. A list has as many entries as it may have at most. */
export const TRANSLATABLE = {
  'chat.title': { max: 80 },
  'chat.greeting': { max: 300 },
  'chat.questions': { max: 80, entries: 4 },
  'chat.group_title': { max: 80 },
  'chat.fields.name': { max: 80 },
  'chat.fields.email': { max: 80 },
  'chat.fields.phone': { max: 80 },
  'chat.retention.messages': { max: 1000, entries: 10 },
  'chat.invite.text': { max: 1000 },
  'chat.invite.name': { max: 80 },
  'offline_message.title': { max: 80 },
  'offline_message.group_title': { max: 80 },
  'offline_message.fields.name': { max: 80 },
  'offline_message.fields.email': { max: 80 },
  'offline_message.fields.phone': { max: 80 },
  'offline_message.fields.message': { max: 80 },
  'common.company': { max: 80 },
  'common.launcher_label': { max: 40 },
} as const satisfies Record<string, { max: number; entries?: number }>;

type Path = keyof typeof TRANSLATABLE;

/** One language's texts of the settings, by path. `groups.ID` is the name of a group. */
export type Translation = {
  readonly [path in Path]?: (typeof TRANSLATABLE)[path] extends { entries: number } ? readonly string[] : string;
} & { readonly [group in `groups.${string}`]?: string };
export type Translations = { readonly [language in Language]?: Translation };

/** One language's texts that stand in place of the catalogue's. */
export type OwnTexts = { readonly [key in Key]?: string | Plural };
export type OwnTextsByLanguage = { readonly [language in Language]?: OwnTexts };

const GROUP = { max: 80 };
const GROUPS = 200;
const TEXT_MAX = 300;
/** Bytes of JSON, of all languages together. */
const IN_ALL = { translations: 64 * 1024, texts: 16 * 1024 };

/** The two parts of the settings that hold texts by language. */
export type OwnPart = keyof typeof IN_ALL;

/** What is wrong with one text, in words for whom has set it; `undefined` if nothing is. */
type FaultOf = (language: Language, name: string, value: unknown) => string | undefined;

const FAULT_OF: Record<OwnPart, FaultOf> = { translations: translationFault, texts: textFault };

/**
 * What is wrong with a whole part, in words for whom has set it, path first; `undefined` if nothing is.
 *
 * @example
 * ownFault('texts', { de: { typing: '{nmae} schreibt' } }); // 'texts.de.typing: there is no {nmae} in this text, expected {name}'
 */
export function ownFault(part: OwnPart, value: unknown): string | undefined {
  if (!isRecord(value)) return `${part}: expected an object of languages`;
  for (const [tag, own] of Object.entries(value)) {
    const language = exactLanguage(tag);
    if (language === undefined) return `${part}.${tag}: there is no such language, expected one of ${LANGUAGES.join(', ')}`;
    if (!isRecord(own)) return `${part}.${tag}: expected an object of texts`;
    for (const [name, text] of Object.entries(own)) {
      const fault = FAULT_OF[part](language, name, text);
      if (fault !== undefined) return `${part}.${tag}.${name}: ${fault}`;
    }
    const groups = Object.keys(own).filter((name) => name.startsWith('groups.')).length;
    if (groups > GROUPS) return `${part}.${tag}: names of ${groups} groups, expected at most ${GROUPS}`;
  }
  const bytes = encodeURIComponent(JSON.stringify(value)).replace(/%../g, '.').length;
  return bytes > IN_ALL[part] ? `${part}: ${bytes} bytes in all, expected at most ${IN_ALL[part]}` : undefined;
}

/** The part without what is wrong in it. */
export function soundOf(part: 'translations', value: unknown): Translations;
export function soundOf(part: 'texts', value: unknown): OwnTextsByLanguage;
export function soundOf(part: OwnPart, value: unknown): object {
  const sound = (language: Language, own: unknown): [string, unknown][] =>
    Object.entries(isRecord(own) ? own : {}).filter(([name, text]) => FAULT_OF[part](language, name, text) === undefined);
  return Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).flatMap(([tag, own]) => {
      const language = exactLanguage(tag);
      const texts = language === undefined ? [] : sound(language, own);
      return texts.length === 0 ? [] : [[tag, Object.fromEntries(texts)]];
    }),
  );
}

function translationFault(_language: Language, path: string, value: unknown): string | undefined {
  const isGroup = /^groups\.[^.]{1,64}$/.test(path);
  const bound: { max: number; entries?: number } | undefined = isGroup
    ? GROUP
    : Object.hasOwn(TRANSLATABLE, path)
      ? TRANSLATABLE[path as Path]
      : undefined;
  if (bound === undefined) return `there is no such text, expected one of ${Object.keys(TRANSLATABLE).join(', ')}, groups.ID`;
  if (bound.entries === undefined) return lengthFault(value, bound.max);
  if (!Array.isArray(value)) return `expected a list of at most ${bound.entries} texts`;
  if (value.length > bound.entries) return `${value.length} texts, expected at most ${bound.entries}`;
  return value.map((text) => lengthFault(text, bound.max)).find((fault) => fault !== undefined);
}

function textFault(language: Language, key: string, value: unknown): string | undefined {
  if (!Object.hasOwn(english, key)) return `there is no such text, expected one of ${Object.keys(english).join(', ')}`;
  const source: string | Plural = english[key as Key];
  if (typeof source === 'string') return formFault(value, placeholdersOf(source));
  const categories = categoriesOf(language);
  const expected = `expected a text for each of ${categories.join(', ')}`;
  if (!isRecord(value)) return `it depends on a number, ${expected}`;
  const unknown = Object.keys(value).find((category) => !categories.includes(category));
  if (unknown !== undefined) return `there is no form "${unknown}" in this language, ${expected}`;
  for (const category of categories) {
    if (!Object.hasOwn(value, category)) return `the form "${category}" is missing, ${expected}`;
    const fault = formFault(value[category], placeholdersOf(source.other));
    if (fault !== undefined) return `${category}: ${fault}`;
  }
  return undefined;
}

/** A placeholder may be left out; one that nobody fills in would stand on the screen. */
function formFault(value: unknown, known: readonly string[]): string | undefined {
  const fault = lengthFault(value, TEXT_MAX);
  if (fault !== undefined) return fault;
  const wrong = placeholdersOf(String(value)).find((placeholder) => !known.includes(placeholder));
  return wrong && `there is no ${wrong} in this text, expected ${known.join(', ') || 'no placeholder'}`;
}

function lengthFault(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return 'expected a text that is not empty';
  return value.length > max ? `${value.length} characters, expected at most ${max}` : undefined;
}

/** Asked for with each text that is read from the store. */
const categories = new Map<Language, readonly string[]>();
function categoriesOf(language: Language): readonly string[] {
  const known = categories.get(language) ?? new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  categories.set(language, known);
  return known;
}

const placeholdersOf = (text: string): string[] => text.match(/\{[^{}]*\}/g) ?? [];

const exactLanguage = (tag: string): Language | undefined => (languageOf(tag) === tag ? (tag as Language) : undefined);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
