/**
 * Hides what looks like a card or an account number in a text that is not sent yet: people begin to type them into the wrong
 * window. Used by the frame before a draft leaves it and by the server before an operator sees it; never on what was sent.
 */

/** 12 digits or more, with single separators: a card number, or most of one while it is being typed. */
const CARD = /\+?\d(?:[ .-]?\d){11,}/g;
/** With a plus in front and at most 15 digits it is a telephone number. */
const isPhone = (found: string) => found.startsWith('+') && found.replace(/\D/g, '').length <= 15;
/** Two letters, two digits, and at least eight more characters in groups, as account numbers are written. */
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/gi;

/** @example maskNumbers('my card 4111 1111 1111 1111'); // 'my card •••• •••• •••• ••••' */
export function maskNumbers(text: string): string {
  return text
    .replace(IBAN, (found) => (/\d{6}/.test(found.replace(/ /g, '')) ? found.replace(/[A-Z0-9]/gi, '•') : found))
    .replace(CARD, (found) => (isPhone(found) ? found : found.replace(/\d/g, '•')));
}
