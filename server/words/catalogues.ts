/** All texts that the server needs, by language: its own, and those of the visitor's interface. */
import type { Catalogue } from '../../shared/languages/catalogue.ts';
import type { Language } from '../../shared/languages/languages.ts';
import { texts as enTexts } from '../../shared/languages/en.ts';
import { texts as deTexts } from '../../shared/languages/de.ts';
import { texts as frTexts } from '../../shared/languages/fr.ts';
import { texts as esTexts } from '../../shared/languages/es.ts';
import { texts as ptBRTexts } from '../../shared/languages/pt-BR.ts';
import { texts as itTexts } from '../../shared/languages/it.ts';
import { texts as nlTexts } from '../../shared/languages/nl.ts';
import { texts as plTexts } from '../../shared/languages/pl.ts';
import { texts as svTexts } from '../../shared/languages/sv.ts';
import { texts as ruTexts } from '../../shared/languages/ru.ts';
import { texts as ukTexts } from '../../shared/languages/uk.ts';
import { texts as trTexts } from '../../shared/languages/tr.ts';
import { texts as arTexts } from '../../shared/languages/ar.ts';
import { texts as heTexts } from '../../shared/languages/he.ts';
import { texts as jaTexts } from '../../shared/languages/ja.ts';
import { texts as zhTexts } from '../../shared/languages/zh.ts';
import { words as en } from './en.ts';
import { words as de } from './de.ts';
import { words as fr } from './fr.ts';
import { words as es } from './es.ts';
import { words as ptBR } from './pt-BR.ts';
import { words as it } from './it.ts';
import { words as nl } from './nl.ts';
import { words as pl } from './pl.ts';
import { words as sv } from './sv.ts';
import { words as ru } from './ru.ts';
import { words as uk } from './uk.ts';
import { words as tr } from './tr.ts';
import { words as ar } from './ar.ts';
import { words as he } from './he.ts';
import { words as ja } from './ja.ts';
import { words as zh } from './zh.ts';
import type { Words } from './words.ts';

const WORDS: Readonly<Record<Language, Words & Catalogue>> = {
  en: { ...enTexts, ...en },
  de: { ...deTexts, ...de },
  fr: { ...frTexts, ...fr },
  es: { ...esTexts, ...es },
  'pt-BR': { ...ptBRTexts, ...ptBR },
  it: { ...itTexts, ...it },
  nl: { ...nlTexts, ...nl },
  pl: { ...plTexts, ...pl },
  sv: { ...svTexts, ...sv },
  ru: { ...ruTexts, ...ru },
  uk: { ...ukTexts, ...uk },
  tr: { ...trTexts, ...tr },
  ar: { ...arTexts, ...ar },
  he: { ...heTexts, ...he },
  ja: { ...jaTexts, ...ja },
  zh: { ...zhTexts, ...zh },
};

/**
 * What the server writes to a visitor of that language.
 *
 * @example
 * wordsIn('de').title; // 'Chatten Sie mit uns'
 */
export function wordsIn(language: Language): Words & Catalogue {
  return WORDS[language];
}
