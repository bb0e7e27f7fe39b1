import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contrast, legible, readableOn, themeOf } from './theme.ts';

const colour = fc.integer({ min: 0, max: 0xffffff }).map((bits) => `#${bits.toString(16).padStart(6, '0')}`);

/** The panel's own colours, as the stylesheet has them: in the light scheme and in the dark one. */
const [light, dark] = readFileSync(new URL('../../frame/ui/styles/tokens.css', import.meta.url), 'utf8')
  .split('prefers-color-scheme: dark')
  .map((css) => (name: string) => new RegExp(`--${name}: (#[0-9a-f]{3,6});`).exec(css)![1]!.replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3')) as [
  (name: string) => string,
  (name: string) => string,
];

test('contrast is 21 between black and white and 1 with itself', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#8a2be2', '#8a2be2')).toBe(1);
});

test('text on any colour of a site can be read', () => {
  fc.assert(fc.property(colour, (accent) => contrast(readableOn(accent), accent) >= 4.5));
});

test('an accent can be read on the panel in both schemes, and on every background there', () => {
  fc.assert(
    fc.property(colour, (accent) => {
      const theme = themeOf(accent);
      for (const surface of ['paper', 'soft'].map(light)) expect(contrast(theme['--ink-light'], surface)).toBeGreaterThanOrEqual(4.5);
      for (const surface of ['paper', 'soft'].map(dark)) expect(contrast(theme['--ink-dark'], surface)).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

test('[VI.looks] text on a fill can be read in both schemes, whatever a site has chosen for it', () => {
  const choice = fc.oneof(fc.constantFrom('auto', 'light', 'dark', 'nonsense'), colour);
  fc.assert(
    fc.property(colour, choice, (accent, on) => {
      const theme = themeOf(accent, on);
      expect(contrast(theme['--on-light'], theme['--fill-light'])).toBeGreaterThanOrEqual(4.5);
      expect(contrast(theme['--on-dark'], theme['--fill-dark'])).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

test('[VI.looks] a fill stands out from a dark panel', () => {
  fc.assert(fc.property(colour, (accent) => contrast(themeOf(accent)['--fill-dark'], dark('paper')) >= 3));
});

test('[VI.looks] a middle tone carries white on a slightly darker fill, a light one black as it is', () => {
  for (const tone of ['#ff0000', '#808080', '#e91e63', '#ff5722']) {
    const theme = themeOf(tone);
    expect(theme['--on-light'], tone).toBe('#ffffff');
    expect(contrast(theme['--fill-light'], tone), tone).toBeLessThan(1.6);
  }
  expect(themeOf('#ffd400')).toMatchObject({ '--fill-light': '#ffd400', '--on-light': '#000000' });
});

test('[VI.looks] a site may choose the text on its colour', () => {
  expect(themeOf('#ffd400', 'light')['--on-light']).toBe('#ffffff');
  expect(themeOf('#0b3d91', 'dark')['--on-light']).toBe('#000000');
  expect(themeOf('#0b3d91', '#ffe9a8')).toMatchObject({ '--fill-light': '#0b3d91', '--on-light': '#ffe9a8' });
});

test('a colour that can be read already is left as it is', () => {
  expect(legible('#0b3d91', '#ffffff')).toBe('#0b3d91');
});

test('a colour that is none gives the default theme', () => {
  expect(themeOf('red; background: url(//evil)')).toEqual(themeOf('#1f5eff'));
});
