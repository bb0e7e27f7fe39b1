/**
 * Token buckets by key: how fast somebody may go on, with a burst to begin with. Full buckets are forgotten first, so the
 * number of keys is bounded without letting anybody start afresh by making noise elsewhere.
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

export function createBuckets({ clock, perSecond, burst }: { clock: Clock; perSecond: number; burst: number }): Buckets {
  const buckets = new Map<string, Bucket>();

  const prune = (nowMs: number) => {
    for (const [key, bucket] of buckets) {
      if (bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond >= burst) buckets.delete(key);
    }
    for (const oldest of buckets.keys()) {
      if (buckets.size <= REMEMBERED) break;
      buckets.delete(oldest);
    }
  };

  return {
    take(key) {
      const nowMs = clock.nowMs();
      const before = buckets.get(key) ?? { tokens: burst, atMs: nowMs };
      const passedMs = Math.max(0, nowMs - before.atMs);
      const tokens = Math.min(burst, before.tokens + (passedMs / 1000) * perSecond);
      buckets.delete(key);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
      if (buckets.size > REMEMBERED) prune(nowMs);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
    },
  };
}
