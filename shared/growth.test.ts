import { expect, test } from 'vitest';
import { HOSTILE_TEXTS, LINEAR_GROWTH, growthOf } from './growth.ts';

/** Time passes only in what is measured. */
function measured(cost: (length: number, turn: number) => number): number {
  let [nowMs, turn] = [0, 0];
  return growthOf((text) => (nowMs += cost(text.length, (turn += 1))), (length) => 'a'.repeat(length), () => nowMs);
}

test('[D10] a square grows too fast, a line does not, also where the machine was busy now and then', () => {
  expect(measured((length) => length ** 2 / 1e6)).toBeGreaterThanOrEqual(LINEAR_GROWTH);
  expect(measured((length) => length / 1e3)).toBeLessThan(LINEAR_GROWTH);
  expect(measured((length, turn) => length / 1e3 + (turn < 5 && length > 20_000 ? 5_000 : 0))).toBeLessThan(LINEAR_GROWTH);
  expect(measured(() => 0)).toBe(1);
});

test('[D10] hostile texts are as long as they are asked to be', () => {
  for (const text of HOSTILE_TEXTS) expect(Math.abs(text(50_000).length - 50_000)).toBeLessThan(100);
});
