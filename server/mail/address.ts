/**
 * One e-mail address, strictly: what passes can stand in a header as it is. Stricter than the standards on purpose: no
 * quoted local part, no comment, no display name, no list, no address literal. Scanned with linear patterns.
 */

/** Octets, as SMTP limits a path. */
const ADDRESS_MAX = 254;
const LOCAL_MAX = 64;
/** With whatever spaces are around it. */
const INPUT_MAX = 1_000;
/** RFC 5322's `atext`. */
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/;
/** One label of a host name; punycode if it is not ASCII. */
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * The address in `input`, surrounding spaces dropped, or `undefined`.
 *
 * @example
 * parseAddress(' ann@shop.example '); // 'ann@shop.example'
 * parseAddress('a@b.example\r\nBcc: c@d.example'); // undefined
 */
export function parseAddress(input: unknown): string | undefined {
  // Long input first: cutting spaces off it would take time.
  if (typeof input !== 'string' || input.length > INPUT_MAX) return undefined;
  const address = input.replace(/^ +| +$/g, '');
  const at = address.indexOf('@');
  if (address.length > ADDRESS_MAX || at < 1 || at > LOCAL_MAX) return undefined;
  if (
    !address
      .slice(0, at)
      .split('.')
      .every((atom) => LOCAL.test(atom))
  )
    return undefined;
  const labels = address.slice(at + 1).split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined;
  // The last label of a public name is never a number: what looks so is an IP address.
  return /^\d+$/.test(labels.at(-1) ?? '') ? undefined : address;
}
