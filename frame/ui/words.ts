/** Texts of the language on show, for the interface. A component that reads one is drawn again when the language changes. */
import { fill, type PluralKey, type TextKey } from '../../shared/languages/catalogue.ts';
import { language, words } from '../language/language.ts';

/**
 * A text, with its placeholders filled in.
 *
 * @example
 * t('typing', { name: 'Eva' }); // 'Eva is typing'
 */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return fill(words.value?.[key] ?? '', values);
}

/**
 * A text that depends on a number, which is written as the language writes it.
 *
 * @example
 * tn('unread', 3); // '3 new messages'
 */
export function tn(key: PluralKey, n: number): string {
  const forms = words.value?.[key];
  const form = forms?.[new Intl.PluralRules(language.value).select(n) as 'other'] ?? forms?.other ?? '';
  return fill(form, { n: n.toLocaleString(language.value) });
}
