/** Text hygiene: what may travel as text. No state. Apart from `words.ts`, because it is needed from the first moment. */

/** `text` as a database and a screen can hold it: no NUL, and no half of a character, which a page can produce by slicing. */
export function cleanText(text: string): string {
  return text.replace(/\0/g, '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** At most `max` UTF-16 units, not ending in half a character. */
export function cut(text: string, max: number): string {
  return cleanText(text.length > max ? text.slice(0, max) : text);
}
