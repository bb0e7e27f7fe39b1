/**
 * Token buckets by key: how fast somebody may go on, with a burst to begin with. Full buckets are forgotten first, so the
 * number of keys is bounded without letting anybody start afresh by making noise elsewhere. They are looked for whenever the
 * keys have doubled, so that what is kept follows those who are there and not all who ever were.
 *
 * There are two ways to pay. `take` asks before: nothing is taken from who has too little. `charge` is for what cannot be undone
 * or weighed before it is done: the bucket may go below nothing, and `owedMs` says how long its owner has to wait then.
 */
import type { Clock } from '../base/clock.ts';

export interface Buckets {
  /** Takes tokens, one unless said otherwise. 0: go on; else the milliseconds until there are enough again. */
  take(key: string, tokens?: number): number;
  /** Takes them in any case. */
  charge(key: string, tokens: number): void;
  /** The milliseconds until the bucket is not below nothing. */
  owedMs(key: string): number;
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
      // What costs more than a full bucket holds is let through by a full one, or it would never be.
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
