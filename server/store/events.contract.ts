/** What every store does with events. */
import { describe, expect, it } from 'vitest';
import { NOW, VISITOR, ANN, say, useStore, type OpenStore } from '../testing/store-world.ts';
import type { NewEvent } from './events.ts';

export function eventsContract(open: OpenStore): void {
  describe('events', () => {
    const world = useStore(open);
    const { begin, add, eventsOf } = world;

    it('[ST.order] numbers the events of a chat 1, 2, 3 … also for parallel writers', async () => {
      const chat = await begin();
      const beside = await world.beside();
      const writes = Array.from({ length: 60 }, (_, i) =>
        (i % 3 === 0 ? beside : world.store).transact([], (tx) => tx.append(chat, say(`${i}`), NOW)),
      );
      const seqs = (await Promise.all(writes)).map(({ event }) => event.seq);
      expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 2));
      expect((await eventsOf(chat)).map((event) => event.seq)).toEqual(Array.from({ length: 61 }, (_, i) => i + 1));
      expect((await world.store.chat('shop', chat.summary.id))?.summary.lastSeq).toBe(61);
      await beside.close();
    });

    it('[ST.order] leaves no hole where a refused event would have been', async () => {
      const chat = await begin();
      await add(chat, say('first', 'u1'));
      const next = await world.store.transact([], async (tx) => {
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
      for (const [i, event] of given.entries()) await world.store.transact([], (tx) => tx.append(chat, event, NOW + i));
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

    it('[ST.uid] takes a uid once per author and chat, and the same one of somebody else', async () => {
      const chat = await begin();
      await add(chat, say('mine', 'u1'));
      await add(chat, say('hers', 'u1', ANN));
      await add(chat, say('no uid', null));
      await add(chat, say('none either', null));
      await expect(add(chat, say('again', 'u1'))).rejects.toMatchObject({ code: 'uid_conflict' });
      expect(await eventsOf(chat)).toHaveLength(5);
    });

    it('counts what a visitor said after a place, and knows the last line', async () => {
      const chat = await begin();
      expect(await world.store.lastMessage('shop', chat.summary.id)).toBeUndefined();
      await add(chat, say('one'));
      await add(chat, say('answer', null, ANN));
      await add(chat, say('two'));
      await add(chat, { kind: 'rating.set', uid: null, author: VISITOR, mark: 1 });
      expect(await world.store.countVisitorMessages('shop', chat.summary.id, 0)).toBe(2);
      expect(await world.store.countVisitorMessages('shop', chat.summary.id, 2)).toBe(1);
      expect(await world.store.countVisitorMessages('other', chat.summary.id, 0)).toBe(0);
      expect(await world.store.lastMessage('shop', chat.summary.id)).toBe('two');
    });

    it('replays events after a place, at most as many as asked for', async () => {
      const chat = await begin();
      for (const text of ['a', 'b', 'c']) await add(chat, say(text));
      expect((await world.store.eventsAfter('shop', chat.summary.id, 1, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
      expect(await world.store.eventsAfter('shop', chat.summary.id, 4, 2)).toEqual([]);
    });
  });
}
