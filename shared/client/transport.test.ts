import { expect, test } from 'vitest';
import { countingChance, manualClock, flushPromises } from '../testing/clock-and-store.ts';
import { DEFAULT_CLIENT_TIMING } from '../wire/protocol.ts';
import { createTransport, MOVED, type SocketListener, type TransportHandlers } from './transport.ts';

interface Frame {
  t: string;
}

function world({ fraction = 1 } = {}) {
  const clock = manualClock();
  const sockets: { listener: SocketListener; sent: Frame[]; isClosed: boolean }[] = [];
  const log: string[] = [];
  let isReady = true;
  const transport = createTransport<Frame>({
    clock,
    chance: { ...countingChance(), fraction: () => fraction },
    openSocket(listener) {
      const socket = { listener, sent: [] as Frame[], isClosed: false };
      sockets.push(socket);
      return { send: (text) => void socket.sent.push(JSON.parse(text)), close: () => void (socket.isClosed = true) };
    },
  });
  const handlers: TransportHandlers<Frame> = {
    prepare: () => Promise.resolve(isReady),
    onOpen: () => void transport.send({ t: 'hello' }),
    onFrame: ({ t }) => void log.push(t),
    onStatus: (status) => void log.push(status),
  };
  const last = () => sockets.at(-1)!;
  const say = (frame: object) => last().listener.message(JSON.stringify(frame));
  const goOnline = async () => {
    await flushPromises();
    last().listener.open();
    say({ t: 'welcome', timing: DEFAULT_CLIENT_TIMING });
  };
  const start = async () => {
    transport.start(handlers);
    await goOnline();
    log.length = 0;
  };
  return { clock, sockets, log, transport, handlers, last, say, goOnline, start, ready: (value: boolean) => (isReady = value) };
}

test('a connection is online with the welcome, which follows the status', async () => {
  const { transport, handlers, goOnline, log, last } = world();
  transport.start(handlers);
  await goOnline();
  expect(log).toEqual(['connecting', 'online', 'welcome']);
  expect(last().sent).toEqual([{ t: 'hello' }]);
});

test('[TR.backoff] attempts wait 0.5 s, doubling to 30 s, and a stable connection begins anew', async () => {
  const { transport, handlers, clock, sockets, last, goOnline } = world();
  transport.start(handlers);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 8; attempt += 1) {
    await flushPromises();
    const before = clock.now();
    const count = sockets.length;
    last().listener.close(1006);
    while (sockets.length === count) await clock.pass(100);
    waits.push(clock.now() - before);
  }
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  await goOnline();
  for (let tick = 0; tick < 3; tick += 1) {
    await clock.pass(10_000);
    last().listener.message('{"t":"ping"}');
  }
  const count = sockets.length;
  last().listener.close(1006);
  await clock.pass(500);
  expect(sockets.length).toBe(count + 1);
});

test('[TR.backoff] a failed preparation is a failed attempt: no socket, offline, again later', async () => {
  const { transport, handlers, sockets, log, ready, clock, goOnline } = world();
  ready(false);
  transport.start(handlers);
  await flushPromises();
  expect(log).toEqual(['connecting', 'offline']);
  expect(sockets).toHaveLength(0);
  ready(true);
  await clock.pass(500);
  await goOnline();
  expect(transport.status).toBe('online');
});

test('a waiting attempt is made at once when the world has changed', async () => {
  const { start, last, transport, sockets } = world();
  await start();
  last().listener.close(1006);
  transport.wake();
  await flushPromises();
  expect(sockets).toHaveLength(2);
});

test('[TR.liveness] a ping is answered and not passed on', async () => {
  const { start, say, last, log } = world();
  await start();
  say({ t: 'ping' });
  expect(last().sent.at(-1)).toEqual({ t: 'pong' });
  expect(log).toEqual([]);
});

test('[TR.liveness] 45 s of silence end a connection while the page can be seen', async () => {
  const { start, log, clock, transport, last } = world();
  await start();
  await clock.pass(44_000);
  last().listener.message('{"t":"ping"}');
  await clock.pass(44_000);
  expect(transport.status).toBe('online');
  await clock.pass(1_000);
  expect(log).toEqual(['offline']);
});

test('[TR.liveness] a clock that is set back does not make a silent connection live on', async () => {
  const { start, log, clock } = world();
  await start();
  clock.jump(-86_400_000);
  await clock.pass(90_000);
  expect(log).toEqual(['offline']);
});

test('[TR.liveness] a hidden page does not judge; shown again, it does at once', async () => {
  const { start, clock, transport } = world();
  await start();
  transport.setVisible(false);
  await clock.pass(600_000);
  expect(transport.status).toBe('online');
  transport.setVisible(true);
  expect(transport.status).toBe('offline');
});

test('[TR.liveness] an unanswered send is judged after 10 s', async () => {
  const { start, clock, transport } = world();
  await start();
  transport.expect(true);
  await clock.pass(9_999);
  expect(transport.status).toBe('online');
  await clock.pass(1);
  expect(transport.status).toBe('offline');
});

test('[TR.liveness] on a slow line the answer may take longer, as long as anything comes', async () => {
  const { start, say, clock, transport } = world();
  await start();
  transport.expect(true);
  await clock.pass(9_000);
  say({ t: 'evt' });
  await clock.pass(9_999);
  expect(transport.status).toBe('online');
  await clock.pass(1);
  expect(transport.status).toBe('offline');
});

test('[TR.liveness] a long frame gets the time of the slowest line, but no more than the silence limit', async () => {
  const { start, clock, transport } = world();
  await start();
  transport.send({ t: 'send', text: 'x'.repeat(8_000) });
  transport.expect(true);
  await clock.pass(25_900);
  expect(transport.status).toBe('online');
  await clock.pass(200);
  expect(transport.status).toBe('offline');

  const second = world();
  await second.start();
  second.transport.send({ t: 'send', text: 'x'.repeat(40_000) });
  second.transport.expect(true);
  await second.clock.pass(44_900);
  expect(second.transport.status).toBe('online');
  await second.clock.pass(200);
  expect(second.transport.status).toBe('offline');

  // What has been heard of since is no longer on its way.
  const third = world();
  await third.start();
  third.transport.send({ t: 'send', text: 'x'.repeat(8_000) });
  third.say({ t: 'ack' });
  third.transport.expect(true);
  await third.clock.pass(10_000);
  expect(third.transport.status).toBe('offline');
});

test('[TR.liveness] a socket that never gets its welcome is left', async () => {
  const { transport, handlers, clock, sockets } = world();
  transport.start(handlers);
  await clock.pass(20_000);
  expect(sockets[0]?.isClosed).toBe(true);
});

test('a goodbye moves the connection at a random moment, after what was sent is answered', async () => {
  const { start, say, transport, clock, sockets } = world({ fraction: 0.5 });
  await start();
  say({ t: 'goaway', afterMs: 4_000 });
  transport.expect(true);
  await clock.pass(3_000);
  expect(sockets).toHaveLength(1);
  await clock.pass(1_000);
  expect(sockets).toHaveLength(2);
  expect(sockets[0]?.isClosed).toBe(true);
});

test.each([4400, 4403, 4410])('after %i nothing is tried again', async (code) => {
  const { start, last, log, clock, sockets } = world();
  await start();
  last().listener.close(code);
  await clock.pass(120_000);
  expect(log).toEqual(['closed']);
  expect(sockets).toHaveLength(1);
});

test('a connection that an older hello of the same page has superseded is made again', async () => {
  const { start, goOnline, last, log, clock, sockets } = world();
  await start();
  last().listener.close(4409);
  await clock.pass(500);
  expect(sockets).toHaveLength(2);
  await goOnline();
  expect(log).toEqual(['offline', 'connecting', 'online', 'welcome']);
});

test('what an old socket says is not heard', async () => {
  const { start, sockets, transport, log } = world();
  await start();
  const old = sockets[0]!.listener;
  transport.restart();
  await flushPromises();
  log.length = 0;
  old.message('{"t":"evt"}');
  old.close(4409);
  expect(log).toEqual([]);
});

test('asleep it holds no socket and tries nothing until it is restarted', async () => {
  const { start, transport, sockets, clock } = world();
  await start();
  transport.sleep();
  await clock.pass(60_000);
  expect(sockets).toHaveLength(1);
  expect(sockets[0]?.isClosed).toBe(true);
  transport.restart();
  await flushPromises();
  expect(sockets).toHaveLength(2);
});

test('closed for ever: no timer and no socket is left', async () => {
  const { start, transport, handlers, clock, sockets } = world();
  await start();
  transport.close();
  expect(transport.send({ t: 'x' })).toBe(false);
  transport.start(handlers);
  await clock.pass(60_000);
  expect([clock.waiting, sockets.length, sockets[0]?.isClosed]).toEqual([0, 1, true]);
});

test('[TR.shared] the transport replaces a socket that moves at once and reports nothing', async () => {
  const { start, last, sockets, goOnline, log, transport, clock } = world();
  await start();
  last().listener.close(MOVED);
  expect([transport.status, transport.send({ t: 'typing' })]).toEqual(['online', false]);
  await goOnline();
  expect([sockets.length, log]).toEqual([2, ['welcome']]);
  await clock.pass(10_000);
  expect(log).toEqual(['welcome']);
});

test('[TR.shared] the transport reports a slow move after three seconds, and a failed one at once', async () => {
  const { start, last, goOnline, log, clock } = world();
  await start();
  last().listener.close(MOVED);
  await clock.pass(2_900);
  expect(log).toEqual([]);
  await clock.pass(200);
  expect(log).toEqual(['connecting']);
  await goOnline();
  expect(log.splice(0)).toEqual(['connecting', 'online', 'welcome']);
  last().listener.close(MOVED);
  await clock.pass(0);
  last().listener.close(1006);
  expect(log).toEqual(['offline']);
});

test('[TR.backoff] a socket that moves before its welcome was a failed attempt', async () => {
  const { transport, handlers, last, sockets, log, clock } = world();
  transport.start(handlers);
  await clock.pass(0);
  last().listener.close(MOVED);
  expect(log).toEqual(['connecting', 'offline']);
  expect(sockets).toHaveLength(1);
  await clock.pass(500);
  expect(sockets).toHaveLength(2);
});
