import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOSTILE_TEXTS, LINEAR_GROWTH, growthOf } from './testing/growth.ts';
import { maskNumbers } from './mask.ts';

test('[P2] what looks like a card or an account is hidden', () => {
  expect(maskNumbers('4111 1111 1111 1111')).toBe('•••• •••• •••• ••••');
  expect(maskNumbers('4111-1111-1111')).toBe('••••-••••-••••');
  // As they are pasted from pages that keep a number in one line.
  expect(maskNumbers('4111\xa01111\xa01111\xa01111')).toBe('••••\xa0••••\xa0••••\xa0••••');
  expect(maskNumbers('my card:378282246310005!')).toBe('my card:•••••••••••••••!');
  expect(maskNumbers('pay DE89 3704 0044 0532 0130 00 now')).toBe('pay •••• •••• •••• •••• •••• •• now');
  expect(maskNumbers('gb29nwbk60161331926819')).toBe('•'.repeat(22));
});

test('[P2] however it is parted: slashes, dots, two spaces, narrow spaces, tabs, dashes of print, mixed', () => {
  for (const text of [
    '4111/1111/1111/1111',
    '4111.1111.1111.1111',
    '4111  1111  1111  1111',
    '4111\u202f1111\u20091111\u20071111',
    '4111\t1111\t1111\t1111',
    '4111_1111_1111_1111',
    '4111–1111—1111‑1111',
    '4111. 1111/ 1111 -1111',
    '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
    '4-1-1-1/1.1.1.1 1111 1111',
    '4111 - 1111 - 1111 - 1111',
    '4111 / 1111 / 1111 / 11',
    '4111\u200b1111\u200b1111\u200b1111',
    '3782 822463 10005',
    '3782/822463/10005',
    '4111 1111 1111 1111 12/2029',
    'DE89/3704/0044/0532/0130/00',
    'DE89-3704-0044-0532-0130-00',
    'DE89  3704  0044  0532  0130  00',
    'gb29.nwbk.6016.1331.9268.19',
  ])
    expect(maskNumbers(`card ${text}, please`).replace(/\D/g, ''), text).toBe('');
  // A number that is not finished yet, but long enough to be one.
  expect(maskNumbers('4111/1111/11')).toBe('4111/1111/11');
  expect(maskNumbers('4111/1111/1111')).toBe('••••/••••/••••');
});

test('[P2] any separators, one or two of them, between any digits', () => {
  const sign = fc.constantFrom(' ', '\xa0', '\u202f', '\t', '.', '/', '-', '–', '_');
  const between = fc.array(sign, { maxLength: 2 }).map((signs) => signs.join(''));
  // Beginning with 4, which no date does in full.
  const card = fc
    .array(fc.tuple(fc.integer({ min: 4, max: 9 }), between), { minLength: 12, maxLength: 19 })
    .map((parts) => parts.map(([digit, gap]) => `${digit}${gap}`).join(''));
  fc.assert(
    fc.property(card, (text) => maskNumbers(`x ${text} x`).replace(/\D/g, '') === ''),
    { numRuns: 300 },
  );
});

test('[P2] ordinary numbers and words stay', () => {
  for (const text of [
    'call +44 20 7946 0958',
    '+44 (20) 7946 0958 or +44 20 7946 0959',
    '020 7946 0958 / 020 7946 0959',
    'order 12345678, 3 pcs',
    'orders 12345678, 12345679 and 12345680',
    'at 10:30 on 2026-11-22',
    'from 01.02.2026 - 05.02.2026',
    '01/02/2026 05/02/2026',
    '22.11.2026 10.30',
    '12/31/2026 01/31/2027',
    '2026-11-22/2026-11-29',
    '1234\n5678\n9012',
    'AB12 some text here',
    'AB12.some/text-here',
    '10 - 20 - 30 - 40 - 50 - 60',
    '1 200 000.00',
    'v1.2.3 and 10.0.0.1',
  ])
    expect(maskNumbers(text)).toBe(text);
});

test('[D10] [P2] hostile text takes work that grows as its length does', () => {
  const separated = ['1/', '1  ', '1 - ', '1234 - ', 'AB12 ABCD ', '1.1.2026 ', '01.01.2026'].map(
    (piece) => (length: number) => piece.repeat(Math.ceil(length / piece.length)),
  );
  for (const text of [...HOSTILE_TEXTS, ...separated]) expect(growthOf(maskNumbers, text), text(10)).toBeLessThan(LINEAR_GROWTH);
}, 60_000);
