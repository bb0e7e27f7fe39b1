/** What every store promises of a transaction: alone, whole, and answered after the commit. */
import { describe, expect, it } from 'vitest';
import { ChatError } from '../../shared/errors.ts';
import { NOW, say, operator, author, visitor, useStore, type OpenStore } from '../testing/store-world.ts';
import { visitorLock } from './locks.ts';

export function transactionsContract(open: OpenStore): void {
  describe('transactions', () => {
    const world = useStore(open);
    const { begin, add, eventsOf } = world;

    it('[ST.order] runs works that share a lock one after the other, in the order they were handed in', async () => {
      const steps: string[] = [];
      const work = (label: string) =>
        world.store.transact([visitorLock(label), visitorLock('vera')], async (tx) => {
          steps.push(`${label} begins`);
          await tx.sites();
          await new Promise((resolve) => setImmediate(resolve));
          steps.push(`${label} ends`);
        });
      await Promise.all([work('a'), work('b'), work('c')]);
      expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    });

    it('[ST.undo] undoes a work that throws, and it alone', async () => {
      const chat = await begin();
      const results = await Promise.allSettled([
        add(chat, say('kept', 'a')),
        world.store.transact([visitorLock('vera')], async (tx) => {
          await tx.append(chat, say('gone', 'b'), NOW);
          await tx.changeCard('shop', 'vera', { name: 'Gone' });
          throw new ChatError('disabled', 'no');
        }),
        add(chat, say('kept too', 'c')),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: { code: 'disabled' } });
      expect((await eventsOf(chat)).map(({ uid, seq }) => [uid, seq])).toEqual([
        [null, 1],
        ['a', 2],
        ['c', 3],
      ]);
      expect((await world.store.visitor('shop', 'vera'))?.card).toEqual({});
    });

    it('[ST.undo] goes on with a work after the store has refused a part of it', async () => {
      const chat = await begin();
      const refused = (code: string) => expect.objectContaining({ code });
      const command = { hash: 'h', result: { chat: null } };
      const key = { site: 'shop', kid: 'k', alg: 'HS256' as const, key: 'secret', createdAt: NOW };
      await world.store.transact([], async (tx) => {
        await tx.saveOperator(operator('ann'));
        await tx.remember(author('vera'), 'u1', command);
        await tx.saveIdentityKey(key);
        await tx.identify('shop', 'subject', 'vera', NOW);
        await tx.append(chat, say('first', 'u1'), NOW);
        await expect(tx.createVisitor(visitor('vera'))).rejects.toEqual(refused('already_taken'));
        await expect(tx.createVisitor(visitor('olga'))).rejects.toEqual(refused('already_taken'));
        await expect(tx.createChat('shop', 'vera')).rejects.toEqual(refused('already_taken'));
        await expect(tx.remember(author('vera'), 'u1', command)).rejects.toEqual(refused('uid_conflict'));
        await expect(tx.saveIdentityKey({ ...key, key: 'other' })).rejects.toEqual(refused('already_taken'));
        await expect(tx.identify('shop', 'subject', 'will', NOW)).rejects.toEqual(refused('already_taken'));
        await expect(tx.identify('shop', 'other', 'vera', NOW)).rejects.toEqual(refused('already_taken'));
        await expect(tx.saveOperator(operator('bob', 'Ann@example.com'))).rejects.toEqual(refused('already_taken'));
        await expect(tx.append(chat, say('again', 'u1'), NOW)).rejects.toEqual(refused('uid_conflict'));
        await tx.append(chat, say('second', 'u2'), NOW);
      });
      expect((await eventsOf(chat)).map(({ uid, seq }) => [uid, seq])).toEqual([
        [null, 1],
        ['u1', 2],
        ['u2', 3],
      ]);
      expect(await world.store.identityKeys('shop')).toEqual([key]);
      expect((await world.store.operators()).map(({ id }) => id)).toEqual(['ann']);
      expect((await world.store.visitor('shop', 'vera'))?.ver).toBe(2);
    });

    it('[RO.order] answers only when another process can see it', async () => {
      const beside = await world.beside();
      const chat = await begin();
      for (let i = 0; i < 20; i += 1) {
        const { event } = await add(chat, say(`${i}`));
        expect((await beside.eventsAfter('shop', chat.summary.id, event.seq - 1, 1))[0]).toEqual(event);
      }
      await beside.close();
    });

    it('[RO.order] shows nobody outside uncommitted data', async () => {
      const chat = await begin();
      let during = 0;
      await world.store.transact([], async (tx) => {
        await tx.append(chat, say('not yet'), NOW);
        expect(await tx.eventsAfter('shop', chat.summary.id, 0, 10)).toHaveLength(2);
        during = (await eventsOf(chat)).length;
      });
      expect(during).toBe(1);
      expect(await eventsOf(chat)).toHaveLength(2);
    });

    it('[RO.order] a snapshot sees one state, however long it looks, and holds nobody up', async () => {
      const chat = await begin();
      const seen = await world.store.snapshot(async (at) => {
        const before = await at.eventsAfter('shop', chat.summary.id, 0, 10);
        await add(chat, say('meanwhile'));
        return [before, await at.eventsAfter('shop', chat.summary.id, 0, 10)];
      });
      expect(seen[1]).toEqual(seen[0]);
      expect(await world.store.snapshot((at) => at.eventsAfter('shop', chat.summary.id, 0, 10))).toHaveLength(2);
    });

    it('a snapshot that throws leaves nothing behind that would hold up the next', async () => {
      await expect(world.store.snapshot(() => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose');
      expect(await world.store.snapshot((at) => at.visitor('shop', 'vera'))).toBeDefined();
    });

    it('[ST.restart] has everything again after a restart', async () => {
      const { epoch, secret } = world.store;
      const chat = await begin();
      await add(chat, say('still here', 'u1'));
      await world.store.transact([], async (tx) => {
        await tx.remember(author('vera'), 'u1', { hash: 'h', result: { chat: chat.summary.id, seq: 2 } });
        await tx.putJob({ key: 'waiting:1', kind: 'waiting', site: 'shop', visitor: null, runAtMs: 5, tries: 1, payload: { a: [1] } });
        await tx.saveOperator(operator('ann'));
      });
      const before = await Promise.all([
        world.store.sites(),
        world.store.openChats(),
        eventsOf(chat),
        world.store.dueJobs(9, 9),
        world.store.operators(),
      ]);
      await world.reopen();
      const after = await Promise.all([
        world.store.sites(),
        world.store.openChats(),
        eventsOf(chat),
        world.store.dueJobs(9, 9),
        world.store.operators(),
      ]);
      expect(after).toEqual(before);
      expect(before[3]).toHaveLength(1);
      expect(await world.store.remembered(author('vera'), 'u1')).toEqual({ hash: 'h', result: { chat: chat.summary.id, seq: 2 } });
      expect(world.store.epoch).toBe(epoch);
      expect(world.store.secret).toEqual(secret);
      expect(secret).toHaveLength(32);
    });

    it('[ST.restart] refuses work after it was closed, and finishes what it had accepted', async () => {
      const accepted = world.store.transact([], (tx) => tx.changeCard('shop', 'vera', { name: 'Vera' }));
      await world.store.close();
      expect(await accepted).toEqual({ name: 'Vera' });
      await expect(world.store.transact([], (tx) => tx.sites())).rejects.toMatchObject({ code: 'unavailable' });
      await expect(world.store.snapshot((at) => at.sites())).rejects.toThrow();
    });

    it('notices what another process changed, and is quiet about its own changes', async () => {
      let changes = 0;
      const change = new Promise<void>((resolve) => {
        world.store.onForeignChange(() => {
          changes += 1;
          resolve();
        });
      });
      await begin();
      const beside = await world.beside();
      expect(changes).toBe(0);
      await beside.transact([], (tx) => tx.saveOperator(operator('ann')));
      await change;
      expect(await world.store.operatorByEmail('ann@example.com')).toBeDefined();
      await beside.close();
    });
  });
}
