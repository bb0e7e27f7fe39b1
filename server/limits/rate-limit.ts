/**
 * A rate limit: one token bucket for each key, with a burst to begin with. Full buckets are forgotten first. So the number of
 * keys is bounded, and nobody gets a fresh bucket by making noise under other keys. Full buckets are looked for whenever the
 * number of keys has doubled.
 *
 * There are two ways to pay. `take` asks first: it takes nothing from a key that has too little. `charge` is for work that
 * can't be undone, or weighed before it is done: the bucket may go below zero, and `owedMs` says how long its owner waits then.
 */
import type { Clock } from '../base/clock.ts';

/** The buckets of all keys. */
export interface RateLimit {
  /** Takes tokens, by default one. Returns 0, or the milliseconds until there are enough again. */
  take(key: string, tokens?: number): number;
  /** Takes them in any case. */
  charge(key: string, tokens: number): void;
  /** The milliseconds until the bucket is no longer below zero. */
  owedMs(key: string): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const REMEMBERED = 20_000;
/** Fewer keys are not worth looking through. */
const FEW = 500;

export function createRateLimit({ clock, perSecond, burst }: { clock: Clock; perSecond: number; burst: number }): RateLimit {
  const buckets = new Map<string, Bucket>();
  let pruneAbove = FEW;

  const tokensOf = (bucket: Bucket | undefined, nowMs: number) =>
    bucket === undefined ? burst : Math.min(burst, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond);

  const prune = (nowMs: number) => {
    for (const [key, bucket] of buckets) if (tokensOf(bucket, nowMs) >= burst) buckets.delete(key);
    for (const oldest of buckets.keys()) {
      if (buckets.size <= REMEMBERED) break;
      buckets.delete(oldest);
    }
    pruneAbove = Math.min(Math.max(FEW, buckets.size * 2), REMEMBERED);
  };

  const set = (key: string, tokens: number, nowMs: number) => {
    buckets.delete(key);
    buckets.set(key, { tokens, atMs: nowMs });
    if (buckets.size > pruneAbove) prune(nowMs);
  };

  const waitMs = (missing: number) => (missing <= 0 ? 0 : Math.ceil((missing / perSecond) * 1000));

  return {
    take(key, tokens = 1) {
      const nowMs = clock.nowMs();
      const there = tokensOf(buckets.get(key), nowMs);
      // A full bucket lets through what costs more than it can hold, or that would never pass.
      const due = Math.min(tokens, Math.max(1, burst));
      set(key, there >= due ? there - tokens : there, nowMs);
      return waitMs(due - there);
    },
    charge(key, tokens) {
      const nowMs = clock.nowMs();
      set(key, tokensOf(buckets.get(key), nowMs) - tokens, nowMs);
    },
    owedMs: (key) => waitMs(-tokensOf(buckets.get(key), clock.nowMs())),
  };
}
