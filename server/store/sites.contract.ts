/** What every store does with sites and groups, and how it keeps one site from another. */
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../shared/settings.ts';
import { NOW, say, session, useStore, type OpenStore } from '../testing/store-world.ts';
import type { Sites } from './queries.ts';

export function sitesContract(open: OpenStore): void {
  describe('sites', () => {
    const world = useStore(open);
    const { begin, add, eventsOf } = world;

    it('answers the same for absent things and for those of another site', async () => {
      const chat = await begin();
      const { event } = await add(chat, say('secret'));
      await world.store.transact([], (tx) =>
        tx.saveRequest({ id: 'r1', site: 'shop', visitor: 'vera', date: NOW, way: 'sitephone', request: {}, isDone: false }),
      );
      const { id } = chat.summary;
      for (const ask of [
        (s: string) => world.store.visitor(s, 'vera'),
        (s: string) => world.store.chat(s, id),
        (s: string) => world.store.openChatOf(s, 'vera'),
        (s: string) => world.store.lastChatOf(s, 'vera'),
        (s: string) => world.store.lastMessage(s, id),
        (s: string) => world.store.visitorAmong([s], 'vera'),
        (s: string) => world.store.chatAmong([s], id),
        (s: string) => world.store.requestAmong([s], 'r1'),
        (s: string) => world.store.transact([], (tx) => tx.finishRequest(s, 'r1')),
      ]) {
        expect(await ask('other')).toBeUndefined();
        expect(await ask('shop')).toBeDefined();
      }
      for (const ask of [
        (sites: Sites) => world.store.visitorAmong(sites, 'vera'),
        (sites: Sites) => world.store.chatAmong(sites, id),
        (sites: Sites) => world.store.requestAmong(sites, 'r1'),
      ]) {
        expect(await ask([])).toBeUndefined();
        expect(await ask(['other', 'shop'])).toEqual(await ask('all'));
        expect(await ask('all')).toBeDefined();
      }
      expect(await world.store.chatsOf('other', 'vera')).toEqual([]);
      expect(await world.store.eventsAfter('other', id, 0, 9)).toEqual([]);
      const cursor = { chat: id, seq: event.seq + 1 };
      expect((await world.store.history('shop', 'vera', cursor, 9)).items).toHaveLength(1);
      for (const [site, who] of [
        ['other', 'vera'],
        ['other', 'olga'],
        ['shop', 'will'],
      ] as const) {
        expect(await world.store.history(site, who, cursor, 9)).toEqual({ items: [], hasOlder: false });
      }
      expect(await world.store.transact([], (tx) => tx.eraseVisitor('other', 'vera'))).toBe(false);
      for (const refused of [
        world.store.transact([], (tx) => tx.changeCard('other', 'vera', { name: 'x' })),
        world.store.transact([], (tx) => tx.setInvite('other', 'vera', null)),
        world.store.transact([], (tx) => tx.append({ ...chat, site: 'other' }, say('x'), NOW)),
        world.store.transact([], (tx) => tx.append({ ...chat, visitor: 'will' }, say('x'), NOW)),
      ]) {
        await expect(refused).rejects.toMatchObject({ code: 'not_found' });
      }
    });

    it('keeps sites, fills settings in, and lists the newest refused embedders once each', async () => {
      const settings = parseSettings({ chat: { title: 'Ask us' } });
      await world.store.transact([], async (tx) => {
        await tx.saveSite({ key: 'shop', name: 'Shop', origins: ['https://shop.example'], settings });
        for (let i = 0; i < 12; i += 1) await tx.noteRefused('shop', `https://evil${i}.example`, NOW + i);
        await tx.noteRefused('shop', 'https://evil5.example', NOW + 50);
      });
      const site = await world.store.site('shop');
      expect(site).toMatchObject({ name: 'Shop', origins: ['https://shop.example'], settings });
      expect(await Promise.all(['shop', 'other', 'nowhere'].map((key) => world.store.isOpen(key)))).toEqual([true, false, false]);
      expect(site?.refused).toHaveLength(10);
      expect(site?.refused.slice(0, 2)).toEqual([
        { origin: 'https://evil5.example', date: NOW + 50 },
        { origin: 'https://evil11.example', date: NOW + 11 },
      ]);
      expect((await world.store.sites()).map(({ key }) => key)).toEqual(['other', 'shop']);
      await expect(world.store.transact([], (tx) => tx.noteRefused('nowhere', 'https://x', NOW))).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('keeps groups in the order they came, and renames in place', async () => {
      await world.store.transact([], async (tx) => {
        await tx.saveGroup({ site: 'shop', id: 'support', name: 'Support' });
        await tx.saveGroup({ site: 'shop', id: 'billing', name: 'Billing' });
        await tx.saveGroup({ site: 'other', id: 'support', name: 'Elsewhere' });
        await tx.saveGroup({ site: 'shop', id: 'support', name: 'Help' });
      });
      expect(await world.store.groups('shop')).toEqual([
        { site: 'shop', id: 'support', name: 'Help' },
        { site: 'shop', id: 'billing', name: 'Billing' },
      ]);
      await expect(world.store.transact([], (tx) => tx.saveGroup({ site: 'nowhere', id: 'x', name: 'X' }))).rejects.toMatchObject({
        code: 'not_found',
      });
      await world.store.transact([], (tx) => tx.removeGroup('shop', 'support'));
      await world.store.transact([], (tx) => tx.removeGroup('shop', 'support'));
      expect(await world.store.groups('shop')).toEqual([{ site: 'shop', id: 'billing', name: 'Billing' }]);
      expect(await world.store.groups('other')).toEqual([{ site: 'other', id: 'support', name: 'Elsewhere' }]);
    });

    it('removes a site with everything in it and nothing else', async () => {
      const chat = await begin();
      await begin('olga', 'other');
      await world.store.transact([], async (tx) => {
        await tx.saveSession(session('s', { site: 'shop', visitor: 'vera' }));
        await tx.saveFile({
          id: 'f',
          site: 'shop',
          visitor: 'vera',
          operator: null,
          name: 'a',
          type: 'b',
          size: 1,
          createdAt: NOW,
          state: 'clean',
        });
        await tx.putJob({ key: 'j', kind: 'mail', site: 'shop', visitor: null, runAtMs: 1, tries: 0, payload: null });
        await tx.removeSite('shop');
      });
      expect(await world.store.site('shop')).toBeUndefined();
      expect(await world.store.visitor('shop', 'vera')).toBeUndefined();
      expect(await eventsOf(chat)).toEqual([]);
      expect(await world.store.session('s', NOW)).toBeUndefined();
      expect(await world.store.file('f')).toBeUndefined();
      expect(await world.store.nextJobAtMs()).toBeUndefined();
      expect(await world.store.openChats()).toHaveLength(1);
    });
  });
}
