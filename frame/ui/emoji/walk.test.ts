/** Keys in the grid of emoji, and what is remembered of the ones used. */
import { expect, test } from 'vitest';
import { addRecent, forgetRecent, parseRecent, recent } from './recent.ts';
import { walk } from './walk.ts';

// Two whole lines and three cells.
const grid = { count: 19, columns: 8, isRtl: false };

test.each([
  ['ArrowRight', 0, 1],
  ['ArrowRight', 18, 18],
  ['ArrowLeft', 0, 0],
  ['ArrowLeft', 8, 7],
  ['ArrowDown', 2, 10],
  ['ArrowDown', 15, 18],
  ['ArrowDown', 17, 17],
  ['ArrowUp', 10, 2],
  ['ArrowUp', 3, -1],
  ['PageDown', 3, 18],
  ['PageUp', 18, 2],
  ['PageUp', 3, 3],
  ['Home', 13, 8],
  ['End', 9, 15],
  ['End', 16, 18],
  ['a', 4, undefined],
])('[VI.emoji] %s leads from cell %i to %s', (key, at, next) => {
  expect(walk(key, at, false, grid)).toBe(next);
});

test('[VI.emoji] with Control, Home and End lead to the first and the last; in Hebrew the arrows are mirrored', () => {
  expect([walk('Home', 13, true, grid), walk('End', 2, true, grid)]).toEqual([0, 18]);
  expect([walk('ArrowLeft', 4, false, { ...grid, isRtl: true }), walk('ArrowRight', 4, false, { ...grid, isRtl: true })]).toEqual([5, 3]);
});

test('[VI.emoji] the last twenty-four are remembered, each once, the newest first', () => {
  for (let n = 0; n < 30; n += 1) addRecent(`e${n}`, false);
  addRecent('e20', false);
  expect(recent()).toHaveLength(24);
  expect(recent().slice(0, 3)).toEqual(['e20', 'e29', 'e28']);
  forgetRecent();
  expect(recent()).toEqual([]);
});

test.each([null, 'nonsense', '{}', '"😀"', `[${'"😀",'.repeat(1_000)}"😀"]`])('[VI.emoji] %s from storage is nothing of ours', (text) => {
  expect(parseRecent(text)).toBeNull();
});

test('[VI.emoji] of what is stored only short texts count', () => {
  expect(parseRecent(JSON.stringify(['😀', 1, null, '', 'x'.repeat(41), '🎉']))).toEqual(['😀', '🎉']);
});
