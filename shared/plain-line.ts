/**
 * The characters that one line of plain text may hold, for people to read in lists, on consoles and in mails. It holds no
 * invisible character that moves, hides or reverses the text around it. The server removes such characters from a stranger's
 * names, and refuses an administrator's input that has them.
 */

/** Controls, line and paragraph separators, and the marks that turn the direction of text. Two halves of a character count too. */
const UNSEEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const UNSEEN_ALL = new RegExp(UNSEEN, 'gu');
/** As UNSEEN, but for what separates columns and lines. */
const UNPRINTABLE = /(?![\t\n])[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Whether `text` has a character that no plain line needs. */
export function hasUnseen(text: string): boolean {
  return UNSEEN.test(text);
}

/** `text` on one line: unseen characters become a space where they separate words, and runs of spaces one. */
export function toPlainLine(text: string): string {
  return text
    .replace(UNSEEN_ALL, (character) => (/\s/.test(character) ? ' ' : ''))
    .replace(/ {2,}/g, ' ')
    .trim();
}

/**
 * `text` as a terminal may be given it: an unseen character is written as `\u001b`, so that it is read and moves nothing. In JSON
 * it means the same afterwards.
 */
export function toPrintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
