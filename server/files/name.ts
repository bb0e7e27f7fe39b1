/**
 * The name of an uploaded file as people see it. It never becomes a path: on disk a file is named by its id. What could lie
 * about the name (a right-to-left override before `gpj.exe`) or break out of a header is taken away.
 */

/** Characters of a name that is kept. */
const NAME_MAX_LENGTH = 120;
const FALLBACK = 'file';

/** Controls, line separators, marks and overrides of writing direction, and other invisible characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Surrogate}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;
const JOINER = /[\u200c\u200d]/;
/** What a joiner has a meaning between: letters of other scripts than ours, their marks, and emoji. */
const JOINED = /[\p{L}\p{M}\p{Emoji}]/u;
const NOT_JOINED = /[\p{Script=Latin}0-9#*]/u;
const BLACK_FLAG = '\u{1f3f4}';
const TAG = /[\u{e0020}-\u{e007f}]/u;
/** The longest flag of a part of a country, in tags. */
const FLAG_TAGS = 7;
/**
 * What separates paths, drives and streams. Quotes and brackets stay: they are encoded where they would mean something, and
 * what a system can't have in a name its browser replaces when it saves.
 */
const UNSAFE = /[/\\:]/g;
/** Names that are devices on Windows, whatever their extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * @example
 * cleanName('a\u202Egpj.exe'); // 'agpj.exe'
 * cleanName('../../etc/passwd'); // '_.._etc_passwd'
 */
export function cleanName(name: string): string {
  const visible = cutLong(name).normalize('NFC').replace(INVISIBLE, keepShaping).replace(UNSAFE, '_').replace(/\s+/g, ' ').trim();
  // No hidden file, no `..`, and nothing that Windows would cut off.
  const bare = visible
    .replace(/^\.+/, '')
    .replace(/[. ]+$/, '')
    .trim();
  const safe = DEVICE.test(bare) ? `_${bare}` : bare;
  return shorten(safe) || FALLBACK;
}

/**
 * A joiner stays where letters take another shape with it (Persian, the scripts of India) and within emoji of several signs, and so do
 * the tags that make a flag out of a black one. Elsewhere they only hide: between Latin letters they make two names that look alike.
 */
function keepShaping(sign: string, at: number, name: string): string {
  if (JOINER.test(sign)) return isJoined(before(name, at)) && isJoined(String.fromCodePoint(name.codePointAt(at + 1) ?? 0)) ? sign : '';
  if (!TAG.test(sign)) return '';
  let start = at;
  for (let tags = 1; tags < FLAG_TAGS && TAG.test(before(name, start)); tags += 1) start -= 2;
  return before(name, start) === BLACK_FLAG ? sign : '';
}

function isJoined(sign: string): boolean {
  return JOINED.test(sign) && !NOT_JOINED.test(sign);
}

/** The character that ends there. */
function before(text: string, at: number): string {
  return [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
}

/** Nobody reads so much, and what follows would take its time over it. */
function cutLong(name: string): string {
  return name.length <= 1_000 ? name : name.slice(0, 900) + name.slice(-100);
}

/** Cuts in the middle: the extension stays, if it is one. */
function shorten(name: string): string {
  const characters = [...name];
  if (characters.length <= NAME_MAX_LENGTH) return name;
  const extension = [...extensionOf(name)];
  const suffix = extension.length > 0 && extension.length <= 12 ? ['.', ...extension] : [];
  return [...characters.slice(0, NAME_MAX_LENGTH - suffix.length), ...suffix].join('');
}

/** Lower case, without the dot; empty when there is none. */
export function extensionOf(name: string): string {
  const at = name.lastIndexOf('.');
  return at > 0 ? name.slice(at + 1).toLowerCase() : '';
}

/** The value of `Content-Disposition`; ASCII only, whatever the name. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  // encodeURIComponent leaves four characters that RFC 8187 does not allow unescaped.
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename*=UTF-8''${encoded}`;
}
