/** What may be an e-mail address as people write theirs. Whether mail arrives is another question: `server/mail/address.ts` is stricter. */

/** @example isEmail('ü@münchen.example'); // true */
export function isEmail(text: string): boolean {
  const at = text.indexOf('@');
  return at > 0 && at === text.lastIndexOf('@') && at < text.length - 1 && text.length <= 254 && !/[\s,;<>]/.test(text);
}
