/** What every store does with commands. */
import { describe, expect, it } from 'vitest';
import { author, useStore, type OpenStore } from '../testing/store-world.ts';

export function commandsContract(open: OpenStore): void {
  describe('commands', () => {
    const world = useStore(open);

    it('[ST.uid] remembers a command for its author at this site alone', async () => {
      const command = { hash: 'h1', result: { chat: null } };
      await world.store.transact([], (tx) => tx.remember(author('vera'), 'u1', command));
      await world.reopen();
      expect(await world.store.remembered(author('vera'), 'u1')).toEqual(command);
      expect(await world.store.remembered(author('will'), 'u1')).toBeUndefined();
      expect(await world.store.remembered(author('vera', 'other'), 'u1')).toBeUndefined();
      expect(await world.store.remembered({ site: 'shop', kind: 'operator', id: 'vera' }, 'u1')).toBeUndefined();
      await expect(
        world.store.transact([], (tx) => tx.remember(author('vera'), 'u1', { hash: 'h2', result: { chat: null } })),
      ).rejects.toMatchObject({
        code: 'uid_conflict',
      });
      expect(await world.store.remembered(author('vera'), 'u1')).toEqual(command);
    });
  });
}
