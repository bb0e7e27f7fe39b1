/**
 * Finds addresses in plain text: `http:`, `https:`, `mailto:` and `tel:`, nothing else. A scanner by hand, because a
 * visitor's text is hostile input: it reads every character once, whatever the text. It makes parts, never HTML.
 */

/** A piece of a text; with `href`, a link to it. All parts' `text` joined read as the original, internationalised hosts apart. */
export interface Part {
  text: string;
  href?: string;
}

const SCHEMES = ['https://', 'http://', 'mailto:', 'tel:'] as const;
/** Ends an address: white space, quotes, angle brackets, controls, and marks that turn the writing direction around. */
const STOPS = /[\s"<>`\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
/** Belongs to the sentence rather than to the address, at its end. */
const TRAILING = '.,;:!?\'*_~)]}»”’…';
const BRACKETS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
/** Longer ones are shown as text: no address that a person means is that long. */
const MAX_LENGTH = 2048;

/**
 * @example
 * linkify('see https://a.example/x.'); // [{text:'see '}, {text:'https://a.example/x', href:'https://a.example/x'}, {text:'.'}]
 */
export function linkify(text: string): Part[] {
  const parts: Part[] = [];
  let plainFrom = 0;
  let i = 0;
  while (i < text.length) {
    if (!startsAddress(text, i)) {
      i += 1;
      continue;
    }
    const stop = endOf(text, i);
    const end = trimmed(text, i, stop);
    const link = linkOf(text.slice(i, end));
    // Not read again from the middle: that would make a long row of `http://http://…` quadratic.
    if (link) {
      if (i > plainFrom) parts.push({ text: text.slice(plainFrom, i) });
      parts.push(link);
      plainFrom = end;
    }
    i = stop;
  }
  if (plainFrom < text.length) parts.push({ text: text.slice(plainFrom) });
  return parts;
}

function startsAddress(text: string, at: number): boolean {
  const first = text.charCodeAt(at) | 32;
  if (first !== 104 /* h */ && first !== 109 /* m */ && first !== 116 /* t */) return false;
  if (at > 0 && /[a-z0-9]/i.test(text.charAt(at - 1))) return false;
  return SCHEMES.some((scheme) => text.slice(at, at + scheme.length).toLowerCase() === scheme);
}

function endOf(text: string, from: number): number {
  let end = from;
  while (end < text.length && !STOPS.test(text.charAt(end))) end += 1;
  return end;
}

/** Leaves a closing bracket inside only where its opening one is inside, too: `(see https://a.example/b_(c))`. */
function trimmed(text: string, from: number, stop: number): number {
  const depth: Record<string, number> = {};
  for (let i = from; i < stop; i += 1) depth[text.charAt(i)] = (depth[text.charAt(i)] ?? 0) + 1;
  let end = stop;
  while (end > from && TRAILING.includes(text.charAt(end - 1))) {
    const last = text.charAt(end - 1);
    const opening = BRACKETS[last];
    if (opening !== undefined && (depth[opening] ?? 0) >= (depth[last] ?? 0)) break;
    depth[last] = (depth[last] ?? 0) - 1;
    end -= 1;
  }
  return end;
}

function linkOf(text: string): Part | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  // `https://bank.example@evil.example` shows one host and goes to another.
  if (url.username !== '' || url.password !== '') return undefined;
  if (url.host === '' && url.pathname === '') return undefined;
  // A host in foreign letters may look like another one: its ASCII name cannot.
  const isForeign = url.hostname.includes('xn--') && !text.toLowerCase().includes('xn--');
  return { text: isForeign ? url.href : text, href: url.href };
}
