/**
 * Colours that can be read whatever colour a site has chosen (WCAG 2.2, 1.4.3 and 1.4.11).
 *
 * A site gives one colour. It fills the header, the launcher and the visitor's bubbles as it is; text on it is black or
 * white, whichever contrasts. Links and icons on the panel use a shade of it that contrasts with the panel, one for the
 * light and one for the dark scheme. The stylesheets know only the tokens. Spacing and type are theirs, not ours.
 */

/** The panel's and the other's bubble's backgrounds in both schemes, as `tokens.css` has them: an accent is read on the worse. */
const SURFACES = { light: '#eef0f4', dark: '#2a2e37' } as const;
/** Contrast of text with its background. */
const TEXT_RATIO = 4.5;
const DEFAULT_COLOUR = '#1f5eff';

const HEX = /^#[0-9a-f]{6}$/i;

/** The tokens of a site's colour. An unusable colour (the page's script may say anything) gives the default ones. */
export function themeOf(colour: string): Record<string, string> {
  const accent = HEX.test(colour) ? colour : DEFAULT_COLOUR;
  const text = readableOn(accent);
  return {
    '--accent': accent,
    '--on-accent': text,
    // The header's gradient ends a little further from the text on it, so that nothing on the way is harder to read.
    '--accent-end': mix(accent, text === '#ffffff' ? 0 : 255, 0.16),
    '--ink-light': legible(accent, SURFACES.light),
    '--ink-dark': legible(accent, SURFACES.dark),
  };
}

/** White where it can be read, else black: one of them always can (the worst case of the two is 4.58). */
export function readableOn(background: string): string {
  return contrast('#ffffff', background) >= TEXT_RATIO ? '#ffffff' : '#000000';
}

/** `colour`, mixed with black or white just as much as it takes to be read on `background`. */
export function legible(colour: string, background: string, ratio = TEXT_RATIO): string {
  const to = contrast('#ffffff', background) > contrast('#000000', background) ? 255 : 0;
  let share = 0;
  while (share < 1 && contrast(mix(colour, to, share), background) < ratio) share += 0.05;
  return mix(colour, to, Math.min(share, 1));
}

/** WCAG's contrast ratio, 1 to 21. */
export function contrast(one: string, other: string): number {
  const a = luminance(one);
  const b = luminance(other);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = channels(colour).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function linear(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

/** `colour` on its way to black (0) or white (255). */
function mix(colour: string, to: number, share: number): string {
  const mixed = channels(colour).map((from) => Math.round(from + (to - from) * share));
  return `#${mixed.map((channel) => (channel + 256).toString(16).slice(1)).join('')}`;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}
