/** What every store does with visitors. */
import { describe, expect, it } from 'vitest';
import type { Transaction } from './store.ts';
import { NOW, say, visitor, session, author, useStore, type OpenStore } from '../testing/store-world.ts';

export function visitorsContract(open: OpenStore): void {
  describe('visitors', () => {
    const world = useStore(open);
    const { begin, add, eventsOf } = world;

    it('replaces the name, adds new values and keeps the newest five', async () => {
      const change = (card: { name?: string; email?: string; phone?: string }) =>
        world.store.transact([], (tx) => tx.changeCard('shop', 'vera', card));
      expect(await change({ name: 'Vera', email: '1@x', phone: '' })).toEqual({ name: 'Vera', email: ['1@x'] });
      for (const n of [2, 3, 4, 3, 5, 6]) await change({ email: `${n}@x` });
      expect(await change({ name: 'V.', phone: '+1' })).toEqual({
        name: 'V.',
        email: ['2@x', '3@x', '4@x', '5@x', '6@x'],
        phone: ['+1'],
      });
      expect((await world.store.visitor('shop', 'vera'))?.card.email).toHaveLength(5);
      expect((await world.store.visitor('shop', 'will'))?.card).toEqual({});
    });

    it('keeps the standing invitation, and an id is one visitor’s alone', async () => {
      const invite = { ...message('Hello'), invite_message: 'Hello', expires: NOW + 60 };
      await world.store.transact([], (tx) => tx.setInvite('shop', 'vera', invite));
      expect((await world.store.visitor('shop', 'vera'))?.invite).toEqual(invite);
      await world.store.transact([], (tx) => tx.setInvite('shop', 'vera', null));
      expect((await world.store.visitor('shop', 'vera'))?.invite).toBeNull();
      for (const site of ['shop', 'other']) {
        await expect(world.store.transact([], (tx) => tx.createVisitor(visitor('vera', site)))).rejects.toMatchObject({
          code: 'already_taken',
        });
      }
      await expect(world.store.transact([], (tx) => tx.createVisitor(visitor('new', 'nowhere')))).rejects.toMatchObject({
        code: 'not_found',
      });
      expect((await world.store.visitorAnywhere('olga'))?.site).toBe('other');
    });

    it('counts the changes of a visitor, so that of two reports the later one is known', async () => {
      const verOf = async (id: string) => (await world.store.visitor('shop', id))?.ver;
      const seen = [await verOf('vera')];
      const changes: ((tx: Transaction) => Promise<unknown>)[] = [
        (tx) => tx.changeCard('shop', 'vera', { name: 'Vera' }),
        (tx) => tx.correctCard('shop', 'vera', [{ field: 'name', from: 'Vera', to: 'V.' }]),
        (tx) => tx.changeProperties('shop', 'vera', [['plan', 'gold']]),
        (tx) => tx.setInvite('shop', 'vera', { ...message('Hello'), invite_message: 'Hello', expires: NOW + 60 }),
        (tx) => tx.setLanguage('shop', 'vera', 'de'),
        (tx) => tx.createChat('shop', 'vera'),
      ];
      for (const change of changes) {
        await world.store.transact([], change);
        seen.push(await verOf('vera'));
      }
      expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(await verOf('will')).toBe(1);
    });

    it('erases a visitor, all that names them, and nobody else', async () => {
      const chat = await begin();
      const wills = await begin('will');
      await add(wills, say('mine'));
      await add(chat, say('private'));
      await world.store.transact([], async (tx) => {
        for (const id of ['vera', 'will']) {
          await tx.saveSession(session(`s-${id}`, { site: 'shop', visitor: id }));
          await tx.saveFile({
            id: `f-${id}`,
            site: 'shop',
            visitor: id,
            operator: null,
            name: 'a',
            type: 'b',
            size: 1,
            createdAt: NOW,
            state: 'clean',
          });
          await tx.saveRequest({ id: `r-${id}`, site: 'shop', visitor: id, date: NOW, way: 'sitephone', request: {}, isDone: false });
          await tx.remember(author(id), 'u', { hash: 'h', result: { chat: null } });
          await tx.putJob({ key: `invite:${id}`, kind: 'invite', site: 'shop', visitor: id, runAtMs: 1, tries: 0, payload: null });
        }
        expect(await tx.eraseVisitor('shop', 'vera')).toBe(true);
      });
      expect(await world.store.visitorAnywhere('vera')).toBeUndefined();
      expect(await world.store.chatsOf('shop', 'vera')).toEqual([]);
      expect(await eventsOf(chat)).toEqual([]);
      expect(await world.store.session('s-vera', NOW)).toBeUndefined();
      expect([await world.store.sessionsOf('shop', 'vera'), await world.store.sessionsOf('shop', 'will')]).toMatchObject([
        [],
        [{ id: 's-will' }],
      ]);
      expect([await world.store.jobsOf('shop', 'vera'), await world.store.jobsOf('shop', 'will')]).toMatchObject([
        [],
        [{ key: 'invite:will' }],
      ]);
      expect(await world.store.jobsOf('other', 'will')).toEqual([]);
      expect(await world.store.remembered(author('vera'), 'u')).toBeUndefined();
      expect((await world.store.filesOf('shop', null)).map(({ id }) => id)).toEqual(['f-will']);
      expect((await world.store.requests('shop', 9)).map(({ id }) => id)).toEqual(['r-will']);
      expect((await world.store.dueJobs(9, 9)).map(({ key }) => key)).toEqual(['invite:will']);
      expect(await eventsOf(wills)).toHaveLength(2);
      expect(await world.store.session('s-will', NOW)).toBeDefined();
      expect(await world.store.transact([], (tx) => tx.eraseVisitor('shop', 'vera'))).toBe(false);
    });
  });
}

function message(text: string) {
  return {
    text,
    date: NOW,
    source: 'Operator' as const,
    from: 'Ann',
    sender: 'operator' as const,
    chat_id: null,
    message_id: null,
    uid: null,
    operator_info: { name: 'Ann', position: null, avatar: null },
  };
}
