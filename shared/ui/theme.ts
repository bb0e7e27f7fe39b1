/**
 * Colours that can be read whatever colour a site has chosen (WCAG 2.2, 1.4.3 and 1.4.11).
 *
 * A site gives one colour. It fills the header, the launcher and the visitor's bubbles, a little darker or lighter where the text
 * on it could not be read otherwise, and lighter on a dark panel where it would drown in it. Links and icons on the panel use a
 * shade of it that contrasts with the panel. The server works the tokens out for the document; the frame does so again only when
 * a page's script or a new setting brings another colour. The stylesheets know the tokens alone.
 */

/** What text and icons stand on in both schemes, as `tokens.css` has it: an accent is read on the worse of panel and bubble. */
const SURFACES = { light: '#eef0f4', dark: '#2a2e37' } as const;
/** The dark panel's own background. */
const DARK_PANEL = '#181a20';
/** Contrast of text with its background, and of a button with what it stands on. */
const TEXT_RATIO = 4.5;
const SHAPE_RATIO = 3;
/** A colour on which white reaches this much carries white, on a darker fill if need be: black on red or on grey looks alarming. */
const WHITE_RATIO = 3;
const DEFAULT_COLOUR = '#1f5eff';
const WHITE = '#ffffff';
const BLACK = '#000000';

const HEX = /^#[0-9a-f]{6}$/i;

/** The colours that follow from a site's, as custom properties. */
export type Theme = Readonly<Record<'--fill-light' | '--on-light' | '--fill-dark' | '--on-dark' | '--ink-light' | '--ink-dark', string>>;

/**
 * The tokens of a site's colour. An unusable colour (the page's script may say anything) gives the default ones.
 *
 * @param on the text on it: `light`, `dark`, a colour, or `auto` for what suits it
 * @example
 * themeOf('#ff0000')['--fill-light']; // a red dark enough for white
 */
export function themeOf(colour: string, on = 'auto'): Theme {
  const brand = HEX.test(colour) ? colour : DEFAULT_COLOUR;
  const text = { light: WHITE, dark: BLACK }[on] ?? (HEX.test(on) ? on : contrast(WHITE, brand) >= WHITE_RATIO ? WHITE : BLACK);
  const fill = legible(brand, text);
  const lifted = legible(fill, DARK_PANEL, SHAPE_RATIO);
  return {
    '--fill-light': fill,
    '--on-light': text,
    '--fill-dark': lifted,
    '--on-dark': contrast(text, lifted) >= TEXT_RATIO ? text : readableOn(lifted),
    '--ink-light': legible(brand, SURFACES.light),
    '--ink-dark': legible(brand, SURFACES.dark),
  };
}

/** White where it can be read, else black: one of them always can (the worst case of the two is 4.58). */
export function readableOn(background: string): string {
  return contrast(WHITE, background) >= TEXT_RATIO ? WHITE : BLACK;
}

/** `colour`, mixed with black or white just as much as it takes to be read on `background`. */
export function legible(colour: string, background: string, ratio = TEXT_RATIO): string {
  const to = contrast(WHITE, background) > contrast(BLACK, background) ? 255 : 0;
  let share = 0;
  while (share < 1 && contrast(mix(colour, to, share), background) < ratio) share += 0.02;
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
