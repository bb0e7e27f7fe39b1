import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contrast, legible, readableOn, themeOf } from './theme.ts';

const colour = fc.integer({ min: 0, max: 0xffffff }).map((bits) => `#${bits.toString(16).padStart(6, '0')}`);

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
      for (const surface of ['#ffffff', '#eef0f4']) expect(contrast(theme['--ink-light'] ?? '', surface)).toBeGreaterThanOrEqual(4.5);
      for (const surface of ['#181a20', '#2a2e37']) expect(contrast(theme['--ink-dark'] ?? '', surface)).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

test('the header stays readable to the end of its gradient', () => {
  fc.assert(
    fc.property(colour, (accent) => {
      const theme = themeOf(accent);
      expect(contrast(theme['--on-accent'] ?? '', theme['--accent-end'] ?? '')).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

test('a colour that can be read already is left as it is', () => {
  expect(legible('#0b3d91', '#ffffff')).toBe('#0b3d91');
});

test('a colour that is none gives the default theme', () => {
  expect(themeOf('red; background: url(//evil)')).toEqual(themeOf('#1f5eff'));
});
