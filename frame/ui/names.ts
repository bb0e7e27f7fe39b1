/** Names in one line, as the language joins them. */
import { fill } from '../../shared/languages/catalogue.ts';

/**
 * Each name stands for itself: two Latin names in Arabic keep the order in which they are listed.
 *
 * @example
 * joined(['Eva', 'Tom', 'Mia'], 'en'); // 'Eva, Tom, and Mia'
 */
export function joined(names: readonly string[], tag: string): string {
  const places = names.map((_, at) => `{${at}}`);
  return fill(new Intl.ListFormat(tag, { type: 'conjunction' }).format(places), Object.fromEntries(names.entries()));
}
