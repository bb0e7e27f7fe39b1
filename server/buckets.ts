/**
 * Token buckets by key: how fast somebody may go on, with a burst to begin with. Full buckets are forgotten first, so the
 * number of keys is bounded without letting anybody start afresh by making noise elsewhere. They are looked for whenever the
 * keys have doubled, so that what is kept follows those who are there and not all who ever were.
 */
import type { Clock } from './clock.ts';

export interface Buckets {
  /** Takes one token. 0: go on; else the milliseconds until there is one again. */
  take(key: string): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const REMEMBERED = 20_000;
/** Fewer keys are not worth a look. */
const FEW = 500;

export function createBuckets({ clock, perSecond, burst }: { clock: Clock; perSecond: number; burst: number }): Buckets {
  const buckets = new Map<string, Bucket>();
  let pruneAbove = FEW;

  const prune = (nowMs: number) => {
    for (const [key, bucket] of buckets) {
      if (bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond >= burst) buckets.delete(key);
    }
    for (const oldest of buckets.keys()) {
      if (buckets.size <= REMEMBERED) break;
      buckets.delete(oldest);
    }
    pruneAbove = Math.min(Math.max(FEW, buckets.size * 2), REMEMBERED);
  };

  return {
    take(key) {
      const nowMs = clock.nowMs();
      const before = buckets.get(key) ?? { tokens: burst, atMs: nowMs };
      const passedMs = Math.max(0, nowMs - before.atMs);
      const tokens = Math.min(burst, before.tokens + (passedMs / 1000) * perSecond);
      buckets.delete(key);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
      if (buckets.size > pruneAbove) prune(nowMs);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
    },
  };
}
