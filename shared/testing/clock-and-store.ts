/**
 * Time, chance and storage turned by hand, for tests of whatever is handed them. Not part of any build.
 */
import type { Chance, Clock, OutboxItem, OutboxStore } from '../client/platform.ts';

export interface ManualClock extends Clock {
  /** Lets time pass; what falls due runs in order, with room for promises between. */
  pass(ms: number): Promise<void>;
  /** The clock is set, by so many milliseconds; timers don't notice. */
  jump(ms: number): void;
  /** Callbacks that are still to come. */
  readonly waiting: number;
}

/** Lets everything that is already resolved run. */
export async function flushPromises(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

export function manualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  let jumpedMs = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    elapsed: () => now - start - jumpedMs,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async pass(ms) {
      const end = now + ms;
      await flushPromises();
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        now = Math.max(now, next.at);
        timers = timers.filter((other) => other !== next);
        next.run();
        await flushPromises();
      }
      now = end;
    },
    jump(ms) {
      now += ms;
      jumpedMs += ms;
      timers = timers.map((timer) => Object.assign(timer, { at: timer.at + ms }));
    },
    get waiting() {
      return timers.length;
    },
  };
}

/** Counts up; `fraction` is always the highest, so that a backoff is as long as it can be. */
export function countingChance(): Chance {
  let count = 0;
  return {
    uid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
    fraction: () => 1,
  };
}

export interface FakeStore<C> extends OutboxStore<C> {
  readonly rows: Map<string, OutboxItem<C>>;
  /** What pages that are gone left behind. */
  left: OutboxItem<C>[];
  /** `fail`: every change is refused. `stuck`: none ever ends. */
  mood: 'well' | 'fail' | 'stuck';
  isCleared: boolean;
}

export function fakeStore<C>(): FakeStore<C> {
  const rows = new Map<string, OutboxItem<C>>();
  const end = (): Promise<void> => {
    if (store.mood === 'stuck') return new Promise(() => undefined);
    return store.mood === 'fail' ? Promise.reject(new Error('no storage')) : Promise.resolve();
  };
  const store: FakeStore<C> = {
    rows,
    left: [],
    mood: 'well',
    isCleared: false,
    async put(item) {
      await end();
      rows.set(item.uid, item);
    },
    async remove(uid) {
      await end();
      rows.delete(uid);
    },
    async adopt() {
      await end();
      const left = store.left;
      store.left = [];
      return left;
    },
    async clear() {
      await end();
      rows.clear();
      store.isCleared = true;
    },
  };
  return store;
}
