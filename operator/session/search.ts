/**
 * How the workplace's search boxes compare: as somebody types who has no accents on the keyboard, or no patience. Every search
 * box asks here.
 */

/** Letters that have no parts to be taken apart, by what people type for them. */
const PLAIN: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ħ: 'h',
  ŧ: 't',
  ı: 'i',
  ς: 'σ',
};
const SPECIAL = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g');

/**
 * `text` without what tells spellings apart: marks on letters, case, width, ligatures.
 *
 * @example
 * fold('Müller'); // 'muller'
 * fold('Straße'); // 'strasse'
 */
export function fold(text: string): string {
  // To capitals and back: small letters alone keep ß and ſ apart from what is typed for them.
  const bare = text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase();
  // Taken apart once more: a capital may bring its own mark (İ).
  return bare
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter);
}

/** Whether every word of `query` stands somewhere in `texts`. Nothing asked matches all. */
export function matches(query: string, texts: readonly (string | undefined)[]): boolean {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return true;
  const folded = fold(texts.filter((text) => text !== undefined).join('\n'));
  return words.every((word) => folded.includes(word));
}
