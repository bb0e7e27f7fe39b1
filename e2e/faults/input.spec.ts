/**
 * Peers that say what no client of ours says: every field in every wrong shape, frames that are none, a flood, and two
 * operators who want the same. And one who does not listen.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { faultyBuild } from './builds.ts';
import { expectSound } from './checker.ts';
import { rawOperator, rawVisitor } from './raw.ts';
import { expect, test, until, type FaultWorld } from './world.ts';

/** Values for a text field that holds `max` characters at most, and what should come of a well-made one. */
function strangeTexts(max: number): unknown[] {
  return [
    '',
    ' ',
    'a',
    'a'.repeat(max),
    'a'.repeat(max + 1),
    '😀'.repeat(Math.floor(max / 2)),
    'مرحبا \u202e drawkcab',
    'a\0b',
    'lone \ud800 surrogate',
    '<img src=x onerror=alert(1)>',
    "'; DROP TABLE event; --",
    '{{constructor}}',
    0,
    -1,
    1.5,
    1e308,
    true,
    null,
    [],
    {},
    ['a'],
    { text: 'a' },
  ];
}

const STRANGE: unknown[] = [...strangeTexts(64), Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1, 'x'.repeat(5_000)];

/** Well-made commands, and for each field the length it may have. */
const COMMANDS: Record<string, unknown>[] = [
  { kind: 'message.send', text: 'hello', group: null },
  { kind: 'chat.start', group: null },
  { kind: 'file.send', file: 'none' },
  { kind: 'rating.set', mark: 3 },
  { kind: 'card.set', card: { name: 'Vera' } },
  { kind: 'transcript.mail', address: 'vera@example.com' },
  { kind: 'request.send', request: { message: 'call me' } },
  { kind: 'messages.read', chat: 'none', seq: 1 },
  { kind: 'chat.close' },
];

function* strangeCommands(): Generator<Record<string, unknown>> {
  for (const command of COMMANDS) {
    for (const field of [...Object.keys(command), 'more']) {
      const values = field === 'text' ? [...STRANGE, ...strangeTexts(4_096)] : STRANGE;
      for (const value of values) yield { ...command, [field]: value };
      const { [field]: _, ...without } = command;
      yield without;
    }
    for (const inner of Object.keys(command).filter((field) => typeof command[field] === 'object' && command[field] !== null)) {
      for (const name of ['name', 'email', 'phone', 'message', 'group_id', 'more'])
        for (const value of STRANGE) yield { ...command, [inner]: { [name]: value } };
    }
  }
}

test('[fault 51] every field in every wrong shape: told by field, connection alive', async ({ start }) => {
  test.setTimeout(120_000);
  const world = await start({ env: { LOG_LEVEL: 'debug' } });
  const visitor = await rawVisitor(world.road(), world.site);
  const neighbour = world.person().page();
  await neighbour.online();
  let count = 0;
  for (const command of strangeCommands()) {
    const uid = randomUUID();
    visitor.tell({ t: 'send', items: [{ uid, ...command }] });
    count += 1;
    if (count % 25 === 0)
      await until(
        () => visitor.code !== undefined || visitor.heard.some((frame) => frame.t !== 'evt' && 'uid' in frame && frame.uid === uid),
        `an answer to ${JSON.stringify(command).slice(0, 200)}`,
      );
    expect(visitor.code, JSON.stringify(command).slice(0, 200)).toBeUndefined();
  }
  await until(() => visitor.heard.filter(({ t }) => t === 'ack' || t === 'nack').length === count, 'every command is answered');
  const nacks = visitor.heard.filter((frame) => frame.t === 'nack');
  expect(new Set(nacks.map(({ retry }) => retry))).toEqual(new Set([false]));
  expect(nacks.map(({ code }) => code)).not.toContain('internal');
  expect(nacks.length).toBeGreaterThan(count / 2);

  // A megabyte is more than a frame may be: the connection ends, with the code that says so.
  visitor.tell({ t: 'send', items: [{ uid: randomUUID(), kind: 'message.send', text: 'x'.repeat(1_000_000), group: null }] });
  await until(() => visitor.code === 1009, 'a frame too big is refused');
  neighbour.say('undisturbed by all of it');
  await neighbour.sent();
  await expectSound(() => world.evidence());
});

/** Opens a socket by hand and returns what it takes to speak on it. */
async function shakeHands(world: FaultWorld) {
  const { host, port } = new URL(world.system.chat);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `GET /socket HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${world.system.chat}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('101 Switching Protocols');
  let heard = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => (heard = Buffer.concat([heard, data])));
  return {
    write: (...parts: Buffer[]) => socket.write(Buffer.concat(parts)),
    /** The close code, once the server has said one. */
    code: () => (heard[0] === 0x88 ? heard.readUInt16BE(2) : undefined),
    end: () => socket.destroy(),
  };
}

/** The beginning of a masked frame, with a mask of nothing. */
function frame(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, 0x80 | length, 0, 0, 0, 0]);
  const head = Buffer.alloc(14);
  head[0] = first;
  head[1] = 0xff;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

const HELLO = (site: string) =>
  Buffer.from(
    JSON.stringify({
      t: 'hello',
      v: 1,
      site,
      tab: 'abcdef',
      page: { url: 'https://shop.example/', title: '' },
      isInvitable: false,
      cursors: {},
    }),
  );

test('[fault 52] frames that are no frames: closed with a code', async ({ start }) => {
  const world = await start();
  const cases: [name: string, code: number, write: (hand: Awaited<ReturnType<typeof shakeHands>>) => void][] = [
    ['binary', 4400, ({ write }) => write(frame(0x82, 3), Buffer.from('abc'))],
    ['no JSON', 4400, ({ write }) => write(frame(0x81, 3), Buffer.from('abc'))],
    ['JSON that is no frame', 4400, ({ write }) => write(frame(0x81, 2), Buffer.from('[]'))],
    ['a command before the hello', 4400, ({ write }) => write(frame(0x81, 12), Buffer.from('{"t":"pong"}'))],
    ['invalid UTF-8', 1007, ({ write }) => write(frame(0x81, 2), Buffer.from([0xc3, 0x28]))],
    ['64 MB announced', 1009, ({ write }) => write(frame(0x81, 64 * 1024 * 1024))],
    [
      'fragments without an end',
      1009,
      ({ write }) => {
        write(frame(0x01, 100), Buffer.alloc(100, 'a'));
        for (let part = 0; part < 1_000; part += 1) write(frame(0x00, 100), Buffer.alloc(100, 'a'));
      },
    ],
    ['a fragment of nothing', 1002, ({ write }) => write(frame(0x00, 1), Buffer.from('a'))],
    ['an unmasked frame', 1002, ({ write }) => write(Buffer.from([0x81, 0x01, 0x61]))],
    ['a reserved kind', 1002, ({ write }) => write(frame(0x83, 0))],
  ];
  for (const [name, code, write] of cases) {
    const hand = await shakeHands(world);
    write(hand);
    await until(() => hand.code() !== undefined, `${name} is answered`, 10_000);
    expect(hand.code(), name).toBe(code);
    hand.end();
  }
  // A frame in pieces is a frame all the same.
  const hand = await shakeHands(world);
  const hello = HELLO(world.site);
  [...hello].forEach((byte, at) => hand.write(frame(at === 0 ? 0x01 : at === hello.length - 1 ? 0x80 : 0x00, 1), Buffer.from([byte])));
  const operator = await world.operator();
  await until(() => operator.session.visitors.value.length === 1, 'the page is taken in');
  expect(hand.code()).toBeUndefined();
  hand.end();
});

test('[fault 53] a flood of typing: few pass, nobody else is touched', async ({ start }) => {
  const world = await start();
  const { person, operator, visitor } = await world.conversation();
  const listener = await rawOperator(world.road(), await world.account('Listening'));
  const flooder = await rawVisitor(world.road(), world.site);
  const id = flooder.heard.find((frame) => frame.t === 'welcome')?.visitor ?? '';
  listener.tell({ t: 'watch', visitor: id });
  await until(() => listener.heard.some((frame) => frame.t === 'opened'), 'it is watched');
  const page = person.pages[0];
  for (let round = 0; round < 3; round += 1) {
    for (let key = 0; key < 1_000; key += 1) flooder.tell({ t: 'typing', text: `key ${round * 1_000 + key}` });
    page?.say(`in the flood ${round}`);
    await page?.sent();
  }
  await until(() => listener.heard.some((frame) => frame.t === 'draft'), 'somebody typing is seen');
  // Two in a second; on however slow a machine three thousand keys do not take so long that many would pass.
  expect(listener.heard.filter((frame) => frame.t === 'draft').length).toBeLessThan(300);
  expect([page?.notes.closes, operator.notes.closes]).toEqual([[], []]);
  await operator.answer(visitor, 'undisturbed');
  await expectSound(() => world.evidence());
});

test('[fault 50] two operators accept at once: one wins, the other sees a notice', async ({ start }) => {
  const world = await start();
  const both = [await world.operator('Olga'), await world.operator('Anna')];
  for (let round = 1; round <= 8; round += 1) {
    const page = world.person(`visitor ${round}`).page();
    await page.online();
    page.say(`who is there? ${round}`);
    await page.sent();
    const visitor = page.session.visitorId.value ?? '';
    for (const operator of both) {
      for (const { id } of operator.session.notices.value) operator.session.dismissNotice(id);
      await operator.open(visitor);
      await until(() => operator.session.current.value?.chat?.isOpen === true, 'both see the chat');
    }
    for (const operator of both) operator.session.join();
    await until(() => both.filter(({ session }) => session.notices.value.length > 0).length === 1, 'one is told');
    expect(both.flatMap(({ session }) => session.notices.value)).toMatchObject([
      { type: 'refused', kind: 'chat.join', code: 'already_taken', about: visitor },
    ]);
    const winner = both.find(({ session }) => session.notices.value.length === 0)?.session.self.value.id;
    await until(() => both.every(({ session }) => session.current.value?.chat?.operator?.id === winner), 'both see who has it');
    await until(() => page.session.operator.value !== null, 'the visitor sees it too');
    expect(page.events.filter(({ name }) => name === 'operatorjoined').length).toBe(1);
  }
  await expectSound(() => world.evidence());
});

test('[fault 49] a client that reads too slowly: drafts are dropped, then the connection; it resumes', async ({ start }) => {
  test.setTimeout(180_000);
  // Who is shut out learns why when it reads again, which on a busy machine is later than the server waits for that; nothing else is changed.
  const build = faultyBuild(['CLOSING_MS = 2e3;', 'CLOSING_MS = 6e5;']);
  // The program is loaded; its pages are not asked for here.
  const world = await start({ main: build.main, rates: { typingPerSecond: 10_000 }, timing: { dropMs: 600_000 } }).finally(() =>
    build.remove(),
  );
  const { person, operator, visitor } = await world.conversation();
  // What somebody asks for is made only as fast as it is read; what others say is not. Several say it, because one has a day's measure.
  const people = [person, ...Array.from({ length: 4 }, (_, n) => world.person(`Vera ${n + 2}`))];
  const pages = people.map((each) => each.pages[0] ?? each.page());
  for (const page of pages) {
    page.say('something to begin with');
    await page.sent();
  }

  const typist = await rawVisitor(world.road(), world.site);
  const typing = typist.heard.find((frame) => frame.t === 'welcome')?.visitor ?? '';
  const slow = await rawOperator(world.road(), await world.account('Slow'));
  const quick = await rawOperator(world.road(), await world.account('Quick'));
  const watched = [...pages.map((page) => page.session.visitorId.value ?? ''), typing];
  for (const watcher of [slow, quick]) {
    for (const each of watched) watcher.tell({ t: 'watch', visitor: each });
    await until(() => watcher.heard.filter((frame) => frame.t === 'opened').length === watched.length, 'all are watched');
  }
  const linesTo = ({ heard }: typeof slow): number[] =>
    heard.flatMap((frame) =>
      frame.t === 'evt' && frame.event.kind === 'message.added' && frame.event.text.includes('\u{1F600}')
        ? [parseInt(frame.event.text, 10)]
        : [],
    );
  const draftsTo = ({ heard }: typeof slow): number[] =>
    heard.flatMap((frame) => (frame.t === 'draft' && frame.text !== '' ? [Number(frame.text.split(' ')[1])] : []));
  // Each line is 16 KB, and the network between holds a few megabytes of them. Between some of them somebody types.
  const AT_ONCE = 8;
  let said = 0;
  for (let count = 64; slow.code === undefined && count <= 512; count *= 2) {
    slow.ws.pause();
    for (const end = said + count; said < end;) {
      const page = pages[(said / AT_ONCE) % pages.length];
      for (let line = 0; line < AT_ONCE; line += 1) page?.say(`${(said += 1)} ${'\u{1F600}'.repeat(4_090)}`);
      await until(() => linesTo(quick).includes(said), 'who reads has it');
      typist.tell({ t: 'typing', text: `draft ${said}` });
      await until(() => draftsTo(quick).includes(said), 'who reads is told');
    }
    slow.ws.resume();
    await until(() => slow.code !== undefined || linesTo(slow).includes(said), 'everything is read, or the end');
  }
  expect(slow.code).toBe(4413);
  expect(draftsTo(slow).length).toBeGreaterThan(0);
  // The server dropped outdated drafts before it dropped the connection: many messages followed the last draft that arrived.
  expect(Math.max(...linesTo(slow))).toBeGreaterThan(Math.max(...draftsTo(slow)) + AT_ONCE);
  expect([pages.flatMap((page) => page.notes.closes), operator.notes.closes, quick.code, typist.code]).toEqual([
    [],
    [],
    undefined,
    undefined,
  ]);

  const again = await rawOperator(world.road(), await world.account('Back again'));
  again.tell({ t: 'watch', visitor });
  const latest = pages[0]?.session.messages.value.at(-1)?.text;
  await until(
    () => again.heard.some((frame) => frame.t === 'opened' && frame.history.items.some(({ text }) => text === latest)),
    'it is brought up to date',
  );
  await expectSound(() => world.evidence());
});
