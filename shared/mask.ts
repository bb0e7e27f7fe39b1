/**
 * Hides what looks like a card or an account number in a text that is not sent yet: people begin to type them into the wrong
 * window. Used by the frame before a draft leaves it and by the server before an operator sees it; never on what was sent.
 */

/**
 * 12 digits or more with single separators, as much of a card as is enough; or two letters and two digits with more in groups, as
 * accounts are written. A space may be one that does not break, as in what is pasted from pages.
 */
const LONG = /\+?\d(?:[ \xa0.-]?\d){11,}|\b[A-Z]{2}\d{2}(?:[ \xa0]?[A-Z\d]{4}){2,7}(?:[ \xa0]?[A-Z\d]{1,3})?\b/gi;

/** @example maskNumbers('my card 4111 1111 1111 1111'); // 'my card •••• •••• •••• ••••' */
export function maskNumbers(text: string): string {
  return text.replace(LONG, (found) => {
    const digits = found.replace(/\D/g, '').length;
    // Words that look like groups; and with a plus in front a telephone number, which has 15 digits at most.
    return digits < (found.startsWith('+') ? 16 : 10) ? found : found.replace(/\w/g, '•');
  });
}
