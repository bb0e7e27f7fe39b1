/** Where each language's texts are. Fetched apart, so that no visitor loads more than one of them. */
import type { Catalogue } from '../../shared/languages/catalogue.ts';
import { languageOf, type Language } from '../../shared/languages/languages.ts';

const CATALOGUES: Partial<Record<Language, () => Promise<{ texts: Catalogue }>>> = {
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
};

/** The language that a tag means, and its texts. A tag that means none of ours means English. */
export async function bring(tag: string): Promise<[Language, Catalogue]> {
  const found = languageOf(tag);
  const load = found && CATALOGUES[found];
  if (load === undefined) console.warn(`CallGear: there are no texts in "${tag}", so the chat speaks English.`);
  const next = load === undefined ? 'en' : found!;
  const { texts } = await (load ?? CATALOGUES.en!)();
  return [next, texts];
}
