/**
 * What every store does, whatever database stands behind it. `sqlite.test.ts` runs it; another database would have to pass
 * the same suite unchanged.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Author, MessageAdded } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { HistoryCursor } from '../../shared/wire/protocol.ts';
import { parseSettings } from '../../shared/settings.ts';
import { applyEvent, emptyChat } from '../../shared/timeline.ts';
import type { ChatRecord, CommandAuthor, NewEvent, Operator, Store, StoredSession, Visitor } from './store.ts';

export interface StoreUnderTest {
  store: Store;
  /** Closes and opens the same database again. */
  reopen(): Promise<Store>;
  /** Opens the same database a second time, as another process would. */
  beside(): Promise<Store>;
  close(): Promise<void>;
}

const NOW = 1_700_000_000;
const VISITOR: Author = { kind: 'visitor' };
const ANN: Author = { kind: 'operator', id: 'ann', card: { name: 'Ann', position: null, avatar: null } };

const say = (text: string, uid: string | null = randomUUID(), author: Author = VISITOR): NewEvent => ({
  kind: 'message.added',
  uid,
  author,
  text,
  file: null,
});
const started: NewEvent = { kind: 'chat.started', uid: null, author: VISITOR, group: null, via: 'command' };
const ended: NewEvent = { kind: 'chat.closed', uid: null, author: VISITOR, by: 'visitor' };
const visitor = (id: string, site = 'shop'): Visitor => ({ id, site, card: {}, properties: [], invite: null, createdAt: NOW });
const operator = (id: string, email = `${id}@example.com`): Operator => ({
  id,
  email,
  card: { name: id, position: null, avatar: null },
  sites: [],
  groups: [],
  passwordHash: 'hash',
  isRevoked: false,
});
const session = (id: string, change: Partial<StoredSession> = {}): StoredSession => ({
  id,
  tokenHash: `hash of ${id}`,
  site: null,
  visitor: null,
  operator: null,
  csrf: 'csrf',
  expiresAt: NOW * 2,
  ...change,
});
const author = (id: string, site = 'shop'): CommandAuthor => ({ site, kind: 'visitor', id });

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let world: StoreUnderTest;
    let store: Store;

    beforeEach(async () => {
      world = await open();
      store = world.store;
      await store.transact(async (tx) => {
        for (const key of ['shop', 'other']) await tx.saveSite({ key, name: key, origins: [], settings: parseSettings({}) });
        for (const id of ['vera', 'will']) await tx.createVisitor(visitor(id));
        await tx.createVisitor(visitor('olga', 'other'));
      });
    });
    afterEach(() => world.close());

    const begin = (id = 'vera', site = 'shop') =>
      store.transact(async (tx) => (await tx.append(await tx.createChat(site, id), started, NOW)).chat);
    const add = (chat: ChatRecord, event: NewEvent) => store.transact((tx) => tx.append(chat, event, NOW));
    const eventsOf = (chat: ChatRecord) => store.eventsAfter(chat.site, chat.summary.id, 0, 10_000);

    describe('order', () => {
      it('[ST.order] numbers the events of a chat 1, 2, 3 … whoever writes at the same time', async () => {
        const chat = await begin();
        const beside = await world.beside();
        const writes = Array.from({ length: 60 }, (_, i) =>
          (i % 3 === 0 ? beside : store).transact((tx) => tx.append(chat, say(`${i}`), NOW)),
        );
        const seqs = (await Promise.all(writes)).map(({ event }) => event.seq);
        expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 2));
        expect((await eventsOf(chat)).map((event) => event.seq)).toEqual(Array.from({ length: 61 }, (_, i) => i + 1));
        expect((await store.chat('shop', chat.summary.id))?.summary.lastSeq).toBe(61);
        await beside.close();
      });

      it('[ST.order] runs works one after the other, in the order they were handed in', async () => {
        const steps: string[] = [];
        const work = (label: string) =>
          store.transact(async (tx) => {
            steps.push(`${label} begins`);
            await tx.sites();
            await new Promise((resolve) => setImmediate(resolve));
            steps.push(`${label} ends`);
          });
        await Promise.all([work('a'), work('b'), work('c')]);
        expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
      });

      it('[ST.order] leaves no hole where a refused event would have been', async () => {
        const chat = await begin();
        await add(chat, say('first', 'u1'));
        const next = await store.transact(async (tx) => {
          await expect(tx.append(chat, say('again', 'u1'), NOW)).rejects.toMatchObject({ code: 'uid_conflict' });
          return tx.append(chat, say('second', 'u2'), NOW);
        });
        expect(next.event.seq).toBe(3);
      });

      it('[ST.order] gives back every event as it was, with id and date', async () => {
        const chat = await begin();
        const file = { link: 'https://chat/files/x/a.png', name: 'a.png', size: 3, type: 'image/png' };
        const given: NewEvent[] = [
          { kind: 'operator.joined', uid: 'u', author: ANN, operator: 'ann', card: { name: 'Ann', position: 'Sales', avatar: null } },
          { kind: 'message.added', uid: 'u', author: VISITOR, text: 'a.png', file },
          {
            kind: 'message.added',
            uid: null,
            author: { kind: 'operator', id: null, card: { name: 'Bot', position: null, avatar: null } },
            text: '\u{1F600} <b>',
            file: null,
          },
          { kind: 'rating.set', uid: null, author: VISITOR, mark: 5 },
          { kind: 'operator.left', uid: null, author: ANN, operator: 'ann' },
          { kind: 'retention.offered', uid: null, author: { kind: 'system' }, way: 'sitephone' },
          { kind: 'chat.closed', uid: null, author: { kind: 'bot' }, by: 'system' },
        ];
        for (const [i, event] of given.entries()) await store.transact((tx) => tx.append(chat, event, NOW + i));
        const stored = (await eventsOf(chat)).slice(1);
        expect(stored).toEqual(
          given.map((event, i) => ({
            ...event,
            chat: chat.summary.id,
            seq: i + 2,
            date: NOW + i,
            message_id: expect.stringMatching(/^[\w-]{22}$/),
          })),
        );
        expect(new Set(stored.map((event) => event.message_id)).size).toBe(given.length);
      });
    });

    describe('chats', () => {
      it('keeps the chat as folded from its events, whatever summary the caller holds', async () => {
        const stale = await begin();
        await add(stale, {
          kind: 'operator.joined',
          uid: null,
          author: ANN,
          operator: 'ann',
          card: { name: 'Ann', position: null, avatar: null },
        });
        await add(stale, { kind: 'rating.set', uid: null, author: VISITOR, mark: 4 });
        const { chat } = await add(stale, { kind: 'retention.offered', uid: null, author: { kind: 'system' }, way: 'offline_message' });
        const folded = (await eventsOf(stale)).reduce(applyEvent, emptyChat(stale.summary.id, 1));
        expect(chat.summary).toEqual(folded);
        expect((await store.chat('shop', stale.summary.id))?.summary).toEqual(folded);
        expect(folded).toMatchObject({ isOpen: true, rating: 4, isAnswered: true, retention: 'offline_message', startedAt: NOW });
      });

      it('allows one open chat per visitor, also when two start at once', async () => {
        const starts = await Promise.allSettled([begin(), begin(), begin('will')]);
        expect(starts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect(starts[1]).toMatchObject({ reason: { code: 'already_taken' } });
        expect(await store.openChats()).toHaveLength(2);
      });

      it('numbers the chats of one visitor and finds the open and the last one', async () => {
        const first = await begin();
        expect((await store.openChatOf('shop', 'vera'))?.summary.id).toBe(first.summary.id);
        await add(first, ended);
        expect(await store.openChatOf('shop', 'vera')).toBeUndefined();
        expect((await store.lastChatOf('shop', 'vera'))?.summary).toMatchObject({ id: first.summary.id, isOpen: false, closedAt: NOW });
        const second = await begin();
        expect(second.summary.number).toBe(2);
        expect((await store.lastChatOf('shop', 'vera'))?.summary.id).toBe(second.summary.id);
        expect((await store.chatsOf('shop', 'vera')).map((chat) => chat.summary.number)).toEqual([1, 2]);
        expect((await store.openChats()).map((chat) => chat.summary.id)).toEqual([second.summary.id]);
      });

      it('has no chat for a visitor or of a chat that is not there', async () => {
        await expect(begin('nobody')).rejects.toMatchObject({ code: 'not_found' });
        await expect(begin('vera', 'other')).rejects.toMatchObject({ code: 'not_found' });
        const absent: ChatRecord = { site: 'shop', visitor: 'vera', summary: emptyChat('absent', 1) };
        await expect(add(absent, say('x'))).rejects.toMatchObject({ code: 'not_found' });
      });

      it('moves read markers forward only, and never beyond the last event', async () => {
        const chat = await begin();
        await add(chat, say('one'));
        const mark = (side: 'visitor' | 'operator', seq: number) => store.transact((tx) => tx.markRead('shop', chat.summary.id, side, seq));
        expect(await mark('visitor', 1)).toEqual({ visitor: 1, operator: 0 });
        expect(await mark('operator', 99)).toEqual({ visitor: 1, operator: 2 });
        expect(await mark('operator', 1)).toEqual({ visitor: 1, operator: 2 });
        expect((await add(chat, say('two'))).chat.summary).toMatchObject({ readByVisitor: 1, readByOperator: 2, lastSeq: 3 });
        await expect(store.transact((tx) => tx.markRead('other', chat.summary.id, 'visitor', 1))).rejects.toMatchObject({
          code: 'not_found',
        });
      });

      it('counts what a visitor said after a place, and knows the last line', async () => {
        const chat = await begin();
        expect(await store.lastMessage('shop', chat.summary.id)).toBeUndefined();
        await add(chat, say('one'));
        await add(chat, say('answer', null, ANN));
        await add(chat, say('two'));
        await add(chat, { kind: 'rating.set', uid: null, author: VISITOR, mark: 1 });
        expect(await store.countVisitorMessages('shop', chat.summary.id, 0)).toBe(2);
        expect(await store.countVisitorMessages('shop', chat.summary.id, 2)).toBe(1);
        expect(await store.countVisitorMessages('other', chat.summary.id, 0)).toBe(0);
        expect(await store.lastMessage('shop', chat.summary.id)).toBe('two');
      });
    });

    describe('transactions', () => {
      it('[ST.undo] undoes a work that throws, and it alone', async () => {
        const chat = await begin();
        const results = await Promise.allSettled([
          add(chat, say('kept', 'a')),
          store.transact(async (tx) => {
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
        expect((await store.visitor('shop', 'vera'))?.card).toEqual({});
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

      it('[RO.order] shows nobody outside what is not committed', async () => {
        const chat = await begin();
        let during = 0;
        await store.transact(async (tx) => {
          await tx.append(chat, say('not yet'), NOW);
          expect(await tx.eventsAfter('shop', chat.summary.id, 0, 10)).toHaveLength(2);
          during = (await eventsOf(chat)).length;
        });
        expect(during).toBe(1);
        expect(await eventsOf(chat)).toHaveLength(2);
      });

      it('[ST.restart] has everything again after a restart', async () => {
        const { epoch, secret } = store;
        const chat = await begin();
        await add(chat, say('still here', 'u1'));
        await store.transact(async (tx) => {
          await tx.remember(author('vera'), 'u1', { hash: 'h', result: { chat: chat.summary.id, seq: 2 } });
          await tx.putJob({ key: 'waiting:1', kind: 'waiting', site: 'shop', runAtMs: 5, tries: 1, payload: { a: [1] } });
          await tx.saveOperator(operator('ann'));
        });
        const before = await Promise.all([store.sites(), store.openChats(), eventsOf(chat), store.dueJobs(9, 9), store.operators()]);
        store = await world.reopen();
        const after = await Promise.all([store.sites(), store.openChats(), eventsOf(chat), store.dueJobs(9, 9), store.operators()]);
        expect(after).toEqual(before);
        expect(before[3]).toHaveLength(1);
        expect(await store.remembered(author('vera'), 'u1')).toEqual({ hash: 'h', result: { chat: chat.summary.id, seq: 2 } });
        expect(store.epoch).toBe(epoch);
        expect(store.secret).toEqual(secret);
        expect(secret).toHaveLength(32);
      });

      it('[ST.restart] refuses work after it was closed, and finishes what it had accepted', async () => {
        const accepted = store.transact((tx) => tx.changeCard('shop', 'vera', { name: 'Vera' }));
        await store.close();
        expect(await accepted).toEqual({ name: 'Vera' });
        await expect(store.transact((tx) => tx.sites())).rejects.toMatchObject({ code: 'unavailable' });
      });
    });

    describe('idempotency', () => {
      it('[ST.uid] remembers a command for its author at this site alone', async () => {
        const command = { hash: 'h1', result: { chat: null } };
        await store.transact((tx) => tx.remember(author('vera'), 'u1', command));
        store = await world.reopen();
        expect(await store.remembered(author('vera'), 'u1')).toEqual(command);
        expect(await store.remembered(author('will'), 'u1')).toBeUndefined();
        expect(await store.remembered(author('vera', 'other'), 'u1')).toBeUndefined();
        expect(await store.remembered({ site: 'shop', kind: 'operator', id: 'vera' }, 'u1')).toBeUndefined();
        await expect(
          store.transact((tx) => tx.remember(author('vera'), 'u1', { hash: 'h2', result: { chat: null } })),
        ).rejects.toMatchObject({
          code: 'uid_conflict',
        });
        expect(await store.remembered(author('vera'), 'u1')).toEqual(command);
      });

      it('[ST.uid] takes a uid once per author and chat, and the same one of somebody else', async () => {
        const chat = await begin();
        await add(chat, say('mine', 'u1'));
        await add(chat, say('hers', 'u1', ANN));
        await add(chat, say('no uid', null));
        await add(chat, say('none either', null));
        await expect(add(chat, say('again', 'u1'))).rejects.toMatchObject({ code: 'uid_conflict' });
        expect(await eventsOf(chat)).toHaveLength(5);
      });
    });

    describe('history', () => {
      /** Chats of the given lengths; every third event is no message. Returns all texts, oldest first. */
      const fill = async (lengths: number[]) => {
        const texts: string[] = [];
        for (const [number, length] of lengths.entries()) {
          const chat = await begin();
          await store.transact(async (tx) => {
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
          const page = await store.history('shop', 'vera', before, limit);
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
        expect(await store.history('shop', 'vera', null, 4)).toMatchObject({ hasOlder: false });
        expect(await store.history('shop', 'vera', null, 3)).toMatchObject({ hasOlder: true });
        expect(await store.history('shop', 'will', null, 3)).toEqual({ items: [], hasOlder: false });
      });

      it('stays in place while messages arrive', async () => {
        const texts = await fill([6]);
        const chat = await begin();
        const page = await store.history('shop', 'vera', null, 2);
        await add(chat, say('new'));
        const first = page.items[0]!;
        const older = await store.history('shop', 'vera', { chat: first.chat, seq: first.seq }, 100);
        expect([...older.items, ...page.items].map((message) => message.text)).toEqual(texts);
      });

      it('agrees with a plain list for any lengths of chats and pages', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(fc.nat(7), { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), async (lengths, limit) => {
            await store.transact(async (tx) => {
              await tx.eraseVisitor('shop', 'vera');
              await tx.createVisitor(visitor('vera'));
            });
            const texts = await fill(lengths);
            expect((await readAll(limit)).flat().map((message) => message.text)).toEqual(texts);
          }),
          { numRuns: 15 },
        );
      });

      it('replays events after a place, at most as many as asked for', async () => {
        const chat = await begin();
        for (const text of ['a', 'b', 'c']) await add(chat, say(text));
        expect((await store.eventsAfter('shop', chat.summary.id, 1, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
        expect(await store.eventsAfter('shop', chat.summary.id, 4, 2)).toEqual([]);
      });
    });

    describe('tenancy', () => {
      it('answers the same for what is absent and what is another site’s', async () => {
        const chat = await begin();
        const { event } = await add(chat, say('secret'));
        await store.transact((tx) =>
          tx.saveRequest({ id: 'r1', site: 'shop', visitor: 'vera', date: NOW, way: 'sitephone', request: {}, isDone: false }),
        );
        const { id } = chat.summary;
        for (const ask of [
          (s: string) => store.visitor(s, 'vera'),
          (s: string) => store.chat(s, id),
          (s: string) => store.openChatOf(s, 'vera'),
          (s: string) => store.lastChatOf(s, 'vera'),
          (s: string) => store.lastMessage(s, id),
          (s: string) => store.transact((tx) => tx.finishRequest(s, 'r1')),
        ]) {
          expect(await ask('other')).toBeUndefined();
          expect(await ask('shop')).toBeDefined();
        }
        expect(await store.chatsOf('other', 'vera')).toEqual([]);
        expect(await store.eventsAfter('other', id, 0, 9)).toEqual([]);
        const cursor = { chat: id, seq: event.seq + 1 };
        expect((await store.history('shop', 'vera', cursor, 9)).items).toHaveLength(1);
        for (const [site, who] of [
          ['other', 'vera'],
          ['other', 'olga'],
          ['shop', 'will'],
        ] as const) {
          expect(await store.history(site, who, cursor, 9)).toEqual({ items: [], hasOlder: false });
        }
        expect(await store.transact((tx) => tx.eraseVisitor('other', 'vera'))).toBe(false);
        for (const refused of [
          store.transact((tx) => tx.changeCard('other', 'vera', { name: 'x' })),
          store.transact((tx) => tx.setInvite('other', 'vera', null)),
          store.transact((tx) => tx.append({ ...chat, site: 'other' }, say('x'), NOW)),
          store.transact((tx) => tx.append({ ...chat, visitor: 'will' }, say('x'), NOW)),
        ]) {
          await expect(refused).rejects.toMatchObject({ code: 'not_found' });
        }
      });

      it('keeps sites, fills settings in, and lists the newest refused embedders once each', async () => {
        const settings = parseSettings({ chat: { title: 'Ask us' } });
        await store.transact(async (tx) => {
          await tx.saveSite({ key: 'shop', name: 'Shop', origins: ['https://shop.example'], settings });
          for (let i = 0; i < 12; i += 1) await tx.noteRefused('shop', `https://evil${i}.example`, NOW + i);
          await tx.noteRefused('shop', 'https://evil5.example', NOW + 50);
        });
        const site = await store.site('shop');
        expect(site).toMatchObject({ name: 'Shop', origins: ['https://shop.example'], settings });
        expect(await Promise.all(['shop', 'other', 'nowhere'].map((key) => store.isOpen(key)))).toEqual([true, false, false]);
        expect(site?.refused).toHaveLength(10);
        expect(site?.refused.slice(0, 2)).toEqual([
          { origin: 'https://evil5.example', date: NOW + 50 },
          { origin: 'https://evil11.example', date: NOW + 11 },
        ]);
        expect((await store.sites()).map(({ key }) => key)).toEqual(['other', 'shop']);
        expect(await store.siteKeys()).toEqual(['other', 'shop']);
        await expect(store.transact((tx) => tx.noteRefused('nowhere', 'https://x', NOW))).rejects.toMatchObject({ code: 'not_found' });
      });

      it('keeps groups in the order they came, and renames in place', async () => {
        await store.transact(async (tx) => {
          await tx.saveGroup({ site: 'shop', id: 'support', name: 'Support' });
          await tx.saveGroup({ site: 'shop', id: 'billing', name: 'Billing' });
          await tx.saveGroup({ site: 'other', id: 'support', name: 'Elsewhere' });
          await tx.saveGroup({ site: 'shop', id: 'support', name: 'Help' });
        });
        expect(await store.groups('shop')).toEqual([
          { site: 'shop', id: 'support', name: 'Help' },
          { site: 'shop', id: 'billing', name: 'Billing' },
        ]);
        await expect(store.transact((tx) => tx.saveGroup({ site: 'nowhere', id: 'x', name: 'X' }))).rejects.toMatchObject({
          code: 'not_found',
        });
        await store.transact((tx) => tx.removeGroup('shop', 'support'));
        await store.transact((tx) => tx.removeGroup('shop', 'support'));
        expect(await store.groups('shop')).toEqual([{ site: 'shop', id: 'billing', name: 'Billing' }]);
        expect(await store.groups('other')).toEqual([{ site: 'other', id: 'support', name: 'Elsewhere' }]);
      });

      it('removes a site with everything in it and nothing else', async () => {
        const chat = await begin();
        await begin('olga', 'other');
        await store.transact(async (tx) => {
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
          await tx.putJob({ key: 'j', kind: 'mail', site: 'shop', runAtMs: 1, tries: 0, payload: null });
          await tx.removeSite('shop');
        });
        expect(await store.site('shop')).toBeUndefined();
        expect(await store.visitor('shop', 'vera')).toBeUndefined();
        expect(await eventsOf(chat)).toEqual([]);
        expect(await store.session('s', NOW)).toBeUndefined();
        expect(await store.file('f')).toBeUndefined();
        expect(await store.nextJobAtMs()).toBeUndefined();
        expect(await store.openChats()).toHaveLength(1);
      });
    });

    describe('visitors', () => {
      it('replaces the name, adds what is new and keeps the newest five', async () => {
        const change = (card: { name?: string; email?: string; phone?: string }) =>
          store.transact((tx) => tx.changeCard('shop', 'vera', card));
        expect(await change({ name: 'Vera', email: '1@x', phone: '' })).toEqual({ name: 'Vera', email: ['1@x'] });
        for (const n of [2, 3, 4, 3, 5, 6]) await change({ email: `${n}@x` });
        expect(await change({ name: 'V.', phone: '+1' })).toEqual({
          name: 'V.',
          email: ['2@x', '3@x', '4@x', '5@x', '6@x'],
          phone: ['+1'],
        });
        expect((await store.visitor('shop', 'vera'))?.card.email).toHaveLength(5);
        expect((await store.visitor('shop', 'will'))?.card).toEqual({});
      });

      it('keeps the standing invitation, and an id is one visitor’s alone', async () => {
        const invite = { ...message('Hello'), invite_message: 'Hello', expires: NOW + 60 };
        await store.transact((tx) => tx.setInvite('shop', 'vera', invite));
        expect((await store.visitor('shop', 'vera'))?.invite).toEqual(invite);
        await store.transact((tx) => tx.setInvite('shop', 'vera', null));
        expect((await store.visitor('shop', 'vera'))?.invite).toBeNull();
        for (const site of ['shop', 'other']) {
          await expect(store.transact((tx) => tx.createVisitor(visitor('vera', site)))).rejects.toMatchObject({ code: 'already_taken' });
        }
        await expect(store.transact((tx) => tx.createVisitor(visitor('new', 'nowhere')))).rejects.toMatchObject({ code: 'not_found' });
        expect((await store.visitorAnywhere('olga'))?.site).toBe('other');
      });

      it('takes from caps all together or not at all, in a sliding window, also after a restart', async () => {
        const take = (nowMs: number, ...keys: string[]) =>
          store.transact((tx) =>
            tx.takeCaps(
              keys.map((key) => ({ key, most: 2, windowMs: 1000 })),
              nowMs,
            ),
          );
        const taken: boolean[] = [];
        for (const keys of [['a'], ['a'], ['a', 'b'], ['b'], ['b']]) taken.push(await take(0, ...keys));
        expect(taken).toEqual([true, true, false, true, true]);
        store = await world.reopen();
        expect([await take(999, 'a'), await take(1000, 'a', 'b'), await take(1000, 'a'), await take(1000, 'a')]).toEqual([
          false,
          true,
          true,
          false,
        ]);
        await expect(
          store.transact(async (tx) => {
            await tx.takeCaps([{ key: 'c', most: 1, windowMs: 1000 }], 0);
            throw new Error('undone');
          }),
        ).rejects.toThrow('undone');
        expect(await store.transact((tx) => tx.takeCaps([{ key: 'c', most: 1, windowMs: 1000 }], 0))).toBe(true);
      });

      it('erases a visitor, all that names them, and nobody else', async () => {
        const chat = await begin();
        const wills = await begin('will');
        await add(wills, say('mine'));
        await add(chat, say('private'));
        await store.transact(async (tx) => {
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
            await tx.putJob({ key: `invite:${id}`, kind: 'invite', site: 'shop', runAtMs: 1, tries: 0, payload: null });
          }
          await tx.putJob({ key: 'm', kind: 'mail', site: 'shop', runAtMs: 1, tries: 0, payload: { chat: chat.summary.id } });
          expect(await tx.eraseVisitor('shop', 'vera')).toBe(true);
        });
        expect(await store.visitorAnywhere('vera')).toBeUndefined();
        expect(await store.chatsOf('shop', 'vera')).toEqual([]);
        expect(await eventsOf(chat)).toEqual([]);
        expect(await store.session('s-vera', NOW)).toBeUndefined();
        expect([await store.sessionsOf('shop', 'vera'), await store.sessionsOf('shop', 'will')]).toMatchObject([[], [{ id: 's-will' }]]);
        expect(await store.jobsNaming(['vera', chat.summary.id])).toEqual([]);
        expect(await store.jobsNaming(['will', 'will'])).toMatchObject([{ key: 'invite:will' }]);
        expect(await store.remembered(author('vera'), 'u')).toBeUndefined();
        expect((await store.filesOf('shop', null)).map(({ id }) => id)).toEqual(['f-will']);
        expect((await store.requests('shop', 9)).map(({ id }) => id)).toEqual(['r-will']);
        expect((await store.dueJobs(9, 9)).map(({ key }) => key)).toEqual(['invite:will']);
        expect(await eventsOf(wills)).toHaveLength(2);
        expect(await store.session('s-will', NOW)).toBeDefined();
        expect(await store.transact((tx) => tx.eraseVisitor('shop', 'vera'))).toBe(false);
      });
    });

    describe('operators and sessions', () => {
      it('keeps an e-mail for one operator, however it is written', async () => {
        await store.transact((tx) => tx.saveOperator(operator('ann', 'Ann@Example.com')));
        await expect(store.transact((tx) => tx.saveOperator(operator('bea', 'ann@example.com')))).rejects.toMatchObject({
          code: 'already_taken',
        });
        const changed: Operator = { ...operator('ann'), sites: ['shop'], groups: ['shop/sales'], isRevoked: true, passwordHash: 'new' };
        await store.transact((tx) => tx.saveOperator(changed));
        expect(await store.operatorByEmail('ANN@example.COM')).toEqual(changed);
        expect(await store.operator('ann')).toEqual(changed);
        expect(await store.operator('bea')).toBeUndefined();
        expect(await store.operators()).toEqual([changed]);
      });

      it('finds a session by its token until it ends, and not a moment longer', async () => {
        const future = Math.floor(Date.now() / 1000) + 1000;
        await store.transact((tx) => tx.saveSession(session('s', { visitor: 'vera', site: 'shop', expiresAt: future })));
        expect(await store.sessionByToken('hash of s', future - 1)).toMatchObject({ id: 's', visitor: 'vera', operator: null });
        expect(await store.sessionByToken('hash of s', future)).toBeUndefined();
        expect(await store.session('s', future)).toBeUndefined();
        await store.transact((tx) => tx.saveSession(session('s', { tokenHash: 'rotated', expiresAt: future })));
        expect(await store.sessionByToken('hash of s', NOW)).toBeUndefined();
        expect(await store.sessionByToken('rotated', NOW)).toMatchObject({ id: 's' });
        await store.transact((tx) => tx.removeSession('s'));
        expect(await store.session('s', NOW)).toBeUndefined();
      });

      it('removes all sessions of one owner at once', async () => {
        await store.transact(async (tx) => {
          await tx.saveSession(session('a1', { operator: 'ann' }));
          await tx.saveSession(session('a2', { operator: 'ann' }));
          await tx.saveSession(session('b', { operator: 'bea' }));
          await tx.saveSession(session('v', { visitor: 'vera', site: 'shop' }));
          await tx.removeSessionsOf({ operator: 'ann' });
        });
        const left = async () => (await Promise.all(['a1', 'a2', 'b', 'v'].map((id) => store.session(id, NOW)))).map((found) => found?.id);
        expect(await left()).toEqual([undefined, undefined, 'b', 'v']);
        await store.transact((tx) => tx.removeSessionsOf({ visitor: 'vera' }));
        expect(await left()).toEqual([undefined, undefined, 'b', undefined]);
      });
    });

    describe('jobs, files, requests', () => {
      const job = (key: string, runAtMs: number, payload: unknown = null) => ({
        key,
        kind: 'waiting' as const,
        site: 'shop',
        runAtMs,
        tries: 0,
        payload,
      });

      it('keeps one job per key and gives the due ones in the order of their time', async () => {
        expect(await store.nextJobAtMs()).toBeUndefined();
        await store.transact(async (tx) => {
          await tx.putJob(job('b', 30));
          await tx.putJob(job('a', 20));
          await tx.putJob(job('c', 40));
          await tx.putJob({ ...job('a', 35, { second: true }), tries: 2 });
        });
        expect(await store.nextJobAtMs()).toBe(30);
        expect(await store.dueJobs(29, 9)).toEqual([]);
        expect((await store.dueJobs(40, 2)).map(({ key }) => key)).toEqual(['b', 'a']);
        expect((await store.dueJobs(35, 9))[1]).toEqual({ ...job('a', 35, { second: true }), tries: 2, begun: 0 });
        await store.transact((tx) => tx.removeJob('b'));
        expect(await store.nextJobAtMs()).toBe(35);
      });

      it('[D4] finds a session by what its tokens have in common, and keeps their line', async () => {
        const refresh = { family: 'f', issuedAt: NOW, superseded: ['one', 'two'], retiredAt: NOW - 1 };
        await store.transact((tx) => tx.saveSession(session('s', { visitor: 'vera', site: 'shop', refresh })));
        const again = await world.reopen();
        expect(await again.sessionByFamily('f', NOW)).toEqual(session('s', { visitor: 'vera', site: 'shop', refresh }));
        expect(await again.sessionByFamily('g', NOW)).toBeUndefined();
        expect(await again.sessionByFamily('f', NOW * 2)).toBeUndefined();
      });

      it('[D3] keeps the keys of a site, each under its name once', async () => {
        const key = (kid: string, site = 'shop') => ({ site, kid, alg: 'HS256' as const, key: `secret of ${kid}`, createdAt: NOW });
        await store.transact(async (tx) => {
          await tx.saveIdentityKey(key('b'));
          await tx.saveIdentityKey(key('a'));
          await tx.saveIdentityKey(key('a', 'other'));
        });
        await expect(store.transact((tx) => tx.saveIdentityKey(key('a')))).rejects.toMatchObject({ code: 'already_taken' });
        await expect(store.transact((tx) => tx.saveIdentityKey(key('a', 'nowhere')))).rejects.toMatchObject({ code: 'not_found' });
        expect(await store.identityKeys('shop')).toEqual([key('a'), key('b')]);
        expect(await store.transact((tx) => tx.removeIdentityKey('shop', 'a'))).toBe(true);
        expect(await store.transact((tx) => tx.removeIdentityKey('shop', 'a'))).toBe(false);
        expect(await store.identityKeys('other')).toEqual([key('a', 'other')]);
      });

      it('[D3] joins a subject and a visitor of one site, once and for as long as there is the visitor', async () => {
        await store.transact((tx) => tx.identify('shop', 'subject', 'vera', NOW));
        expect([await store.identified('shop', 'subject'), await store.identifiedSince('shop', 'vera')]).toEqual(['vera', NOW]);
        expect([await store.identified('other', 'subject'), await store.identifiedSince('shop', 'will')]).toEqual([undefined, undefined]);
        for (const [subject, whom] of [
          ['subject', 'will'],
          ['another', 'vera'],
        ] as const) {
          await expect(store.transact((tx) => tx.identify('shop', subject, whom, NOW))).rejects.toMatchObject({ code: 'already_taken' });
        }
        await expect(store.transact((tx) => tx.identify('shop', 'third', 'olga', NOW))).rejects.toMatchObject({ code: 'not_found' });
        await store.transact((tx) => tx.eraseVisitor('shop', 'vera'));
        expect(await store.identified('shop', 'subject')).toBeUndefined();
      });

      it('[D8] remembers tries over a restart, and of too many the newest', async () => {
        const tries = (nextAtMs: number) => ({ failures: 3, nextAtMs, knownUntilMs: 7 });
        await store.transact(async (tx) => {
          for (const at of [3, 1, 2]) await tx.saveLoginTries(`at ${at}`, tries(at), 2);
        });
        const again = await world.reopen();
        expect([await again.loginTries('at 1'), await again.loginTries('at 2'), await again.loginTries('at 3')]).toEqual([
          undefined,
          tries(2),
          tries(3),
        ]);
      });

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
        await store.transact((tx) => tx.saveFile(file));
        expect(await store.file('f')).toEqual(file);
        expect(await store.filesOf('shop', 'vera')).toEqual([file]);
        expect(await store.filesOf('shop', 'will')).toEqual([]);
        await store.transact((tx) => tx.removeFile('f'));
        expect(await store.file('f')).toBeUndefined();
      });

      it('lists what is still to be done first, newest first', async () => {
        const request = (id: string, date: number) => ({
          id,
          site: 'shop',
          visitor: null,
          date,
          way: 'offline_message' as const,
          request: { message: id },
          isDone: false,
        });
        await store.transact(async (tx) => {
          for (const [i, id] of ['a', 'b', 'c'].entries()) await tx.saveRequest(request(id, NOW + i));
          expect(await tx.finishRequest('shop', 'c')).toEqual({ ...request('c', NOW + 2), isDone: true });
        });
        expect((await store.requests('shop', 9)).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
        expect(await store.requests('shop', 1)).toEqual([request('b', NOW + 1)]);
        expect(await store.transact((tx) => tx.finishRequest('shop', 'none'))).toBeUndefined();
      });
    });

    describe('other processes', () => {
      it('notices what another process changed, and is quiet about its own changes', async () => {
        let changes = 0;
        const change = new Promise<void>((resolve) => {
          store.onForeignChange(() => {
            changes += 1;
            resolve();
          });
        });
        await begin();
        const beside = await world.beside();
        expect(changes).toBe(0);
        await beside.transact((tx) => tx.saveOperator(operator('ann')));
        await change;
        expect(await store.operatorByEmail('ann@example.com')).toBeDefined();
        await beside.close();
      });
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
