/**
 * For tests of whatever reads hostile text: how its work grows with the length. Compared is a text with one four times as long; counted are steps, so that
 * the answer is the same on every machine.
 */
import { TooMuchWork, effortOf } from '../effort.ts';

/** Of the longer text: more than any message has. */
const HOSTILE_LENGTH = 20_000;
/** Of four times the length: linear is 4, quadratic 16. */
export const LINEAR_GROWTH = 8;
/** For each character of the shorter text. Patterns of ours take some ten, a square of that length thousands. */
const MOST_PER_CHARACTER = 1_000;

/**
 * The work for `text(20_000)` over the work for `text(5_000)`. What takes less than a step per character counts as one; what runs away is not run to its end and has a growth of Infinity.
 */
export function growthOf(run: (text: string) => unknown, text: (length: number) => string): number {
  try {
    const length = HOSTILE_LENGTH / 4;
    const short = Math.max(length, effortOf(run, text(length), length * MOST_PER_CHARACTER));
    return effortOf(run, text(HOSTILE_LENGTH), short * LINEAR_GROWTH) / short;
  } catch (error) {
    if (error instanceof TooMuchWork) return Infinity;
    throw error;
  }
}

/** Texts that patterns run away from: repetitions, and repetitions with an end that does not fit. */
export const HOSTILE_TEXTS: readonly ((length: number) => string)[] = [
  ...[
    '@',
    'a',
    '<',
    '%',
    '"',
    ' ',
    '.',
    '/',
    '1',
    '1 ',
    'a@',
    'a.',
    'a-',
    '_-',
    'A1',
    'AA11 ',
    '\ud800',
    'http://',
    'https://a)',
    'https://a.',
    'mailto:',
    'tel:1',
    'hhhh',
    '(((((',
    ")]}'",
    '. ',
    '\u202e',
    '\n',
  ].map((piece) => (length: number) => piece.repeat(Math.ceil(length / piece.length))),
  (length) => `${' '.repeat(length)}x`,
  (length) => `x${' '.repeat(length)}x`,
  (length) => `${'a.'.repeat(length / 2)}@`,
  (length) => `a@${'b.'.repeat(length / 2)}`,
  (length) => `https://${'a.'.repeat(length / 2)}`,
  (length) => `https://a.example/${'('.repeat(length / 2)}${')'.repeat(length / 2)}`,
];
