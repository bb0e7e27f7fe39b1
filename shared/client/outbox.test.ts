import { expect, test } from 'vitest';
import { manualClock, fakeStore, flushPromises } from '../testing/clock-and-store.ts';
import { createOutbox, utf8Length } from './outbox.ts';

interface Command {
  uid: string;
  text: string;
  isMessage?: boolean;
}

function world({ isStoring = true } = {}) {
  const clock = manualClock();
  const store = fakeStore<Command>();
  const sent: string[][] = [];
  const told: string[] = [];
  let isTaken = true;
  const outbox = createOutbox<Command>({
    clock,
    store,
    isStoring,
    send(items) {
      if (isTaken) sent.push(items.map(({ uid }) => uid));
      return isTaken;
    },
    onAck: ({ uid }, { chat }) => void told.push(`ack ${uid} ${chat}`),
    onFailed: ({ uid }, code) => void told.push(`failed ${uid} ${code}`),
    keepsFailed: ({ isMessage = true }) => isMessage,
  });
  const add = async (...uids: string[]) => {
    for (const uid of uids) outbox.add({ uid, text: uid });
    await flushPromises();
  };
  const ack = (uid: string) => outbox.ack(uid, { chat: 'c' });
  return { clock, store, sent, told, outbox, add, ack, take: (value: boolean) => (isTaken = value) };
}

test('[OB.stored] an item is stored before it is sent', async () => {
  const { outbox, sent, store } = world();
  outbox.open();
  outbox.add({ uid: 'a', text: '' });
  expect(sent).toEqual([]);
  await flushPromises();
  expect(store.rows.has('a')).toBe(true);
  expect(sent).toEqual([['a']]);
});

test('[OB.stored] the line waits one second for a store that hangs, not at all for one that refuses, and admits both', async () => {
  const { outbox, sent, store, clock, add } = world();
  outbox.open();
  store.mood = 'stuck';
  await add('a');
  await clock.pass(999);
  expect(sent).toEqual([]);
  expect(outbox.isForgetful).toBe(false);
  await clock.pass(1);
  expect(sent).toEqual([['a']]);
  expect(outbox.isForgetful).toBe(true);
  const refusing = world();
  refusing.outbox.open();
  refusing.store.mood = 'fail';
  await refusing.add('b');
  expect(refusing.sent).toEqual([['b']]);
  expect(refusing.outbox.isForgetful).toBe(true);
});

test('[OB.stored] one batch is in flight; the next goes when the last item is answered', async () => {
  const { outbox, sent, add, ack } = world();
  await add('a', 'b');
  outbox.open();
  await add('c');
  expect(sent).toEqual([['a', 'b']]);
  ack('a');
  expect(sent).toHaveLength(1);
  ack('b');
  expect(sent).toEqual([['a', 'b'], ['c']]);
});

test('[OB.once] after a break everything unanswered goes again in its order', async () => {
  const { outbox, sent, add, ack } = world();
  await add('a', 'b', 'c');
  outbox.open();
  ack('a');
  outbox.shut();
  await add('d');
  outbox.open();
  expect(sent).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c', 'd'],
  ]);
});

test('[OB.once] the outbox reports an answered item once and removes it from the store', async () => {
  const { outbox, store, told, add, ack } = world();
  outbox.open();
  await add('a');
  ack('a');
  ack('a');
  await flushPromises();
  expect(told).toEqual(['ack a c']);
  expect(store.rows.size).toBe(0);
});

test('[OB.once] an item answered while it is being stored does not come back on the next page', async () => {
  const { outbox, store, clock } = world();
  let finish = (): void => undefined;
  store.put = (item) =>
    new Promise<void>((resolve) => {
      finish = () => {
        store.rows.set(item.uid, item);
        resolve();
      };
    });
  outbox.open();
  outbox.add({ uid: 'a', text: '' });
  await clock.pass(1_000);
  outbox.ack('a', { chat: null });
  finish();
  await flushPromises();
  expect(store.rows.size).toBe(0);
});

test('[OB.failed] "later" keeps the item at the head and pauses the line', async () => {
  const { outbox, sent, clock, add, ack, told } = world();
  await add('a', 'b');
  outbox.open();
  outbox.nack('a', { code: 'rate_limited', message: '', retry: true, afterMs: 500 });
  outbox.nack('b', { code: 'rate_limited', message: '', retry: true, afterMs: 500 });
  expect(sent).toHaveLength(1);
  await clock.pass(500);
  expect(sent).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  ack('a');
  expect(told).toEqual(['ack a c']);
});

test('[OB.failed] a refused message stays failed until somebody decides, and blocks nobody', async () => {
  const { outbox, sent, add, told, store, ack } = world();
  await add('a', 'b');
  outbox.open();
  outbox.nack('a', { code: 'chat_closed', message: 'over', retry: false });
  ack('b');
  await flushPromises();
  expect(told).toEqual(['failed a chat_closed', 'ack b c']);
  expect(outbox.items).toMatchObject([{ uid: 'a', failed: 'chat_closed' }]);
  expect(store.rows.get('a')?.failed).toBe('chat_closed');
  outbox.resend('a');
  await flushPromises();
  expect(sent.at(-1)).toEqual(['a']);
  outbox.nack('a', { code: 'chat_closed', message: 'over', retry: false });
  outbox.discard('a');
  await flushPromises();
  expect(store.rows.size).toBe(0);
});

test('[OB.failed] a refused command that is no message is over', async () => {
  const { outbox, told } = world();
  outbox.open();
  outbox.add({ uid: 'a', text: '', isMessage: false });
  await flushPromises();
  outbox.nack('a', { code: 'no_operator', message: '', retry: false });
  expect(told).toEqual(['failed a no_operator']);
  expect(outbox.items).toEqual([]);
});

test('[OB.failed] a batch has at most 20 items and 48 KB, and an item beyond that fails alone', async () => {
  const { outbox, sent, told, add, ack } = world();
  await add(...Array.from({ length: 21 }, (_, at) => `i${at}`));
  outbox.open();
  expect(sent[0]).toHaveLength(20);
  for (const uid of sent[0] ?? []) ack(uid);
  ack('i20');
  outbox.shut();
  outbox.add({ uid: 'small', text: '' });
  outbox.add({ uid: 'large', text: 'ü'.repeat(25_000) });
  outbox.add({ uid: 'next', text: 'x'.repeat(30_000) });
  outbox.add({ uid: 'last', text: 'x'.repeat(30_000) });
  await flushPromises();
  outbox.open();
  ack('small');
  expect(told.at(-1)).toBe('failed large too_long');
  ack('next');
  expect(sent.slice(2)).toEqual([['small'], ['next'], ['last']]);
});

test('[OB.stored] what dead pages left comes before our own, once', async () => {
  const { outbox, sent, store, add, clock } = world();
  await add('mine');
  store.left = [{ uid: 'old', order: clock.now() - 1000, command: { uid: 'old', text: '' }, failed: null }];
  expect(await outbox.adopt()).toMatchObject([{ uid: 'old' }]);
  expect(await outbox.adopt()).toEqual([]);
  outbox.open();
  expect(sent).toEqual([['old', 'mine']]);
});

test('[OB.stored] new commands queue after those of dead pages, even when the clock was set back', async () => {
  const { outbox, sent, store, add, clock } = world();
  store.left = [{ uid: 'old', order: clock.now() + 3_600_000, command: { uid: 'old', text: '' }, failed: null }];
  await outbox.adopt();
  await add('mine');
  outbox.open();
  expect(sent).toEqual([['old', 'mine']]);
  expect(store.rows.get('mine')?.order).toBeGreaterThan(clock.now() + 3_600_000);
});

test('[OB.stored] nothing is stored before storing is allowed, then everything that waits', async () => {
  const { outbox, store, sent, add } = world({ isStoring: false });
  outbox.open();
  await add('a');
  expect(sent).toEqual([['a']]);
  expect(store.rows.size).toBe(0);
  outbox.startStoring();
  await flushPromises();
  expect([...store.rows.keys()]).toEqual(['a']);
});

test('[OB.stored] what the transport does not take is not on its way, and goes when the line opens', async () => {
  const { outbox, sent, add, take } = world();
  take(false);
  outbox.open();
  await add('a');
  expect(outbox.isWaiting).toBe(false);
  take(true);
  outbox.open();
  expect(sent).toEqual([['a']]);
});

test('[OB.stored] obsolete items are dropped unless they are on the wire', async () => {
  const { outbox, add } = world();
  await add('a');
  outbox.open();
  await add('b');
  outbox.prune(() => true);
  expect(outbox.items.map(({ uid }) => uid)).toEqual(['a']);
});

test('UTF-8 is counted as it travels', () => {
  expect(['a', 'ü', '€', '😀'].map(utf8Length)).toEqual([1, 2, 3, 4]);
});
