/**
 * Colours that can be read whatever colour a site has chosen (WCAG 2.2, 1.4.3 and 1.4.11).
 *
 * A site gives one colour. It fills the header, the launcher and the visitor's bubbles as it is; text on it is black or
 * white, whichever contrasts. Links and icons on the panel use a shade of it that contrasts with the panel, one for the
 * light and one for the dark scheme. The stylesheets know only the tokens. Spacing and type are theirs, not ours.
 */

/** The panel's and the other's bubble's backgrounds in both schemes, as `tokens.css` has them: an accent is read on the worse. */
const SURFACES = { light: '#eef0f4', dark: '#2a2e37' } as const;
/** Contrast of text with what is behind it. */
const TEXT_RATIO = 4.5;
const DEFAULT_COLOUR = '#1f5eff';

type Rgb = readonly [number, number, number];

/** The tokens of a site's colour. An unusable colour (the page's script may say anything) gives the default ones. */
export function themeOf(colour: string): Record<string, string> {
  const accent = parseColour(colour) ?? parseColour(DEFAULT_COLOUR) ?? [0, 0, 0];
  return {
    '--accent': toHex(accent),
    '--on-accent': readableOn(toHex(accent)),
    '--accent-end': away(accent, readableOn(toHex(accent))),
    '--ink-light': legible(toHex(accent), SURFACES.light),
    '--ink-dark': legible(toHex(accent), SURFACES.dark),
  };
}

/** White where it can be read, else black: one of them always can (the worst case of the two is 4.58). */
export function readableOn(background: string): string {
  return contrast('#ffffff', background) >= TEXT_RATIO ? '#ffffff' : '#000000';
}

/** Where the header's gradient ends: a little further from the text on it, so that nothing on the way is harder to read. */
function away(colour: Rgb, text: string): string {
  const to = text === '#ffffff' ? 0 : 255;
  return toHex([mix(colour[0], to, 0.16), mix(colour[1], to, 0.16), mix(colour[2], to, 0.16)]);
}

/** `colour`, mixed with black or white just as much as it takes to be read on `background`. */
export function legible(colour: string, background: string, ratio = TEXT_RATIO): string {
  const from = parseColour(colour) ?? [0, 0, 0];
  const to: Rgb = contrast('#ffffff', background) > contrast('#000000', background) ? [255, 255, 255] : [0, 0, 0];
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = toHex([mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share)]);
    if (contrast(mixed, background) >= ratio) return mixed;
  }
  return toHex(to);
}

/** WCAG's contrast ratio, 1 to 21. */
export function contrast(one: string, other: string): number {
  const a = luminance(one);
  const b = luminance(other);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = parseColour(colour) ?? [0, 0, 0];
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function linear(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

function parseColour(colour: string): Rgb | undefined {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return undefined;
  const bits = parseInt(colour.slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

function toHex(rgb: Rgb): string {
  return `#${rgb.map((channel) => (channel + 256).toString(16).slice(1)).join('')}`;
}

function mix(from: number, to: number, share: number): number {
  return Math.round(from + (to - from) * share);
}
