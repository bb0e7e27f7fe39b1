import { expect, test } from 'vitest';
import type { SocketListener } from './transport.ts';
import { createCarriers } from './carriers.ts';
import { manualClock } from '../testing/clock-and-store.ts';

function world() {
  const clock = manualClock();
  const made: { kind: 'socket' | 'stream'; listener: SocketListener; sent: string[]; isClosed: boolean }[] = [];
  const told: string[] = [];
  const open = (kind: 'socket' | 'stream') => (listener: SocketListener) => {
    const carrier = { kind, listener, sent: [] as string[], isClosed: false };
    made.push(carrier);
    return { send: (text: string) => void carrier.sent.push(text), close: () => void (carrier.isClosed = true) };
  };
  const connect = createCarriers({ clock, openSocket: open('socket'), openStream: open('stream') });
  const attempt = () =>
    connect({
      open: () => void told.push('open'),
      message: (data) => void told.push(String(data)),
      close: (code) => void told.push(`closed ${code}`),
    });
  const kinds = () => made.map(({ kind }) => kind);
  const last = () => made.at(-1)!;
  /** Two attempts, the second of which goes on over HTTP. */
  const refuseTwice = () => {
    attempt();
    last().listener.close(1006);
    const second = attempt();
    last().listener.close(1006);
    return second;
  };
  return { clock, told, attempt, kinds, last, refuseTwice };
}

test('[TR.fallback] a WebSocket refused twice in a row gives way to a stream within the same attempt', () => {
  const { refuseTwice, kinds, last, told } = world();
  const second = refuseTwice();
  expect([kinds(), told]).toEqual([['socket', 'socket', 'stream'], ['closed 1006']]);
  last().listener.open();
  second.send('hello');
  last().listener.message('welcome');
  expect([last().sent, told.slice(1)]).toEqual([['hello'], ['open', 'welcome']]);
  second.close();
  expect(last().isClosed).toBe(true);
});

test('[TR.fallback] one that opened and broke before it brought anything was refused too', () => {
  const { attempt, last, kinds } = world();
  for (let time = 0; time < 2; time += 1) {
    attempt();
    last().listener.open();
    last().listener.close(1006);
  }
  expect(kinds()).toEqual(['socket', 'socket', 'stream']);
});

test('[TR.fallback] a socket that served, and one that our server closed, were not refused', () => {
  const { attempt, last, kinds } = world();
  for (let time = 0; time < 3; time += 1) {
    attempt();
    last().listener.open();
    last().listener.message('welcome');
    last().listener.close(1006);
    attempt();
    last().listener.close(4401);
  }
  expect(kinds()).toEqual(['socket', 'socket', 'socket', 'socket', 'socket', 'socket']);
});

test('[TR.fallback] a stream that opened is taken first for ten minutes, then the WebSocket has another chance', async () => {
  const { refuseTwice, attempt, clock, kinds, last } = world();
  refuseTwice();
  last().listener.open();
  last().listener.close(1006);
  await clock.pass(599_000);
  attempt();
  expect(kinds().slice(3)).toEqual(['stream']);
  await clock.pass(1_000);
  attempt();
  expect(kinds().slice(4)).toEqual(['socket']);
  last().listener.close(1006);
  expect(kinds().slice(5)).toEqual(['stream']);
});

test('[TR.fallback] where neither opens, the server is to blame: the next attempt begins with the WebSocket', () => {
  const { refuseTwice, attempt, kinds, last, told } = world();
  refuseTwice();
  last().listener.close(1006);
  expect(told).toEqual(['closed 1006', 'closed 1006']);
  attempt();
  expect(kinds().slice(3)).toEqual(['socket']);
});
