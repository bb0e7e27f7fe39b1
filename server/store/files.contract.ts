/** What every store does with files. */
import { describe, expect, it } from 'vitest';
import type { StoredFile } from './files.ts';
import { NOW, useStore, type OpenStore } from '../testing/store-world.ts';

export function filesContract(open: OpenStore): void {
  describe('files', () => {
    const world = useStore(open);

    it('keeps what was uploaded and by whom', async () => {
      const file = fileOf({});
      await world.store.transact([], (tx) => tx.saveFile(file));
      expect(await world.store.file('f')).toEqual(file);
      const picture = { ...file, id: 'p', pixels: { width: 3, height: 2 } };
      await world.store.transact([], (tx) => tx.saveFile(picture));
      expect(await world.store.filesOf('shop', 'vera')).toEqual([file, picture]);
      expect(await world.store.filesOf('shop', 'will')).toEqual([]);
      await world.store.transact([], (tx) => tx.removeFile('f'));
      expect(await world.store.file('f')).toBeUndefined();
    });

    it('knows the chat in which a file was sent, also when its state changes later', async () => {
      const chat = await world.begin();
      const sent = async (id: string) => (await world.store.chatOfFile({ site: 'shop', id }))?.summary.id;
      const file = fileOf({ operator: 'ann', visitor: null, state: 'quarantined' });
      await world.store.transact([], async (tx) => {
        for (const id of ['f', 'g', 'unsent']) await tx.saveFile({ ...file, id });
        for (const id of ['g', 'f']) await tx.noteSent({ site: 'shop', id }, chat.summary.id);
        await tx.noteSent({ site: 'other', id: 'unsent' }, chat.summary.id);
      });
      expect([await sent('f'), await sent('unsent')]).toEqual([chat.summary.id, undefined]);
      await world.store.transact([], (tx) => tx.saveFile({ ...file, state: 'clean' }));
      expect(await sent('f')).toBe(chat.summary.id);
      expect(await world.store.chatOfFile({ site: 'other', id: 'f' })).toBeUndefined();
      const page = async (after: string, site = 'shop') =>
        (await world.store.filesSentIn(site, chat.summary.id, after)).map(({ id }) => id);
      expect([await page(''), await page('f'), await page('', 'other')]).toEqual([['f', 'g'], ['g'], []]);
    });
  });
}

function fileOf(change: Partial<StoredFile>): StoredFile {
  return {
    id: 'f',
    site: 'shop',
    visitor: 'vera',
    operator: null,
    name: 'ä.pdf',
    type: 'application/pdf',
    size: 7,
    createdAt: NOW,
    state: 'clean',
    ...change,
  };
}
