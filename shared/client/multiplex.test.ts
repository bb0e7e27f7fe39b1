/** Several pages on one socket: what the leader and its followers hear, and what becomes of them when one goes. */
import { expect, test } from 'vitest';
import { addChannel } from '../wire/multiplex.ts';
import { MOVED } from './transport.ts';
import { manualClock, flushPromises } from '../testing/clock-and-store.ts';
import { createMultiplex, type PeerFrame } from './multiplex.ts';

/** Pages of one browser that hear each other, as long as they are awake. Each may have a socket of its own. */
function browser() {
  const clock = manualClock();
  const pages: ReturnType<typeof page>[] = [];
  let ids = 0;

  function page(name: string) {
    const told: string[] = [];
    const line = {
      isLeading: false,
      isOpen: false,
      sent: [] as string[],
      send: (text: string) => void line.sent.push(text),
      summon: () => void told.push('summoned'),
      renew: () => void told.push('renewed'),
    };
    const listener = {
      open: () => void told.push('open'),
      message: (data: unknown) => void told.push(String(data)),
      close: (code: number) => void told.push(`closed ${code}`),
    };
    const own: string[] = [];
    const self = {
      told,
      line,
      own,
      listener,
      isAsleep: false,
      multiplex: createMultiplex({
        me: name,
        clock,
        makeId: () => `0000000${(ids += 1).toString(16)}`,
        line,
        post(frame: PeerFrame) {
          // A page does not hear itself, and the others hear it later.
          void Promise.resolve().then(() => pages.forEach((other) => other !== self && !other.isAsleep && other.multiplex.hear(frame)));
        },
        takeOver() {
          told.push('takes over');
          line.isLeading = true;
          self.multiplex.lead();
          return Promise.resolve();
        },
        openOwn() {
          own.push('opened');
          return { send: (text) => void own.push(text), close: () => void own.push('closed') };
        },
      }),
      news: () => told.splice(0),
    };
    return self;
  }

  const [leader, follower, third] = [page('leader'), page('follower'), page('third')];
  pages.push(leader, follower, third);
  leader.line.isLeading = leader.line.isOpen = true;
  return { clock, leader, follower, third };
}

async function followed() {
  const all = browser();
  const socket = all.follower.multiplex.openChannel(all.follower.listener);
  await flushPromises();
  expect(all.follower.news()).toEqual(['open']);
  return { ...all, socket };
}

test('[TR.shared] a channel looks like a socket at both ends: it opens, carries frames, closes with a code', async () => {
  const { leader, follower, third, socket } = await followed();
  socket.send('{"t":"hello"}');
  await flushPromises();
  expect(leader.line.sent).toEqual([addChannel('{"t":"hello"}', '00000001')]);
  expect(leader.multiplex.take(addChannel('{"t":"welcome"}', '00000001'))).toBe(true);
  expect(leader.multiplex.take('{"t":"welcome"}')).toBe(false);
  await flushPromises();
  expect(follower.news()).toEqual(['{"t":"welcome"}']);
  leader.multiplex.take(addChannel('{"t":"closed","code":4401}', '00000001'));
  await flushPromises();
  expect(follower.news()).toEqual(['closed 4401']);
  leader.multiplex.take(addChannel('{"t":"evt"}', '00000001'));
  await flushPromises();
  expect([follower.news(), third.news(), leader.news()]).toEqual([[], [], []]);
});

test('a follower that closes its channel tells the server and hears nothing more', async () => {
  const { leader, follower, socket } = await followed();
  socket.close();
  await flushPromises();
  expect(leader.line.sent).toEqual([addChannel('{"t":"leave"}', '00000001')]);
  leader.multiplex.take(addChannel('{"t":"evt"}', '00000001'));
  leader.multiplex.ended(1006);
  socket.send('{"t":"pong"}');
  await flushPromises();
  expect([follower.news(), leader.line.sent]).toEqual([[], [addChannel('{"t":"leave"}', '00000001')]]);
});

test('followers ask a leader without a connection for one, and hear when it opens and ends', async () => {
  const { leader, follower, third } = browser();
  leader.line.isOpen = false;
  follower.multiplex.openChannel(follower.listener);
  third.multiplex.openChannel(third.listener);
  await flushPromises();
  expect([leader.news(), follower.news(), third.news()]).toEqual([['summoned', 'summoned'], [], []]);
  leader.line.isOpen = true;
  leader.multiplex.opened();
  await flushPromises();
  leader.multiplex.ended(1006);
  await flushPromises();
  expect([follower.news(), third.news()]).toEqual([
    ['open', 'closed 1006'],
    ['open', 'closed 1006'],
  ]);
});

test('followers hear no goodbye from the server: they move when the leader moves', async () => {
  const { leader, follower } = await followed();
  expect(leader.multiplex.take(addChannel('{"t":"goaway","afterMs":3000}', '00000001'))).toBe(true);
  leader.multiplex.ended(MOVED);
  await flushPromises();
  expect(follower.news()).toEqual([`closed ${MOVED}`]);
});

test('[fault 29] a follower gives up a silent leader within three seconds and leads one second later', async () => {
  const { clock, leader, follower, socket } = await followed();
  await clock.pass(60_000);
  expect(follower.news()).toEqual([]);
  leader.isAsleep = true;
  await clock.pass(3_000);
  expect(follower.news()).toEqual([`closed ${MOVED}`]);
  socket.close();
  const again = follower.multiplex.openChannel(follower.listener);
  await clock.pass(1_000);
  expect([follower.news(), follower.own]).toEqual([['takes over'], ['opened']]);
  again.send('{"t":"hello"}');
  again.close();
  expect(follower.own).toEqual(['opened', '{"t":"hello"}', 'closed']);
});

test('[fault 30] a follower speaks with the leader that answered first, and moves when another one leads', async () => {
  const { leader, follower, third } = browser();
  third.line.isLeading = third.line.isOpen = true;
  const socket = follower.multiplex.openChannel(follower.listener);
  await flushPromises();
  socket.send('{"t":"hello"}');
  await flushPromises();
  expect([leader.line.sent.length, third.line.sent.length]).toEqual([1, 0]);
  follower.news();
  follower.multiplex.hear({ t: 'leads', leader: 'leader' });
  expect(follower.news()).toEqual([]);
  follower.multiplex.hear({ t: 'leads', leader: 'third' });
  expect(follower.news()).toEqual([`closed ${MOVED}`]);
});

test('a follower that nobody answered asks the page that says it leads', async () => {
  const { leader, follower } = browser();
  leader.line.isLeading = false;
  follower.multiplex.openChannel(follower.listener);
  await flushPromises();
  leader.line.isLeading = true;
  follower.multiplex.hear({ t: 'leads', leader: 'leader' });
  await flushPromises();
  expect(follower.news()).toEqual(['open']);
});

test('a follower leaves its channel when it leads, and comes again when the leader does not know it', async () => {
  const { clock, leader, follower, third, socket } = await followed();
  leader.multiplex.ended(1006);
  follower.isAsleep = true;
  await flushPromises();
  follower.isAsleep = false;
  socket.send('{"t":"typing"}');
  await flushPromises();
  expect(follower.news()).toEqual([`closed ${MOVED}`]);

  third.multiplex.openChannel(third.listener);
  await flushPromises();
  third.multiplex.lead();
  expect(third.news()).toEqual(['open', `closed ${MOVED}`]);
  await clock.pass(10_000);
  expect([follower.news(), third.news()]).toEqual([[], []]);
});

test('a leader renews its connection after a channel on which nothing came back for long', async () => {
  const { clock, leader, socket } = await followed();
  socket.close();
  await flushPromises();
  expect(leader.news()).toEqual([]);

  const second = await followed();
  await second.clock.pass(20_000);
  second.socket.close();
  await flushPromises();
  expect(second.leader.news()).toEqual(['renewed']);
  await clock.pass(0);
});
