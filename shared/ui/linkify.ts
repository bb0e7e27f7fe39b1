/**
 * Finds addresses in plain text, for both interfaces: `http:`, `https:`, `mailto:` and `tel:`, a bare `www.` and a bare mail
 * address, nothing else. A scanner by hand,
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

/** How an address may begin. `@` stands for a bare mail address, which is known by the sign in its middle. */
export type Beginning = 'https://' | 'http://' | 'mailto:' | 'tel:' | 'www.' | '@';

const ALL: readonly Beginning[] = ['https://', 'http://', 'mailto:', 'tel:', 'www.', '@'];

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

/** An address, or what looked like one to the eye: `stop` is where the scan goes on in both cases. */
export interface Found {
  from: number;
  end: number;
  stop: number;
  link: Part | undefined;
}

/**
 * @example
 * linkify('see https://a.example/x.'); // [{text:'see '}, {text:'https://a.example/x', href:'https://a.example/x'}, {text:'.'}]
 */
export function linkify(text: string, beginnings: readonly Beginning[] = ALL): Part[] {
  const parts: Part[] = [];
  let plainFrom = 0;
  let i = 0;
  while (i < text.length) {
    const found = addressAt(text, i, plainFrom, beginnings);
    if (found === undefined) {
      i += 1;
      continue;
    }
    // Not read again from the middle: that would make a long row of `http://http://…` quadratic.
    if (found.link) {
      if (found.from > plainFrom) parts.push({ text: text.slice(plainFrom, found.from) });
      parts.push(found.link);
      plainFrom = found.end;
    }
    i = found.stop;
  }
  if (plainFrom < text.length) parts.push({ text: text.slice(plainFrom) });
  return parts;
}

/** The address that shows itself at `at`. A mail address shows itself at its `@` and may begin before, but not before `plainFrom`. */
export function addressAt(text: string, at: number, plainFrom: number, beginnings: readonly Beginning[] = ALL): Found | undefined {
  if (text.charCodeAt(at) === 64 /* @ */) return beginnings.includes('@') ? mailAt(text, at, plainFrom) : undefined;
  if (!startsAddress(text, at, beginnings)) return undefined;
  const stop = endOf(text, at);
  const end = trimmed(text, at, stop);
  return { from: at, end, stop, link: isHostCut(text, at, stop) ? undefined : linkOf(text.slice(at, end)) };
}

/** The longest name before the sign, and the longest host behind it. */
const MAIL_NAME = 64;
const MAIL_HOST = 255;

/** A mail address of plain letters alone: in foreign ones it may look like another one. */
function mailAt(text: string, at: number, plainFrom: number): Found | undefined {
  let from = at;
  while (from > plainFrom && at - from <= MAIL_NAME && /[\w.+-]/.test(text.charAt(from - 1))) from -= 1;
  let end = at + 1;
  while (end - at <= MAIL_HOST && /[a-z\d.-]/i.test(text.charAt(end))) end += 1;
  const stop = end;
  while (/[.-]/.test(text.charAt(end - 1))) end -= 1;
  const [name, host] = [text.slice(from, at), text.slice(at + 1, end)];
  const isWhole =
    !/^_?[\p{L}\p{N}@]/u.test(text.slice(stop, stop + 2)) &&
    !HIDDEN.test(text.charAt(stop)) &&
    !/[\p{L}\p{N}@:/]/u.test(text.charAt(from - 1));
  const isMail = isWhole && name.length <= MAIL_NAME && /^\w/.test(name) && !/\.\.|\.$/.test(name) && isHostName(host);
  const address = `${name}@${host}`;
  return { from, end, stop, link: isMail ? { text: address, href: `mailto:${address}` } : undefined };
}

/** At least two labels, none of them empty, and the last one no number. */
function isHostName(host: string): boolean {
  const labels = host.split('.');
  return labels.length > 1 && labels.every((label) => label !== '' && !label.startsWith('-')) && /^[a-z]{2,}$/i.test(labels.at(-1) ?? '');
}

function startsAddress(text: string, at: number, beginnings: readonly Beginning[]): boolean {
  const first = text.charCodeAt(at) | 32;
  if (first !== 104 /* h */ && first !== 109 /* m */ && first !== 116 /* t */ && first !== 119 /* w */) return false;
  if (at > 0 && /[a-z0-9]/i.test(text.charAt(at - 1))) return false;
  if (first === 119 && at > 0 && /[@./:-]/.test(text.charAt(at - 1))) return false;
  return beginnings.some((beginning) => text.slice(at, at + beginning.length).toLowerCase() === beginning);
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
  const address = text.slice(from, stop);
  const host = /^www\./i.test(address) ? address : (address.split('://')[1] ?? '');
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
  const isBare = /^www\./i.test(text);
  let url: InstanceType<typeof URL>;
  try {
    url = new URL(isBare ? `https://${text}` : text);
  } catch {
    return undefined;
  }
  // `https://bank.example@evil.example` shows one host and goes to another.
  if (url.username !== '' || url.password !== '') return undefined;
  if (url.host === '' && url.pathname === '') return undefined;
  if (isBare && (url.hostname.split('.').length < 3 || !isHostName(url.hostname.replace(/^.*\.xn--[^.]*$/, 'a.aa')))) return undefined;
  // A host in foreign letters may look like another one: its ASCII name cannot.
  const isForeign = url.hostname.includes('xn--') && !text.toLowerCase().includes('xn--');
  return { text: isForeign ? url.href : text, href: url.href };
}
