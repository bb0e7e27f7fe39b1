import { expect, it } from 'vitest';
import { createThrottle } from './throttle.ts';
import { createHandClock } from '../testing/room-world.ts';

it('[FF.A11] a throttle tells the first value at once, then the latest, and always the last', () => {
  const clock = createHandClock();
  const told: number[] = [];
  const latest = createThrottle<number>({ clock, everyMs: 1_000, tell: (value) => told.push(value) });
  for (let i = 0; i < 50; i += 1) {
    latest.set(i);
    clock.advance(100);
  }
  expect(told).toEqual([0, 9, 19, 29, 39, 49]);
  clock.advance(60_000);
  latest.set(50);
  latest.set(51);
  expect(told).toEqual([0, 9, 19, 29, 39, 49, 50]);
  latest.drop();
  clock.advance(60_000);
  expect(told.at(-1)).toBe(50);
});
