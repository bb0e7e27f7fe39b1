import { expect, test } from 'vitest';
import { createCursors } from './cursors.ts';
import { manualClock } from '../testing/clock-and-store.ts';

function world() {
  const clock = manualClock();
  const asked: [string, number][] = [];
  const cursors = createCursors<{ chat: string; seq: number }>({ clock, sync: (chat, after) => void asked.push([chat, after]) });
  const take = (seq: number, chat = 'a') => cursors.take({ chat, seq }).map((event) => event.seq);
  return { clock, asked, cursors, take };
}

test('the next event is due, a repeated one is dropped', () => {
  const { take, cursors, asked } = world();
  expect([take(1), take(2), take(2), take(1)]).toEqual([[1], [2], [], []]);
  expect(cursors.at('a')).toBe(2);
  expect(asked).toEqual([]);
});

test('[OR.4] an early event waits until the gap is filled, and nothing newer is delivered before', () => {
  const { take, asked } = world();
  take(1);
  expect([take(4), take(3)]).toEqual([[], []]);
  expect(asked).toEqual([['a', 1]]);
  expect(take(2)).toEqual([2, 3, 4]);
});

test('[OR.4] a gap is asked for again until it is filled, then never more', async () => {
  const { take, asked, clock } = world();
  take(2);
  await clock.pass(6_500);
  // Less and less often: asking more would only delay a slow answer further.
  expect(asked).toEqual([
    ['a', 0],
    ['a', 0],
    ['a', 0],
  ]);
  take(1);
  expect(clock.waiting).toBe(0);
});

test('chats have cursors of their own, and a summary sets one', () => {
  const { take, cursors } = world();
  cursors.set('b', 7);
  expect([take(1), take(8, 'b'), take(7, 'b')]).toEqual([[1], [8], []]);
});

test('a summary that is ahead of early events drops them and their gap', () => {
  const { take, cursors, clock } = world();
  take(5);
  cursors.set('a', 6);
  expect(take(7)).toEqual([7]);
  expect(clock.waiting).toBe(0);
});

test('[FF.A4] a chat that is said to go on is asked for at once, piece by piece, until it is whole', async () => {
  const { take, cursors, asked, clock } = world();
  for (const seq of [1, 2]) take(seq);
  cursors.expect('a', 6);
  expect([asked, cursors.incomplete]).toEqual([[['a', 2]], 'a']);
  for (const seq of [3, 4]) take(seq);
  // Frames that come meanwhile wait behind it, and nothing is asked for twice.
  expect(take(7)).toEqual([]);
  expect(asked).toHaveLength(1);
  cursors.expect('a', 7);
  expect(asked).toEqual([
    ['a', 2],
    ['a', 4],
  ]);
  expect([take(5), take(6)]).toEqual([[5], [6, 7]]);
  expect([cursors.incomplete, clock.waiting]).toEqual([undefined, 0]);
  cursors.expect('a', 7);
  await clock.pass(60_000);
  expect([asked.length, cursors.incomplete]).toEqual([2, undefined]);
});

test('[FF.A4] an answer that is slow to come is not asked for again while it comes', async () => {
  const { take, cursors, asked, clock } = world();
  cursors.expect('a', 5);
  for (const seq of [1, 2, 3, 4]) {
    await clock.pass(1_900);
    take(seq);
  }
  expect(asked).toEqual([['a', 0]]);
  await clock.pass(2_000);
  expect(asked).toEqual([
    ['a', 0],
    ['a', 4],
  ]);
});
