/** Where each language's texts are. Fetched apart, so that no visitor loads more than one of them. */
import type { Catalogue } from '../../shared/languages/catalogue.ts';
import { languageOf, type Language } from '../../shared/languages/languages.ts';

const CATALOGUES: Readonly<Record<Language, () => Promise<{ texts: Catalogue }>>> = {
  en: () => import('../../shared/languages/en.ts'),
  de: () => import('../../shared/languages/de.ts'),
  fr: () => import('../../shared/languages/fr.ts'),
  es: () => import('../../shared/languages/es.ts'),
  'pt-BR': () => import('../../shared/languages/pt-BR.ts'),
  it: () => import('../../shared/languages/it.ts'),
  nl: () => import('../../shared/languages/nl.ts'),
  pl: () => import('../../shared/languages/pl.ts'),
  sv: () => import('../../shared/languages/sv.ts'),
  ru: () => import('../../shared/languages/ru.ts'),
  uk: () => import('../../shared/languages/uk.ts'),
  tr: () => import('../../shared/languages/tr.ts'),
  ar: () => import('../../shared/languages/ar.ts'),
  he: () => import('../../shared/languages/he.ts'),
  ja: () => import('../../shared/languages/ja.ts'),
  zh: () => import('../../shared/languages/zh.ts'),
};

/** The language that a tag means, and its texts. A tag that means none of ours means English. */
export async function bring(tag: string): Promise<[Language, Catalogue]> {
  const found = languageOf(tag);
  const next = found ?? 'en';
  if (!isSpoken(tag, next)) console.warn(`CallGear: there are no texts in "${tag.slice(0, 35)}", so the chat speaks ${next}.`);
  return [next, (await CATALOGUES[next]()).texts];
}

/** Whether these are the texts that were asked for: of a language with a region of its own, only for that region. */
function isSpoken(tag: string, language: Language): boolean {
  const [base] = language.split('-');
  return [language, base].some((one) => one === tag) || (base === language && languageOf(tag) === language);
}
