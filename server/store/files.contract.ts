/** What every store does with files. */
import { describe, expect, it } from 'vitest';
import { NOW, useStore, type OpenStore } from '../testing/store-world.ts';

export function filesContract(open: OpenStore): void {
  describe('files', () => {
    const world = useStore(open);

    it('keeps what was uploaded and by whom', async () => {
      const file = {
        id: 'f',
        site: 'shop',
        visitor: 'vera',
        operator: null,
        name: 'ä.pdf',
        type: 'application/pdf',
        size: 7,
        createdAt: NOW,
        state: 'clean' as const,
      };
      await world.store.transact([], (tx) => tx.saveFile(file));
      expect(await world.store.file('f')).toEqual(file);
      const picture = { ...file, id: 'p', pixels: { width: 3, height: 2 } };
      await world.store.transact([], (tx) => tx.saveFile(picture));
      expect(await world.store.filesOf('shop', 'vera')).toEqual([file, picture]);
      expect(await world.store.filesOf('shop', 'will')).toEqual([]);
      await world.store.transact([], (tx) => tx.removeFile('f'));
      expect(await world.store.file('f')).toBeUndefined();
    });
  });
}
