/**
 * The name of an uploaded file as people see it. It never becomes a path: on disk a file is named by its id. What could lie
 * about the name (a right-to-left override before `gpj.exe`) or break out of a header is taken away.
 */

/** Characters of a name that is kept. */
export const NAME_MAX_LENGTH = 120;
const FALLBACK = 'file';

/** Controls, line separators, marks and overrides of writing direction, and what is invisible. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Surrogate}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;
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
  const visible = cutLong(name).normalize('NFC').replace(INVISIBLE, '').replace(UNSAFE, '_').replace(/\s+/g, ' ').trim();
  // No hidden file, no `..`, and nothing that Windows would cut off.
  const bare = visible.replace(/^\.+/, '').replace(/[. ]+$/, '').trim();
  const safe = DEVICE.test(bare) ? `_${bare}` : bare;
  return shorten(safe) || FALLBACK;
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
