/**
 * Reading by weight: whatever somebody has made long is answered in pieces, each asked for, each paid for, and others are served in
 * between. The clients here are the clients' own cursors over a real socket.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createCursors } from '../../shared/client/cursors.ts';
import { createGatewayWorld, batch, say, type Client, type GatewayWorld } from '../testing/gateway-world.ts';
import { ANSWER_BYTES } from '../sockets/reading.ts';
import { SITE } from '../testing/room-world.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function open(rates: object = {}): Promise<GatewayWorld> {
  const world = await createGatewayWorld({ limits: { rates } });
  closers.push(() => world.close());
  return world;
}

/** As long as a message may be: 16 KB. */
const LONG = '\u{1F600}'.repeat(4_080);
/** Of an answer, what stands around the messages: the welcome with its settings, the names of events. */
const AROUND = 16 * 1024;

/** A visitor who has said so much in each of some chats, one after the other. */
async function writeLong(world: GatewayWorld, ...talks: number[]) {
  const { access, visitor, session } = await world.enter();
  const who = { site: SITE, visitor, presence: visitor, tab: 'tab', session };
  const give = (command: object) => world.rooms.visitor(who, { uid: randomUUID(), ...command } as never, { address: '192.0.2.1' });
  for (const [i, count] of talks.entries()) {
    if (i > 0) await give({ kind: 'chat.close' });
    for (let n = 0; n < count; n += 1) await give(say(`${i}.${n} ${LONG}`));
  }
  const chats = (await world.store.chatsOf(SITE, visitor)).map(({ summary }) => summary);
  return { access, visitor, chats };
}

type AnyClient = Pick<Client<unknown, { t: string }>, 'ws'>;

/** What each answer weighs: the bytes from one request of the client to the next. */
function weigh({ ws }: AnyClient): number[] {
  const answers = [0];
  ws.on('message', (data) => (answers[answers.length - 1] = (answers.at(-1) ?? 0) + Buffer.byteLength(String(data))));
  return answers;
}

describe('a long chat', () => {
  it('[FF.A4] a client catches up in pieces it asks for: all chats, in order, each once, while more is said', async () => {
    const world = await open();
    const { access, visitor, chats } = await writeLong(world, 25, 25, 25);
    const [first, second] = [chats[0]?.id ?? '', chats[1]?.id ?? ''];
    // Of the third this client has never heard.
    const page = await world.openVisitor();
    const answers = weigh(page);
    const heard: string[] = [];
    const clock = { now: () => 0, elapsed: () => 0, after: () => () => undefined };
    const cursors = createCursors<{ chat: string; seq: number }>({
      clock,
      sync(chat, after) {
        answers.push(0);
        page.send({ t: 'sync', chat, after });
      },
    });
    cursors.set(first, 3);
    cursors.set(second, chats[1]?.lastSeq ?? 0);
    page.ws.on('message', (data) => {
      const frame = JSON.parse(String(data));
      if (frame.t === 'evt') for (const { chat, seq } of cursors.take(frame.event)) heard.push(`${chat} ${seq}`);
      if (frame.t === 'more') cursors.expect(frame.chat, frame.seq);
    });
    page.send(world.hello({ access, epoch: world.store.epoch, cursors: { [first]: 3, [second]: chats[1]?.lastSeq ?? 0 } }));
    expect(await page.next('welcome')).toMatchObject({ resumed: true, history: null });
    const other = await world.page({ access });
    other.send(batch(say('meanwhile')));
    await other.next('ack');
    const events = (chat: string, from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${chat} ${from + i}`);
    const third = (await world.store.lastChatOf(SITE, visitor))?.summary;
    const all = [...events(first, 4, chats[0]?.lastSeq ?? 0), ...events(third?.id ?? '', 1, third?.lastSeq ?? 0)];
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(all.length);
    expect(heard).toEqual(all);
    expect(cursors.incomplete).toBeUndefined();
    expect(Math.max(...answers)).toBeLessThan(ANSWER_BYTES + AROUND + 17 * 1024);
    expect(answers.length).toBeGreaterThan(5);
  });

  it('[FF.A4] a welcome, and each page of history down to the beginning, holds no more than one answer may', async () => {
    const world = await open();
    const { access } = await writeLong(world, 30);
    const page = await world.openVisitor();
    const answers = weigh(page);
    page.send(world.hello({ access }));
    const welcome = await page.next('welcome');
    let items = welcome.history?.items ?? [];
    expect(welcome.history?.hasOlder).toBe(true);
    for (let n = 1, hasOlder = true; hasOlder; n += 1) {
      answers.push(0);
      const [oldest] = items;
      page.send({ t: 'history', n, before: oldest === undefined ? null : { chat: oldest.chat, seq: oldest.seq } });
      const { page: older } = await page.next('history');
      expect(older.items.length).toBeGreaterThan(0);
      items = [...older.items, ...items];
      ({ hasOlder } = older);
    }
    expect(items.map(({ text }) => text.split(' ')[0])).toEqual(Array.from({ length: 30 }, (_, i) => `0.${i}`));
    expect(Math.max(...answers)).toBeLessThan(ANSWER_BYTES + AROUND);
  });

  it('[FF.A4] is opened by an operator, gone on with after a cut, and paged through, in pieces as well', async () => {
    const world = await open();
    const { visitor, chats } = await writeLong(world, 40);
    const chat = chats[0]?.id ?? '';
    const ann = await world.addOperator('Ann');
    const place = await world.workplace(ann);
    const answers = weigh(place);
    place.send({ t: 'watch', visitor });
    const { history } = await place.next('opened');
    expect(history.hasOlder).toBe(true);
    answers.push(0);
    place.send({ t: 'history', n: 1, visitor, before: { chat, seq: history.items[0]?.seq ?? 0 } });
    expect((await place.next('history')).page.items.at(-1)?.seq).toBe((history.items[0]?.seq ?? 0) - 1);
    const back = await world.workplace(ann, { epoch: world.store.epoch, watching: [{ visitor, cursors: { [chat]: 2 } }] });
    const pieces = weigh(back);
    let reached = 2;
    for (let isWhole = false; !isWhole;) {
      isWhole = true;
      for (const frame of await back.rest()) {
        if (frame.t === 'evt') expect(frame.event.seq).toBe((reached += 1));
        if (frame.t !== 'more') continue;
        isWhole = false;
        pieces.push(0);
        back.send({ t: 'sync', chat, after: reached });
      }
    }
    expect(reached).toBe(chats[0]?.lastSeq);
    expect(Math.max(...answers, ...pieces)).toBeLessThan(ANSWER_BYTES + AROUND);
    expect(pieces.length).toBeGreaterThan(4);
  });
});

describe('reading', () => {
  it('[FF.A4] is paid for by weight: long answers are fewer, by visitors and by operators', async () => {
    const world = await open({ readsPerSecond: 1, readsBurst: 40, readsPerPageSecond: 1, readsPerPageBurst: 40 });
    const long = await writeLong(world, 20);
    const place = await world.workplace(await world.addOperator('Ann'));
    const count = async (client: AnyClient & { send(frame: never): void }, ask: (n: number) => object) => {
      let answered = 0;
      client.ws.on('message', (data) => (answered += Number(String(data).startsWith('{"t":"history"'))));
      for (let n = 0; n < 30; n += 1) client.send(ask(n) as never);
      // Its next word is answered after those that may be, because the clock stands still: nobody's turn comes any more.
      let before = -1;
      while (before !== answered) {
        before = answered;
        for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      return answered;
    };
    const byOperator = await count(place, (n) => ({ t: 'history', n, visitor: long.visitor, before: null }));
    const heavy = await count(await world.page({ access: long.access }), (n) => ({ t: 'history', n, before: null }));
    expect(byOperator).toBeGreaterThan(1);
    expect(byOperator).toBeLessThanOrEqual(6);
    expect(heavy).toBeGreaterThan(1);
    expect(heavy).toBeLessThanOrEqual(5);
    const fresh = await open({ readsPerSecond: 1, readsBurst: 40, readsPerPageSecond: 1, readsPerPageBurst: 40 });
    expect(await count(await fresh.page({ access: (await fresh.enter()).access }), (n) => ({ t: 'history', n, before: null }))).toBe(30);
  });

  it('[FF.A4] between two pieces others are answered: at most one round of them comes before a message', async () => {
    const world = await open();
    const { access, chats } = await writeLong(world, 30);
    const chat = chats[0]?.id ?? '';
    const reader = await world.page({ access });
    const talker = await world.page({ access: (await world.enter()).access });
    let pieces = 0;
    reader.ws.on('message', (data) => (pieces += Number(String(data).startsWith('{"t":"more"'))));
    for (let i = 0; i < 60; i += 1) reader.send({ t: 'sync', chat, after: 0 });
    await expect.poll(() => pieces).toBeGreaterThan(0);
    talker.send(batch(say('hello')));
    await talker.next('ack');
    // Sixty were asked for before; the answer has not waited for them.
    expect(pieces).toBeLessThan(60);
    await expect.poll(() => pieces, { timeout: 20_000 }).toBe(60);
  });
});
