import { expect, test } from 'vitest';
import { HOSTILE_TEXTS, LINEAR_GROWTH, growthOf } from './growth.ts';
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

test('[P2] ordinary numbers and words stay', () => {
  for (const text of ['call +44 20 7946 0958', 'order 12345678, 3 pcs', 'at 10:30 on 2026-11-22', '1234\n5678\n9012', 'AB12 some text here']) expect(maskNumbers(text)).toBe(text);
});

test('[D10] [P2] hostile text of up to 50 KB takes a time that grows as its length does', () => {
  for (const text of HOSTILE_TEXTS) expect(growthOf(maskNumbers, text, () => performance.now()), text(10)).toBeLessThan(LINEAR_GROWTH);
}, 60_000);
