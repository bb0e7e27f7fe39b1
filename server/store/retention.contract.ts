/** What every store does with what has ended. */
import { describe, expect, it } from 'vitest';
import { NOW, useStore, type OpenStore } from '../testing/store-world.ts';

const NOW_MS = NOW * 1000;
const DAY_MS = 24 * 3_600_000;
/** So many delays of sign-ins are kept. */
const TRIES_KEPT = 10_000;

export function retentionContract(open: OpenStore): void {
  describe('what has ended', () => {
    const world = useStore(open);
    const purge = (nowMs: number) =>
      world.store.transact([], (tx) =>
        tx.purgeShared({ seconds: Math.floor(nowMs / 1000), ms: nowMs }, { refused: NOW - 9, tries: nowMs - DAY_MS }),
      );

    it('counts for nothing before it is removed, and just as little afterwards', async () => {
      const cap = [{ key: 'a', most: 1, windowMs: 1000 }];
      const take = (nowMs: number) => world.store.transact([], (tx) => tx.takeCaps(cap, nowMs));
      const hour = Math.floor(NOW_MS / 3_600_000);
      const spentNow = async (later: number) => (await world.store.spent('b', hour + later - 24)).map(({ bytes }) => bytes);
      // By a clock that was ahead: nothing lasts longer than its window.
      expect(await take(NOW_MS + DAY_MS)).toBe(true);
      expect([await take(NOW_MS), await take(NOW_MS + 999), await take(NOW_MS + 1000)]).toEqual([true, false, true]);
      for (const at of [0, 24])
        await world.store.transact([], (tx) => tx.addSpent([{ key: 'b', hour: hour + at, bytes: at + 1, count: 1 }]));
      expect([await spentNow(0), await spentNow(24)]).toEqual([[1, 25], [25]]);
      await purge(NOW_MS + DAY_MS);
      expect([await spentNow(0), await spentNow(24)]).toEqual([[25], [25]]);
      expect([await take(NOW_MS + DAY_MS + 999), await take(NOW_MS + DAY_MS + 1000)]).toEqual([false, true]);
    });

    it('[D8] of delays of sign-ins keeps the newest, and not so many that somebody could fill the database with names', async () => {
      const tries = (nextAtMs: number) => ({ failures: 3, nextAtMs, knownUntilMs: NOW_MS + DAY_MS });
      await world.store.transact([], async (tx) => {
        for (let at = 0; at < TRIES_KEPT + 2; at += 1) await tx.saveLoginTries(`${at}`, tries(NOW_MS - at));
      });
      await purge(NOW_MS);
      const left = await Promise.all([0, TRIES_KEPT - 1, TRIES_KEPT, TRIES_KEPT + 1].map((at) => world.store.loginTries(`${at}`)));
      expect(left.map((found) => found !== undefined)).toEqual([true, true, false, false]);
    });
  });
}
