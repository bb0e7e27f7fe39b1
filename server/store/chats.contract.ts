/** What every store does with chats. */
import { describe, expect, it } from 'vitest';
import { applyEvent, emptyChat } from '../../shared/timeline.ts';
import { NOW, VISITOR, ANN, say, ended, useStore, type OpenStore } from '../testing/store-world.ts';
import type { ChatRecord } from './chats.ts';

export function chatsContract(open: OpenStore): void {
  describe('chats', () => {
    const world = useStore(open);
    const { begin, add, eventsOf } = world;

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
      expect((await world.store.chat('shop', stale.summary.id))?.summary).toEqual(folded);
      expect(folded).toMatchObject({ isOpen: true, rating: 4, isAnswered: true, retention: 'offline_message', startedAt: NOW });
    });

    it('[VI.team] tells when operators first answered in the latest chats of a site', async () => {
      const chat = await begin();
      const invitation = { ...say('Hello?'), author: ANN };
      await add(chat, invitation);
      expect(await world.store.firstAnswers('shop', NOW, 10)).toEqual([{ startedAt: NOW, answeredAt: null, closedAt: null }]);
      await add(chat, say('Where is my parcel?'));
      await add(chat, { ...say('On its way.'), author: ANN });
      await add(chat, ended);
      expect(await world.store.firstAnswers('shop', NOW, 10)).toEqual([{ startedAt: NOW, answeredAt: NOW, closedAt: NOW }]);
      expect(await world.store.firstAnswers('shop', NOW + 1, 10)).toEqual([]);
      expect(await world.store.firstAnswers('other', NOW, 10)).toEqual([]);
      await begin();
      expect(await world.store.firstAnswers('shop', NOW, 1)).toHaveLength(1);
    });

    it('allows one open chat per visitor, also when two start at once', async () => {
      const starts = await Promise.allSettled([begin(), begin(), begin('will')]);
      expect(starts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(starts[1]).toMatchObject({ reason: { code: 'already_taken' } });
      expect(await world.store.openChats()).toHaveLength(2);
    });

    it('finds the open chats of one site, and chats by their names', async () => {
      const [first, second] = [await begin(), await begin('will')];
      const open = async (after?: string) => (await world.store.openChatsAt('shop', after)).map(({ summary }) => summary.id);
      expect(await open()).toEqual([first.summary.id, second.summary.id]);
      expect(await open(first.visitor)).toEqual([second.summary.id]);
      expect(await world.store.openChatsAt('other')).toEqual([]);
      await add(first, ended);
      expect(await open()).toEqual([second.summary.id]);
      const names = [first.summary.id, second.summary.id, 'none'];
      const named = await world.store.chatsNamed('shop', names);
      expect(named.map(({ summary }) => [summary.id, summary.isOpen]).sort()).toEqual(
        [
          [first.summary.id, false],
          [second.summary.id, true],
        ].sort(),
      );
      expect(await world.store.chatsNamed('other', names)).toEqual([]);
      expect(await world.store.chatsNamed('shop', [])).toEqual([]);
    });

    it('finds the newest chat of several visitors', async () => {
      const first = await begin();
      await begin('will');
      await add(first, ended);
      const newest = async () => (await world.store.newestChats('shop', ['vera', 'will', 'nobody'])).map((chat) => chat.summary);
      expect((await newest()).map(({ number, isOpen }) => [number, isOpen]).sort()).toEqual([
        [1, false],
        [1, true],
      ]);
      const second = await begin();
      expect((await newest()).map(({ id }) => id)).toContain(second.summary.id);
      expect(await newest()).toHaveLength(2);
      expect(await world.store.newestChats('other', ['vera'])).toEqual([]);
      expect(await world.store.newestChats('shop', [])).toEqual([]);
    });

    it('numbers the chats of one visitor and finds the open and the last one', async () => {
      const first = await begin();
      expect((await world.store.openChatOf('shop', 'vera'))?.summary.id).toBe(first.summary.id);
      await add(first, ended);
      expect(await world.store.openChatOf('shop', 'vera')).toBeUndefined();
      expect((await world.store.lastChatOf('shop', 'vera'))?.summary).toMatchObject({ id: first.summary.id, isOpen: false, closedAt: NOW });
      const second = await begin();
      expect(second.summary.number).toBe(2);
      expect((await world.store.lastChatOf('shop', 'vera'))?.summary.id).toBe(second.summary.id);
      expect((await world.store.chatsOf('shop', 'vera')).map((chat) => chat.summary.number)).toEqual([1, 2]);
      expect((await world.store.openChats()).map((chat) => chat.summary.id)).toEqual([second.summary.id]);
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
      const mark = (side: 'visitor' | 'operator', seq: number) =>
        world.store.transact([], (tx) => tx.markRead('shop', chat.summary.id, side, seq));
      expect(await mark('visitor', 1)).toEqual({ visitor: 1, operator: 0 });
      expect(await mark('operator', 99)).toEqual({ visitor: 1, operator: 2 });
      expect(await mark('operator', 1)).toEqual({ visitor: 1, operator: 2 });
      expect((await add(chat, say('two'))).chat.summary).toMatchObject({ readByVisitor: 1, readByOperator: 2, lastSeq: 3 });
      await expect(world.store.transact([], (tx) => tx.markRead('other', chat.summary.id, 'visitor', 1))).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });
}
