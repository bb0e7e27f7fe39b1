/**
 * Finds addresses in plain text, for both interfaces: `http:`, `https:`, `mailto:` and `tel:`, nothing else. A scanner by hand,
 * because what somebody wrote is hostile input: it reads every character a bounded number of times, whatever the text. It makes
 * parts, never HTML.
 */

/** The parser of the browser. This room's types name neither browser nor Node; both have it. */
declare const URL: new (address: string) => {
  href: string;
  host: string;
  hostname: string;
  pathname: string;
  username: string;
  password: string;
};

/** A piece of a text; with `href`, a link to it. All parts' `text` joined read as the original, internationalised hosts apart. */
export interface Part {
  text: string;
  href?: string;
}

const SCHEMES = ['https://', 'http://', 'mailto:', 'tel:'] as const;

/** White space, quotes and angle brackets end an address. */
const ENDS = /[\s"<>`]/;
/**
 * Beyond ASCII so does every mark of punctuation, in whatever script: some put no space between an address and the sentence around it
 * (`https://a.example/x。谢谢`). An address that really holds one has it percent-encoded. Full-width forms are for sentences, too.
 */
const MARKS = /[\p{P}\p{Z}\uff00-\uff65\uffe0-\uffef]/u;
/** And whatever cannot be seen or turns the writing direction around: an address that held it would show something else than it is. */
const HIDDEN = /[\p{C}\p{Default_Ignorable_Code_Point}]/u;
/** Says only that the sign before it is to be drawn in colours. */
const AS_EMOJI = 0xfe0f;

/** Belongs to the sentence rather than to the address, at its end. */
const TRAILING = ".,;:!?'*_~)]}";
const BRACKETS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
/** Longer ones are shown as text: no address that a person means is that long. */
const MAX_LENGTH = 2048;

/**
 * @example
 * linkify('see https://a.example/x.'); // [{text:'see '}, {text:'https://a.example/x', href:'https://a.example/x'}, {text:'.'}]
 */
export function linkify(text: string, schemes: readonly string[] = SCHEMES): Part[] {
  const parts: Part[] = [];
  let plainFrom = 0;
  let i = 0;
  while (i < text.length) {
    if (!startsAddress(text, i, schemes)) {
      i += 1;
      continue;
    }
    const stop = endOf(text, i);
    const end = trimmed(text, i, stop);
    const link = isHostCut(text, i, stop) ? undefined : linkOf(text.slice(i, end));
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

function startsAddress(text: string, at: number, schemes: readonly string[]): boolean {
  const first = text.charCodeAt(at) | 32;
  if (first !== 104 /* h */ && first !== 109 /* m */ && first !== 116 /* t */) return false;
  if (at > 0 && /[a-z0-9]/i.test(text.charAt(at - 1))) return false;
  return schemes.some((scheme) => text.slice(at, at + scheme.length).toLowerCase() === scheme);
}

function endOf(text: string, from: number): number {
  let end = from;
  while (end < text.length) {
    const point = text.codePointAt(end) ?? 0;
    if (isEnd(point)) break;
    end += point > 0xffff ? 2 : 1;
  }
  return end;
}

function isEnd(point: number): boolean {
  const char = String.fromCodePoint(point);
  if (point < 0x80) return ENDS.test(char) || HIDDEN.test(char);
  return point !== AS_EMOJI && (MARKS.test(char) || HIDDEN.test(char));
}

/** Something hidden stands within the name of the host, which goes on behind it: what can be read is no host's name. */
function isHostCut(text: string, from: number, stop: number): boolean {
  const host = text.slice(from, stop).split('://')[1] ?? '';
  return !/[/?#]/.test(host) && HIDDEN.test(text.charAt(stop)) && /[\w.@:-]/.test(text.charAt(stop + 1));
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
  let url: InstanceType<typeof URL>;
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
