/** What every store does with requests. */
import { describe, expect, it } from 'vitest';
import { NOW, useStore, type OpenStore } from '../testing/store-world.ts';

export function requestsContract(open: OpenStore): void {
  describe('requests', () => {
    const world = useStore(open);

    it('lists open requests first, newest first', async () => {
      const request = (id: string, date: number) => ({
        id,
        site: 'shop',
        visitor: null,
        date,
        way: 'offline_message' as const,
        request: { message: id },
        isDone: false,
      });
      await world.store.transact([], async (tx) => {
        for (const [i, id] of ['a', 'b', 'c'].entries()) await tx.saveRequest(request(id, NOW + i));
        expect(await tx.finishRequest('shop', 'c')).toEqual({ ...request('c', NOW + 2), isDone: true });
      });
      expect((await world.store.requests('shop', 9)).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
      expect(await world.store.requests('shop', 1)).toEqual([request('b', NOW + 1)]);
      expect(await world.store.transact([], (tx) => tx.finishRequest('shop', 'none'))).toBeUndefined();
    });
  });
}
