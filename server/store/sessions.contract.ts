/** What every store does with sessions. */
import { describe, expect, it } from 'vitest';
import { NOW, session, useStore, type OpenStore } from '../testing/store-world.ts';

export function sessionsContract(open: OpenStore): void {
  describe('sessions', () => {
    const world = useStore(open);

    it('finds a session by its token until it ends, and not a moment longer', async () => {
      const future = Math.floor(Date.now() / 1000) + 1000;
      await world.store.transact([], (tx) => tx.saveSession(session('s', { visitor: 'vera', site: 'shop', expiresAt: future })));
      expect(await world.store.sessionByToken('hash of s', future - 1)).toMatchObject({ id: 's', visitor: 'vera', operator: null });
      expect(await world.store.sessionByToken('hash of s', future)).toBeUndefined();
      expect(await world.store.session('s', future)).toBeUndefined();
      await world.store.transact([], (tx) => tx.saveSession(session('s', { tokenHash: 'rotated', expiresAt: future })));
      expect(await world.store.sessionByToken('hash of s', NOW)).toBeUndefined();
      expect(await world.store.sessionByToken('rotated', NOW)).toMatchObject({ id: 's' });
      await world.store.transact([], (tx) => tx.removeSession('s'));
      expect(await world.store.session('s', NOW)).toBeUndefined();
    });

    it('removes all sessions of one owner at once', async () => {
      await world.store.transact([], async (tx) => {
        await tx.saveSession(session('a1', { operator: 'ann' }));
        await tx.saveSession(session('a2', { operator: 'ann' }));
        await tx.saveSession(session('b', { operator: 'bea' }));
        await tx.saveSession(session('v', { visitor: 'vera', site: 'shop' }));
        await tx.removeSessionsOf({ operator: 'ann' });
      });
      const left = async () =>
        (await Promise.all(['a1', 'a2', 'b', 'v'].map((id) => world.store.session(id, NOW)))).map((found) => found?.id);
      expect(await left()).toEqual([undefined, undefined, 'b', 'v']);
      await world.store.transact([], (tx) => tx.removeSessionsOf({ visitor: 'vera' }));
      expect(await left()).toEqual([undefined, undefined, 'b', undefined]);
    });

    it('[D4] finds a session by what its tokens have in common, and keeps their line', async () => {
      const refresh = { family: 'f', issuedAt: NOW, superseded: ['one', 'two'], retiredAt: NOW - 1 };
      await world.store.transact([], (tx) => tx.saveSession(session('s', { visitor: 'vera', site: 'shop', refresh })));
      const again = await world.reopen();
      expect(await again.sessionByFamily('f', NOW)).toEqual(session('s', { visitor: 'vera', site: 'shop', refresh }));
      expect(await again.sessionByFamily('g', NOW)).toBeUndefined();
      expect(await again.sessionByFamily('f', NOW * 2)).toBeUndefined();
    });

    it('[D8] remembers tries over a restart', async () => {
      const tries = (nextAtMs: number) => ({ failures: 3, nextAtMs, knownUntilMs: 7 });
      await world.store.transact([], async (tx) => {
        for (const at of [3, 1]) await tx.saveLoginTries(`at ${at}`, tries(at));
      });
      const again = await world.reopen();
      expect([await again.loginTries('at 1'), await again.loginTries('at 2'), await again.loginTries('at 3')]).toEqual([
        tries(1),
        undefined,
        tries(3),
      ]);
    });
  });
}
