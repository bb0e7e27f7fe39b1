/**
 * The network breaks: cut anywhere, silent, losing, doubling and reordering frames. Clients and server are real, the network
 * between them is a proxy that changes nothing except by the faults. Waits are a tenth of the real ones; the slow tests run
 * with the real ones in the campaign.
 */
import { expectSound } from './checker.ts';
import { kindOf } from './proxy.ts';
import { expect, test, until, type FaultWorld } from './world.ts';
import type { Person, WirePage } from './person.ts';

/** A page whose network is `wire`, in a chat with an operator whose network is whole. */
async function chatOver(world: FaultWorld, by: { port: number }, isFramesOnly = false) {
  const way = isFramesOnly ? { ...world.road(), socketPort: by.port } : world.road(by);
  const { person, operator, visitor } = await world.conversation({ person: world.person('Vera', way) });
  return { person, operator, visitor, page: firstOf(person) };
}

function firstOf(person: Person): WirePage {
  const page = person.pages[0];
  if (page === undefined) throw new Error('nobody is there');
  return page;
}

test('[fault 3] the acknowledgement is lost on the way: one bubble, and the second answer says so', async ({ start }) => {
  const world = await start();
  const wire = await world.wire();
  const { page } = await chatOver(world, wire);
  for (let time = 1; time <= 5; time += 1) {
    wire.cutNext('down');
    const uid = page.say(`answered into the void ${time}`);
    await page.sent();
    await until(() => page.notes.acked.some((ack) => ack.uid === uid), 'it is acknowledged in the end');
    expect(page.notes.acked.filter((ack) => ack.uid === uid).map(({ dup }) => dup)).toEqual([true]);
  }
  const { views } = await expectSound(() => world.evidence());
  expect(views.map(({ shown }) => shown.length)).toEqual([7, 7]);
});

test('[fault 4] cut in the middle of a frame: sent again, once', async ({ start }) => {
  const world = await start();
  const wire = await world.wire();
  const { page } = await chatOver(world, wire);
  const points = [0, 1, 2, 5, 6, 40, 80, 120, 160];
  for (const bytes of points) {
    wire.cutNext('up', { let: bytes });
    page.say(`cut after ${bytes} bytes, first`);
    page.say(`cut after ${bytes} bytes, second`);
    await page.sent();
  }
  const { views } = await expectSound(() => world.evidence());
  expect(views.map(({ shown }) => shown.length)).toEqual([2 + 2 * points.length, 2 + 2 * points.length]);
});

test('[fault 5] cut at every step of the handshake: always comes together', async ({ start }) => {
  test.setTimeout(120_000);
  const world = await start({ timing: { client: { backoffMinMs: 5, backoffMaxMs: 20 } } });
  const wire = await world.wire();
  const { person, operator, visitor, page } = await chatOver(world, wire);
  const whole = await measure();
  for (const way of ['up', 'down'] as const) {
    // Every 37th byte of request, hello, upgrade, welcome and replay.
    for (let bytes = 1; bytes < whole[way]; bytes += 37) {
      wire.refuse(true);
      wire.cut();
      await operator.answer(visitor, `while the line was cut, ${way} ${bytes}`);
      const taken = wire.taken;
      wire.cutAfter(way, bytes);
      wire.refuse(false);
      await until(() => wire.taken >= taken + 2 && page.session.connection.value === 'online', `is back after ${bytes} bytes ${way}`);
    }
  }
  // The first thing a new page does is to ask who it is.
  for (const [way, bytes] of [
    ['up', 1],
    ['up', 150],
    ['up', 300],
    ['down', 1],
    ['down', 100],
    ['down', 700],
  ] as const) {
    wire.cutAfter(way, bytes);
    await person.page().online();
  }
  const { views } = await expectSound(() => world.evidence());
  expect(views.length).toBe(8);

  /** Bytes of one undisturbed coming back, with one event to catch up. */
  async function measure(): Promise<{ up: number; down: number }> {
    wire.refuse(true);
    wire.cut();
    await operator.answer(visitor, 'to be caught up with');
    wire.refuse(false);
    await until(() => page.session.messages.value.length === 3, 'it has caught up');
    return wire.last;
  }
});

for (const { title, tenth } of [
  { title: 'a tenth of the waits', tenth: 10 },
  { title: 'the real waits @campaign', tenth: 1 },
]) {
  const timing = {
    client: { silenceMs: 45_000 / tenth, ackMs: 10_000 / tenth, backoffMinMs: 500, backoffMaxMs: 30_000, stableMs: 100 },
    pingMs: 25_000 / tenth,
    dropMs: 60_000 / tenth,
  };

  test(`[fault 6] reset and end: back at the first attempt; silence: noticed, too (${title})`, async ({ start }) => {
    test.setTimeout(150_000);
    const world = await start({ timing });
    const wire = await world.wire();
    const { page } = await chatOver(world, wire);
    for (const ending of ['reset', 'end', 'silence'] as const) {
      const since = Date.now();
      const before = page.notes.attempts;
      wire.cut(ending);
      const took = await until(() => page.backAfter(since), `is back after ${ending}`, 60_000);
      expect(page.notes.attempts - before, ending).toBe(1);
      page.say(`after ${ending}`);
      await page.sent();
      // The next cut meets a line that has proved itself, as it does in life after half a minute.
      const back = since + took;
      await until(() => Date.now() - back > 200, 'the line is stable');
    }
    await expectSound(() => world.evidence());
  });

  test(`[fault 7] the server is frozen: told, and first to whom something is on its way (${title})`, async ({ start }) => {
    test.setTimeout(240_000);
    const world = await start({ timing });
    const { person, operator, visitor } = await world.conversation();
    const waiting = firstOf(person);
    const idle = person.page();
    await idle.online();
    const pid = world.system.pid();
    if (pid === undefined) throw new Error('no server');
    process.kill(pid, 'SIGSTOP');
    const since = Date.now();
    try {
      waiting.say('into a frozen server');
      const toldOf = (page: WirePage) => page.notes.statuses.find(({ status, at }) => status !== 'online' && at >= since)?.at;
      const first = await until(() => toldOf(waiting), 'who waits for an answer is told', 60_000);
      const second = await until(() => toldOf(idle), 'who waits for nothing is told', 60_000);
      expect(first).toBeLessThanOrEqual(second);
      expect(waiting.session.pending.value.map(({ message, failed }) => [message.text, failed])).toEqual([['into a frozen server', null]]);
      await until(() => Date.now() - since > 120_000 / tenth, 'it stays frozen', 150_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await operator.online();
    await operator.answer(visitor, 'awake again');
    await expectSound(() => world.evidence());
  });

  test(`[fault 8] a client gone silent: the server lets go of it (${title})`, async ({ start }) => {
    test.setTimeout(150_000);
    const world = await start({ timing });
    const wire = await world.wire();
    const operator = await world.operator();
    const page = world.person('Vera', world.road(wire)).page();
    await page.online();
    await until(() => operator.session.visitors.value.length === 1, 'the operator sees the visitor');
    wire.refuse(true);
    wire.cut('silence');
    await until(() => operator.session.visitors.value.length === 0, 'the operator sees the visitor leave', 120_000);
    await until(() => wire.letGo === 1, 'the server has closed its end');
  });
}

test('[fault 9] frames doubled, up to five times, both ways: one bubble', async ({ start }) => {
  const world = await start();
  const relay = await world.relay();
  const { page, operator, visitor } = await chatOver(world, relay, true);
  for (let times = 1; times <= 5; times += 1) {
    relay.up = (frame) => Array<string>(kindOf(frame) === 'send' ? times : 1).fill(frame);
    relay.down = (frame) => Array<string>(['evt', 'ack', 'register', 'read'].includes(kindOf(frame)) ? times : 1).fill(frame);
    page.say(`sent ${times} times`);
    page.say(`and ${times} times more`);
    await operator.answer(visitor, `answered ${times} times`);
    await page.sent();
  }
  const { views } = await expectSound(() => world.evidence());
  expect(views.map(({ shown }) => shown.length)).toEqual([17, 17]);
  const delivered = page.events.flatMap((event) => (event.name === 'messagedelivered' ? [event.uid] : []));
  expect(delivered.length).toBe(new Set(delivered).size);
});

test('[fault 10] frames reordered: the order of the numbers', async ({ start }) => {
  const world = await start();
  const relay = await world.relay();
  const { page, operator, visitor } = await chatOver(world, relay, true);
  const held: string[] = [];
  relay.down = (frame) => {
    if (!['evt', 'ack'].includes(kindOf(frame))) return [frame];
    held.push(frame);
    return held.length < 4 ? [] : held.splice(0).reverse();
  };
  for (let line = 1; line <= 12; line += 1) {
    page.say(`line ${line}`);
    await operator.answer(visitor, `answer ${line}`);
  }
  await until(() => operator.view()?.shown.filter(({ message_id }) => message_id !== null).length === 26, 'all is stored');
  relay.down = (frame) => [frame, ...held.splice(0).reverse()];
  page.say('the last line');
  await page.sent();
  const { views } = await expectSound(() => world.evidence());
  expect(views.map(({ shown }) => shown.length)).toEqual([27, 27]);
  const told = page.events.flatMap((event) => (event.name === 'sendmessage' ? [event.message.text] : []));
  expect(told).toEqual(['yes, how may I help?', ...Array.from({ length: 12 }, (_, at) => `answer ${at + 1}`)]);
});

test('[fault 11] events dropped: the gap is filled at once', async ({ start }) => {
  const world = await start();
  const relay = await world.relay();
  const { page, operator, visitor } = await chatOver(world, relay, true);
  for (let time = 1; time <= 5; time += 1) {
    const shown = page.session.messages.value.length;
    let dropped = 0;
    const asked: string[] = [];
    relay.up = (frame) => (asked.push(kindOf(frame)), [frame]);
    relay.down = (frame) => (kindOf(frame) === 'evt' && (dropped += 1) === 1 ? [] : [frame]);
    await operator.answer(visitor, `dropped ${time}`);
    await operator.answer(visitor, `betrays the gap ${time}`);
    await until(() => page.session.messages.value.length === shown + 2, 'the gap is filled');
    // By the event that betrayed the gap, and by nothing that comes with time.
    expect(asked.filter((kind) => kind === 'sync')).toHaveLength(1);
  }
  let count = 0;
  // One in twenty, whichever it is.
  relay.down = (frame) => (kindOf(frame) === 'evt' && (count += 1) % 20 === 7 ? [] : [frame]);
  for (let line = 1; line <= 60; line += 1) {
    if (line % 2 === 0) page.say(`line ${line}`);
    else await operator.answer(visitor, `line ${line}`);
  }
  relay.down = (frame) => [frame];
  await page.sent();
  await operator.answer(visitor, 'the last line');
  const { views } = await expectSound(() => world.evidence());
  expect(views.map(({ shown }) => shown.length)).toEqual([73, 73]);
});
