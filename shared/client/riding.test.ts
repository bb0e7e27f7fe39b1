import { expect, test } from 'vitest';
import { named } from '../wire/rides.ts';
import { MOVED } from './transport.ts';
import { handClock, settle } from '../testing/hand.ts';
import { createRiding, type Word } from './riding.ts';

/** Pages of one browser that hear each other, as long as they are awake. Each may have a socket of its own. */
function browser() {
  const clock = handClock();
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
      riding: createRiding({
        me: name,
        clock,
        makeId: () => `0000000${(ids += 1).toString(16)}`,
        line,
        post(word: Word) {
          // Never heard by whoever says it, and never at once.
          void Promise.resolve().then(() => pages.forEach((other) => other !== self && !other.isAsleep && other.riding.hear(word)));
        },
        takeOver() {
          told.push('takes over');
          line.isLeading = true;
          self.riding.drive();
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

  const [leader, rider, third] = [page('leader'), page('rider'), page('third')];
  pages.push(leader, rider, third);
  leader.line.isLeading = leader.line.isOpen = true;
  return { clock, leader, rider, third };
}

async function riding() {
  const all = browser();
  const socket = all.rider.riding.ride(all.rider.listener);
  await settle();
  expect(all.rider.news()).toEqual(['open']);
  return { ...all, socket };
}

test('[TR.shared] a ride is to both its ends a socket: open, frames up and down, closed by the server with its code', async () => {
  const { leader, rider, third, socket } = await riding();
  socket.send('{"t":"hello"}');
  await settle();
  expect(leader.line.sent).toEqual([named('{"t":"hello"}', '00000001')]);
  expect(leader.riding.take(named('{"t":"welcome"}', '00000001'))).toBe(true);
  expect(leader.riding.take('{"t":"welcome"}')).toBe(false);
  await settle();
  expect(rider.news()).toEqual(['{"t":"welcome"}']);
  leader.riding.take(named('{"t":"closed","code":4401}', '00000001'));
  await settle();
  expect(rider.news()).toEqual(['closed 4401']);
  leader.riding.take(named('{"t":"evt"}', '00000001'));
  await settle();
  expect([rider.news(), third.news(), leader.news()]).toEqual([[], [], []]);
});

test('a page that closes its ride is told to the server, and hears nothing more', async () => {
  const { leader, rider, socket } = await riding();
  socket.close();
  await settle();
  expect(leader.line.sent).toEqual([named('{"t":"leave"}', '00000001')]);
  leader.riding.take(named('{"t":"evt"}', '00000001'));
  leader.riding.ended(1006);
  socket.send('{"t":"pong"}');
  await settle();
  expect([rider.news(), leader.line.sent]).toEqual([[], [named('{"t":"leave"}', '00000001')]]);
});

test('a leader without a connection is asked for one, and riders wait for it; with it all hear that it is open, or that it has ended', async () => {
  const { leader, rider, third } = browser();
  leader.line.isOpen = false;
  rider.riding.ride(rider.listener);
  third.riding.ride(third.listener);
  await settle();
  expect([leader.news(), rider.news(), third.news()]).toEqual([['summoned', 'summoned'], [], []]);
  leader.line.isOpen = true;
  leader.riding.opened();
  await settle();
  leader.riding.ended(1006);
  await settle();
  expect([rider.news(), third.news()]).toEqual([
    ['open', 'closed 1006'],
    ['open', 'closed 1006'],
  ]);
});

test('the server’s goodbye is the leader’s business: all move when it does', async () => {
  const { leader, rider } = await riding();
  expect(leader.riding.take(named('{"t":"goaway","afterMs":3000}', '00000001'))).toBe(true);
  leader.riding.ended(MOVED);
  await settle();
  expect(rider.news()).toEqual([`closed ${MOVED}`]);
});

test('[fault 29] a leader that falls silent is given up within three seconds, and whom nobody answers leads within another', async () => {
  const { clock, leader, rider, socket } = await riding();
  await clock.pass(60_000);
  expect(rider.news()).toEqual([]);
  leader.isAsleep = true;
  await clock.pass(3_000);
  expect(rider.news()).toEqual([`closed ${MOVED}`]);
  socket.close();
  const again = rider.riding.ride(rider.listener);
  await clock.pass(1_000);
  expect([rider.news(), rider.own]).toEqual([['takes over'], ['opened']]);
  again.send('{"t":"hello"}');
  again.close();
  expect(rider.own).toEqual(['opened', '{"t":"hello"}', 'closed']);
});

test('[fault 30] a rider speaks with the leader that answered first, and moves when another one leads', async () => {
  const { leader, rider, third } = browser();
  third.line.isLeading = third.line.isOpen = true;
  const socket = rider.riding.ride(rider.listener);
  await settle();
  socket.send('{"t":"hello"}');
  await settle();
  expect([leader.line.sent.length, third.line.sent.length]).toEqual([1, 0]);
  rider.news();
  rider.riding.hear({ t: 'leads', leader: 'leader' });
  expect(rider.news()).toEqual([]);
  rider.riding.hear({ t: 'leads', leader: 'third' });
  expect(rider.news()).toEqual([`closed ${MOVED}`]);
});

test('who was asked for nothing and hears that somebody leads asks that one', async () => {
  const { leader, rider } = browser();
  leader.line.isLeading = false;
  rider.riding.ride(rider.listener);
  await settle();
  leader.line.isLeading = true;
  rider.riding.hear({ t: 'leads', leader: 'leader' });
  await settle();
  expect(rider.news()).toEqual(['open']);
});

test('a rider that comes to lead leaves its ride, and one whom the leader does not know is told to come again', async () => {
  const { clock, leader, rider, third, socket } = await riding();
  leader.riding.ended(1006);
  rider.isAsleep = true;
  await settle();
  rider.isAsleep = false;
  socket.send('{"t":"typing"}');
  await settle();
  expect(rider.news()).toEqual([`closed ${MOVED}`]);

  third.riding.ride(third.listener);
  await settle();
  third.riding.drive();
  expect(third.news()).toEqual(['open', `closed ${MOVED}`]);
  await clock.pass(10_000);
  expect([rider.news(), third.news()]).toEqual([[], []]);
});

test('a ride on which nothing ever came back lets the leader look at its own connection; one that was only short does not', async () => {
  const { clock, leader, socket } = await riding();
  socket.close();
  await settle();
  expect(leader.news()).toEqual([]);

  const second = await riding();
  await second.clock.pass(20_000);
  second.socket.close();
  await settle();
  expect(second.leader.news()).toEqual(['renewed']);
  await clock.pass(0);
});
