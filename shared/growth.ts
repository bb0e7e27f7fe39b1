/**
 * For tests of whatever reads hostile text: how its time grows with the length. Compared is a text with one four times as long,
 * both read on the same machine in the same moment, so that a busy machine is no failure; absolute times say nothing there.
 */

/** Of the longer text. */
export const HOSTILE_LENGTH = 50_000;
/** Of four times the length: linear is 4, quadratic 16. */
export const LINEAR_GROWTH = 8;
/** What is over so soon at full length has not run away: a quadratic reader takes a hundred times as long. */
const NOTHING_MS = 5;
const TRIES = 12;

/**
 * The time for `text(50_000)` over the time for `text(12_500)`, each the quickest of several; 1 for what takes no time. It
 * stops trying once the growth is below `LINEAR_GROWTH`.
 */
export function growthOf(run: (text: string) => unknown, text: (length: number) => string, now: () => number): number {
  const [short, long] = [text(HOSTILE_LENGTH / 4), text(HOSTILE_LENGTH)];
  const timeOf = (given: string) => {
    const from = now();
    run(given);
    return now() - from;
  };
  let [shortMs, longMs, growth] = [Infinity, Infinity, Infinity];
  for (let i = 0; i < TRIES && (i < 3 || growth >= LINEAR_GROWTH); i += 1) {
    shortMs = Math.min(shortMs, timeOf(short));
    longMs = Math.min(longMs, timeOf(long));
    if (longMs <= NOTHING_MS) return 1;
    growth = longMs / shortMs;
  }
  return growth;
}

/** Texts that patterns run away from: repetitions, and repetitions with an end that does not fit. */
export const HOSTILE_TEXTS: readonly ((length: number) => string)[] = [
  ...['@', 'a', '<', '%', '"', ' ', '.', '/', '1', '1 ', 'a@', 'a.', 'a-', '_-', 'A1', 'AA11 ', '\ud800', 'http://', 'https://a)', 'https://a.', 'mailto:', 'tel:1', 'hhhh', '(((((', ')]}\'', '. ', '\u202e', '\n'].map(
    (piece) => (length: number) => piece.repeat(Math.ceil(length / piece.length)),
  ),
  (length) => `${' '.repeat(length)}x`,
  (length) => `x${' '.repeat(length)}x`,
  (length) => `${'a.'.repeat(length / 2)}@`,
  (length) => `a@${'b.'.repeat(length / 2)}`,
  (length) => `https://${'a.'.repeat(length / 2)}`,
  (length) => `https://a.example/${'('.repeat(length / 2)}${')'.repeat(length / 2)}`,
];
