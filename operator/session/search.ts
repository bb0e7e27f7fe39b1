/**
 * How all search boxes of the workplace compare: without regard to accents, case and spelling, because people search with
 * the keyboard they have.
 */

/** Letters that Unicode does not take apart, by what people type for them. */
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
 * `text` without the differences between spellings: marks on letters, case, width, ligatures.
 *
 * @example
 * fold('Müller'); // 'muller'
 * fold('Straße'); // 'strasse'
 */
export function fold(text: string): string {
  // To capitals and back: lower case alone keeps ß and ſ apart from what people type for them.
  const bare = text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase();
  // Decomposed once more: a capital may bring its own mark (İ).
  return bare
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter);
}

/** Whether every word of `query` occurs in some of `texts`. An empty query matches all. */
export function matches(query: string, texts: readonly (string | undefined)[]): boolean {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return true;
  const folded = fold(texts.filter((text) => text !== undefined).join('\n'));
  return words.every((word) => folded.includes(word));
}
