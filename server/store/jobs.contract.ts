/** What every store does with jobs. */
import { describe, expect, it } from 'vitest';
import { useStore, type OpenStore } from '../testing/store-world.ts';

export function jobsContract(open: OpenStore): void {
  describe('jobs', () => {
    const world = useStore(open);

    const job = (key: string, runAtMs: number, payload: unknown = null) => ({
      key,
      kind: 'waiting' as const,
      site: 'shop',
      visitor: null,
      runAtMs,
      tries: 0,
      payload,
    });

    it('keeps one job per key and gives the due ones in the order of their time', async () => {
      expect(await world.store.nextJobAtMs()).toBeUndefined();
      await world.store.transact([], async (tx) => {
        await tx.putJob(job('b', 30));
        await tx.putJob(job('a', 20));
        await tx.putJob(job('c', 40));
        await tx.putJob({ ...job('a', 35, { second: true }), tries: 2 });
      });
      expect(await world.store.nextJobAtMs()).toBe(30);
      expect(await world.store.dueJobs(29, 9)).toEqual([]);
      expect((await world.store.dueJobs(40, 2)).map(({ key }) => key)).toEqual(['b', 'a']);
      expect((await world.store.dueJobs(35, 9))[1]).toEqual({ ...job('a', 35, { second: true }), tries: 2, begun: 0 });
      await world.store.transact([], (tx) => tx.removeJob('b'));
      expect(await world.store.nextJobAtMs()).toBe(35);
    });
  });
}
