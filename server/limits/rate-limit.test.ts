import { describe, expect, it } from 'vitest';
import { createRateLimit } from './rate-limit.ts';
import { createHandClock } from '../testing/room-world.ts';
import { createSerial } from '../base/serial.ts';

describe('a token bucket', () => {
  it('lets a burst through, then says how long to wait', () => {
    const clock = createHandClock();
    const buckets = createRateLimit({ clock, perSecond: 5, burst: 3 });
    expect(['a', 'a', 'a', 'a'].map((key) => buckets.take(key))).toEqual([0, 0, 0, 200]);
    expect(buckets.take('b')).toBe(0);
    clock.advance(199);
    expect(buckets.take('a')).toBe(1);
    clock.advance(1);
    expect(buckets.take('a')).toBe(0);
    clock.advance(60_000);
    expect(['a', 'a', 'a', 'a'].map((key) => buckets.take(key) === 0)).toEqual([true, true, true, false]);
  });
});

describe('many token buckets', () => {
  it('forget only keys that have had time to refill, however many there are', () => {
    const clock = createHandClock();
    const buckets = createRateLimit({ clock, perSecond: 1, burst: 2 });
    const take = (name: string) =>
      Array.from({ length: 3_000 }, (_, n) => buckets.take(`${name} ${n}`)).filter((waitMs) => waitMs === 0).length;
    expect([take('early'), take('early'), take('early')]).toEqual([3_000, 3_000, 0]);
    clock.advance(1_000);
    expect([take('late'), take('early'), take('early')]).toEqual([3_000, 3_000, 0]);
    clock.advance(2_000);
    expect([take('early'), take('late'), take('early'), take('early')]).toEqual([3_000, 3_000, 3_000, 0]);
  });
});

describe('serial work', () => {
  it('[RO.order] of one key waits for the work before, failed or not; of another it does not', async () => {
    const serial = createSerial();
    const log: string[] = [];
    let release = () => {};
    const first = serial.run('a', () => new Promise<void>((_, reject) => (release = () => reject(new Error('no')))));
    const second = serial.run('a', () => Promise.resolve(void log.push('a2')));
    await serial.run('b', () => Promise.resolve(void log.push('b1')));
    expect(log).toEqual(['b1']);
    release();
    await expect(first).rejects.toThrow('no');
    await second;
    await serial.idle();
    expect(log).toEqual(['b1', 'a2']);
  });
});
