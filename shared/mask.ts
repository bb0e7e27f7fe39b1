/**
 * Hides what looks like a card or an account number in a text that is not sent yet: people begin to type them into the wrong
 * window. Used by the frame before a draft leaves it and by the server before an operator sees it; never on what was sent.
 */

/**
 * The characters people put between digits: spaces of all kinds that stay in the line, and small marks such as dots and dashes.
 * No comma, because it separates one number from the next. Two of them at most, or words apart would become one number.
 */
const BETWEEN = '(?:[^\\S\n]|[-./\\\\_|\u200b\u2010-\u2015])';

/**
 * 12 digits or more, as much of a card as is enough; the same in fours with a dash between spaces; or two letters and two digits
 * with more in groups, as accounts are written. Each part is bounded: the time grows with the length alone.
 */
const LONG = RegExp(
  String.raw`\+?\d(?:_{0,2}\d){11,}|\b\d{4}(?: _ \d{4}){2,}(?: _ \d{1,4})?|\b[A-Z]{2}\d\d(?:_{0,2}[A-Z\d]{4}){2,7}(?:_{0,2}[A-Z\d]{1,3})?\b`.replace(
    /_/g,
    BETWEEN,
  ),
  'gi',
);

/** Two of them in a row have as many digits as a card. */
const DATE = /\b(?:\d\d?([./-])\d\d?\1(?:19|20)\d\d|(?:19|20)\d\d([./-])\d\d\2\d\d)\b/g;

/** @example maskNumbers('my card 4111 1111 1111 1111'); // 'my card •••• •••• •••• ••••' */
export function maskNumbers(text: string): string {
  return text.replace(LONG, (found) => {
    const digits = found.replace(DATE, '').replace(/\D/g, '').length;
    // Words that look like groups, or dates; and with a plus in front a telephone number, which has 15 digits at most.
    return digits < (found.startsWith('+') ? 16 : 10) ? found : found.replace(/[^\W_]/g, '•');
  });
}
