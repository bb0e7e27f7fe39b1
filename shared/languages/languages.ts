/** The languages of the visitor's interface, and how one of them is chosen. */

/** BCP 47 tags, in the order of the menu. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt-BR', 'it', 'nl', 'pl', 'sv', 'ru', 'uk', 'tr', 'ar', 'he', 'ja', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set<Language>(['ar', 'he']);

/**
 * The language of ours that a tag means: itself, else the same without its region, else one of another region.
 *
 * @example
 * languageOf('de-AT'); // 'de'
 * languageOf('pt-PT'); // 'pt-BR'
 * languageOf('xx'); // undefined
 */
export function languageOf(tag: string): Language | undefined {
  const base = (one: string): string | undefined => one.toLowerCase().split(/[-_]/)[0];
  return LANGUAGES.find((one) => one.toLowerCase() === tag.toLowerCase()) ?? LANGUAGES.find((one) => base(one) === base(tag));
}

export function directionOf(language: Language): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}
