/** How large a file is, as a language writes it. The API's own form, `fx_size_info`, is in English for every script that reads it. */
import type { Language } from './languages.ts';

/**
 * @example
 * sizeIn('de', 12_600); // '12,3 kB'
 */
export function sizeIn(language: Language, bytes: number): string {
  const isSmall = bytes < 1024 * 1024;
  return Math.max(0.1, bytes / 1024 / (isSmall ? 1 : 1024)).toLocaleString(language, {
    style: 'unit',
    unit: isSmall ? 'kilobyte' : 'megabyte',
    maximumFractionDigits: 1,
  });
}
