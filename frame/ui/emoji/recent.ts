/**
 * The emoji that the visitor has used last, kept in the browser. Nothing is stored before the visitor has acted, and it goes when the
 * visitor is forgotten. What is read is foreign: somebody else may have written it.
 */

const KEY = `callgear-emoji${typeof location === 'undefined' ? '' : location.search}`;
/** Three rows of the picker. */
const MOST = 24;
/** The longest emoji is a family of four, with its joiners. */
const MAX_LENGTH = 40;

/** Of this page, also where the browser stores nothing. */
let used: readonly string[] = [];

/** The last one first. */
export function recent(): readonly string[] {
  try {
    used = parseRecent(localStorage.getItem(KEY)) ?? used;
  } catch {
    // A browser may refuse storage by throwing; then they last as long as the page.
  }
  return used;
}

/** `isKept`: the visitor has acted, so that something may be stored. */
export function addRecent(char: string, isKept: boolean): void {
  used = [char, ...recent().filter((other) => other !== char)].slice(0, MOST);
  try {
    if (isKept) localStorage.setItem(KEY, JSON.stringify(used));
  } catch {
    // As above.
  }
}

export function forgetRecent(): void {
  used = [];
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}

/** What was stored, or `null` where it is nothing of ours. */
export function parseRecent(text: string | null): string[] | null {
  if (text === null || text.length > MOST * (MAX_LENGTH + 3)) return null;
  try {
    const found: unknown = JSON.parse(text);
    if (!Array.isArray(found)) return null;
    return found.filter((char): char is string => typeof char === 'string' && char !== '' && char.length <= MAX_LENGTH).slice(0, MOST);
  } catch {
    return null;
  }
}
