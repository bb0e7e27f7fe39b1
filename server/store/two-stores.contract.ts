/** What holds although two processes write to one database at the same time. */
import { describe, expect, it } from 'vitest';
import { file, NOW, say, session, useStore, type OpenStore } from '../testing/store-world.ts';
import { fileLock, sessionLock, visitorLock } from './locks.ts';
import type { Store } from './store.ts';

const EACH = 100;

export function twoStoresContract(open: OpenStore): void {
  describe('two stores on one database', () => {
    const world = useStore(open);
    const { begin, add, eventsOf } = world;

    /** Both at once, `times` works each. */
    const both = async <T>(times: number, work: (store: Store, time: number, side: number) => Promise<T>): Promise<T[]> => {
      const beside = await world.beside();
      const sides = [world.store, beside].map((store, side) =>
        Promise.all(Array.from({ length: times }, (_, time) => work(store, time, side))),
      );
      const results = await Promise.all(sides);
      await beside.close();
      return results.flat();
    };

    it('[RO.order] number the events of one chat without a hole, each one’s in its order', async () => {
      const chat = await begin();
      await both(EACH, (store, time, side) =>
        store.transact([visitorLock('vera')], (tx) => tx.append(chat, say('hi', `${side} ${time}`), NOW)),
      );
      const events = await eventsOf(chat);
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * EACH + 1 }, (_, at) => at + 1));
      for (const side of ['0', '1']) {
        const own = events.flatMap(({ uid }) => (uid?.startsWith(`${side} `) ? [Number(uid.slice(2))] : []));
        expect(own).toEqual(Array.from({ length: EACH }, (_, time) => time));
      }
      expect((await world.store.chat('shop', chat.summary.id))?.summary.lastSeq).toBe(2 * EACH + 1);
    });

    it('begin one chat where each would begin one if there were none', async () => {
      const chats = await both(10, (store) =>
        store.transact([visitorLock('vera')], async (tx) => {
          const last = await tx.lastChatOf('shop', 'vera');
          return (last ?? (await tx.createChat('shop', 'vera'))).summary.id;
        }),
      );
      expect(new Set(chats).size).toBe(1);
    });

    it('send a file once', async () => {
      const chat = await begin();
      await world.store.transact([fileLock('f')], (tx) => tx.saveFile(file('f')));
      const sent = await both(10, (store) =>
        store.transact([fileLock('f')], async (tx) => {
          if ((await tx.chatOfFile({ site: 'shop', id: 'f' })) !== undefined) return false;
          await tx.noteSent({ site: 'shop', id: 'f' }, chat.summary.id);
          return true;
        }),
      );
      expect(sent.filter(Boolean)).toHaveLength(1);
    });

    it('[D2] lose no token of a line that both of them turn', async () => {
      const refresh = { family: 'line', issuedAt: NOW, superseded: [], retiredAt: 0 };
      await world.store.transact([sessionLock('line')], (tx) => tx.saveSession(session('s', { refresh })));
      await both(20, (store, time, side) =>
        store.transact([sessionLock('line')], async (tx) => {
          const before = await tx.sessionByFamily('line', NOW);
          if (before?.refresh === undefined) throw new Error('The line is gone.');
          const superseded = [...before.refresh.superseded, before.tokenHash];
          await tx.saveSession({ ...before, tokenHash: `${side} ${time}`, refresh: { ...before.refresh, superseded } });
        }),
      );
      const after = await world.store.sessionByFamily('line', NOW);
      expect(new Set([...(after?.refresh?.superseded ?? []), after?.tokenHash]).size).toBe(41);
    });

    it('take a cap to its end and not beyond', async () => {
      const cap = { key: 'mails', most: 7, windowMs: 60_000 };
      const taken = await both(10, (store) => store.transact([], (tx) => tx.takeCaps([cap], NOW * 1000)));
      expect(taken.filter(Boolean)).toHaveLength(7);
    });

    it('[RO.order] show in a snapshot a chat and its events as of one moment, while the other writes', async () => {
      const chat = await begin();
      const beside = await world.beside();
      const writer = { isDone: false };
      const writing = Promise.all(
        Array.from({ length: EACH }, () => beside.transact([visitorLock('vera')], (tx) => tx.append(chat, say('hi'), NOW))),
      ).finally(() => {
        writer.isDone = true;
      });
      const seen = new Set<number>();
      while (!writer.isDone) {
        const [last, events] = await world.store.snapshot(async (at) => [
          (await at.chat('shop', chat.summary.id))?.summary.lastSeq,
          (await at.eventsAfter('shop', chat.summary.id, 0, 1_000)).length,
        ]);
        expect(events).toBe(last);
        seen.add(events ?? 0);
        // SQLite reads without ever leaving this turn of the event loop, in which nobody would come to write.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await writing;
      await beside.close();
      expect(seen.size).toBeGreaterThan(0);
      await add(chat, say('after it all'));
      expect(await eventsOf(chat)).toHaveLength(EACH + 2);
    });
  });
}
