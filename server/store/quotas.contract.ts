/** What every store does with quotas. */
import { describe, expect, it } from 'vitest';
import { useStore, type OpenStore } from '../testing/store-world.ts';

export function quotasContract(open: OpenStore): void {
  describe('quotas', () => {
    const world = useStore(open);

    it('takes from caps all together or not at all, in a sliding window, also after a restart', async () => {
      const take = (nowMs: number, ...keys: string[]) =>
        world.store.transact([], (tx) =>
          tx.takeCaps(
            keys.map((key) => ({ key, most: 2, windowMs: 1000 })),
            nowMs,
          ),
        );
      const taken: boolean[] = [];
      for (const keys of [['a'], ['a'], ['a', 'b'], ['b'], ['b']]) taken.push(await take(0, ...keys));
      expect(taken).toEqual([true, true, false, true, true]);
      await world.reopen();
      expect([await take(999, 'a'), await take(1000, 'a', 'b'), await take(1000, 'a'), await take(1000, 'a')]).toEqual([
        false,
        true,
        true,
        false,
      ]);
      await expect(
        world.store.transact([], async (tx) => {
          await tx.takeCaps([{ key: 'c', most: 1, windowMs: 1000 }], 0);
          throw new Error('undone');
        }),
      ).rejects.toThrow('undone');
      expect(await world.store.transact([], (tx) => tx.takeCaps([{ key: 'c', most: 1, windowMs: 1000 }], 0))).toBe(true);
    });
  });
}
