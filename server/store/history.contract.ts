/** How every store pages through the messages of a visitor. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageAdded, Moment } from '../../shared/chat.ts';
import type { HistoryCursor } from '../../shared/wire/protocol.ts';
import { ANN, NOW, VISITOR, say, ended, visitor, useStore, type OpenStore } from '../testing/store-world.ts';

export function historyContract(open: OpenStore): void {
  describe('history', () => {
    const world = useStore(open);
    const { begin, add } = world;

    /** Chats of the given lengths; every third event is no message. Returns all texts, oldest first. */
    const fill = async (lengths: number[]) => {
      const texts: string[] = [];
      for (const [number, length] of lengths.entries()) {
        const chat = await begin();
        await world.store.transact([], async (tx) => {
          for (let i = 0; i < length; i += 1) {
            texts.push(`${number}.${i}`);
            await tx.append(chat, say(`${number}.${i}`), NOW);
            if (i % 3 === 0) await tx.append(chat, { kind: 'rating.set', uid: null, author: VISITOR, mark: 3 }, NOW);
          }
          await tx.append(chat, ended, NOW);
        });
      }
      return texts;
    };

    const readAll = async (limit: number) => {
      const pages: MessageAdded[][] = [];
      let before: HistoryCursor | null = null;
      while (true) {
        const page = await world.store.history('shop', 'vera', before, limit);
        pages.unshift(page.items);
        const first = page.items[0];
        if (!page.hasOlder || first === undefined) return pages;
        before = { chat: first.chat, seq: first.seq };
      }
    };

    it('goes back over all chats page by page, without skipping or repeating', async () => {
      const texts = await fill([5, 0, 1, 27, 2]);
      for (const limit of [1, 2, 20, 100]) {
        const pages = await readAll(limit);
        expect(pages.flat().map((message) => message.text)).toEqual(texts);
        expect(pages.slice(1).every((page) => page.length === limit)).toBe(true);
      }
    });

    it('says that there is more only if there is', async () => {
      await fill([2, 2]);
      expect(await world.store.history('shop', 'vera', null, 4)).toMatchObject({ hasOlder: false });
      expect(await world.store.history('shop', 'vera', null, 3)).toMatchObject({ hasOlder: true });
      expect(await world.store.history('shop', 'will', null, 3)).toEqual({ items: [], hasOlder: false });
    });

    it('stays in place while messages arrive', async () => {
      const texts = await fill([6]);
      const chat = await begin();
      const page = await world.store.history('shop', 'vera', null, 2);
      await add(chat, say('new'));
      const first = page.items[0]!;
      const older = await world.store.history('shop', 'vera', { chat: first.chat, seq: first.seq }, 100);
      expect([...older.items, ...page.items].map((message) => message.text)).toEqual(texts);
    });

    it('agrees with a plain list for any lengths of chats and pages', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(7), { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), async (lengths, limit) => {
          await world.store.transact([], async (tx) => {
            await tx.eraseVisitor('shop', 'vera');
            await tx.createVisitor(visitor('vera'));
          });
          const texts = await fill(lengths);
          expect((await readAll(limit)).flat().map((message) => message.text)).toEqual(texts);
        }),
        { numRuns: 15 },
      );
    });

    it('[VI.conversation] gives each moment to one page, whatever the pages are cut to', async () => {
      const card = { name: 'Ann', position: null, avatar: null };
      const joined = { kind: 'operator.joined', uid: null, author: ANN, operator: 'ann', card } as const;
      for (const length of [3, 0, 2]) {
        const chat = await begin();
        await add(chat, joined);
        for (let i = 0; i < length; i += 1) await add(chat, say(`${i}`));
        await add(chat, { kind: 'operator.left', uid: null, author: ANN, operator: 'ann' });
        await add(chat, ended);
      }
      const all = ['operator.joined', 'operator.left', 'chat.closed'];
      for (const limit of [1, 2, 4, 100]) {
        const kinds: string[][] = [];
        let before: HistoryCursor | null = null;
        while (true) {
          const page = await world.store.history('shop', 'vera', before, limit);
          const moments: Moment[] = await world.store.moments('shop', 'vera', before, page, 100);
          kinds.unshift(moments.map(({ kind }) => kind));
          const first = page.items[0];
          if (!page.hasOlder || first === undefined) break;
          before = { chat: first.chat, seq: first.seq };
        }
        expect(kinds.flat(), `${limit}`).toEqual([...all, ...all, ...all]);
      }
      const page = await world.store.history('shop', 'vera', null, 100);
      expect((await world.store.moments('shop', 'vera', null, page, 2)).map(({ kind }) => kind)).toEqual(['operator.left', 'chat.closed']);
      expect(await world.store.moments('shop', 'will', null, page, 2)).toEqual([]);
    });

    it('[VI.conversation] tells of a request by its date, and of no missed chat', async () => {
      const chat = await begin();
      await add(chat, say('one'));
      const left = {
        id: 'r1',
        site: 'shop',
        visitor: 'vera',
        date: NOW,
        way: 'sitephone',
        request: { phone: '1' },
        isDone: false,
      } as const;
      await world.store.transact([], async (tx) => {
        await tx.saveRequest(left);
        await tx.saveRequest({ ...left, id: 'r2', visitor: 'will' });
        await tx.saveRequest({ ...left, id: 'r3', missed: { visitor: 'vera', chat: chat.summary.id } });
      });
      const page = await world.store.history('shop', 'vera', null, 100);
      expect(await world.store.moments('shop', 'vera', null, page, 9)).toEqual([{ kind: 'request.left', way: 'sitephone', date: NOW }]);
    });
  });
}
