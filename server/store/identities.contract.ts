/** What every store does with identities. */
import { describe, expect, it } from 'vitest';
import { NOW, useStore, type OpenStore } from '../testing/store-world.ts';

export function identitiesContract(open: OpenStore): void {
  describe('identities', () => {
    const world = useStore(open);

    it('[D3] keeps the keys of a site, each under its name once', async () => {
      const key = (kid: string, site = 'shop') => ({ site, kid, alg: 'HS256' as const, key: `secret of ${kid}`, createdAt: NOW });
      await world.store.transact([], async (tx) => {
        await tx.saveIdentityKey(key('b'));
        await tx.saveIdentityKey(key('a'));
        await tx.saveIdentityKey(key('a', 'other'));
      });
      await expect(world.store.transact([], (tx) => tx.saveIdentityKey(key('a')))).rejects.toMatchObject({ code: 'already_taken' });
      await expect(world.store.transact([], (tx) => tx.saveIdentityKey(key('a', 'nowhere')))).rejects.toMatchObject({ code: 'not_found' });
      expect(await world.store.identityKeys('shop')).toEqual([key('a'), key('b')]);
      expect(await world.store.transact([], (tx) => tx.removeIdentityKey('shop', 'a'))).toBe(true);
      expect(await world.store.transact([], (tx) => tx.removeIdentityKey('shop', 'a'))).toBe(false);
      expect(await world.store.identityKeys('other')).toEqual([key('a', 'other')]);
    });

    it('[D3] joins a subject and a visitor of one site, once and for as long as there is the visitor', async () => {
      await world.store.transact([], (tx) => tx.identify('shop', 'subject', 'vera', NOW));
      expect([await world.store.identified('shop', 'subject'), await world.store.identifiedSince('shop', 'vera')]).toEqual(['vera', NOW]);
      expect([await world.store.identified('other', 'subject'), await world.store.identifiedSince('shop', 'will')]).toEqual([
        undefined,
        undefined,
      ]);
      for (const [subject, whom] of [
        ['subject', 'will'],
        ['another', 'vera'],
      ] as const) {
        await expect(world.store.transact([], (tx) => tx.identify('shop', subject, whom, NOW))).rejects.toMatchObject({
          code: 'already_taken',
        });
      }
      await expect(world.store.transact([], (tx) => tx.identify('shop', 'third', 'olga', NOW))).rejects.toMatchObject({
        code: 'not_found',
      });
      await world.store.transact([], (tx) => tx.eraseVisitor('shop', 'vera'));
      expect(await world.store.identified('shop', 'subject')).toBeUndefined();
    });
  });
}
