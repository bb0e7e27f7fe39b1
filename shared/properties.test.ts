import { expect, test } from 'vitest';
import { changeProperties, type PropertyChange } from './properties.ts';

test('[FF.D8] a page’s properties change the known ones: new and changed last, null removes, fifty stay', () => {
  const known = changeProperties(
    [],
    [
      ['plan', 'free'],
      ['customer', '7'],
    ],
  );
  expect(
    changeProperties(known, [
      ['plan', 'pro'],
      ['basket', '3'],
    ]),
  ).toEqual([
    ['customer', '7'],
    ['plan', 'pro'],
    ['basket', '3'],
  ]);
  expect(
    changeProperties(known, [
      ['plan', null],
      ['nothing', null],
    ]),
  ).toEqual([['customer', '7']]);
  // Told again, as after each reconnect, it is no change at all.
  expect(
    changeProperties(known, [
      ['plan', 'free'],
      ['customer', '7'],
      ['gone', null],
    ]),
  ).toBe(known);
  const many = Array.from({ length: 60 }, (_, n): PropertyChange => ['p' + n, String(n)]);
  expect(changeProperties(known, many)).toEqual(many.slice(-50));
});
