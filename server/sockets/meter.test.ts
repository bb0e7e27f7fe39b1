import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Carrier } from './carrier.ts';
import { createLimits } from '../limits/limits.ts';
import { createCosts } from '../limits/costs.ts';
import { createMeter } from './meter.ts';
import { createHandClock } from '../testing/room-world.ts';

/** The outside: a socket. */
class Socket extends EventEmitter implements Carrier {
  bufferedAmount = 0;
  isPaused = false;
  closedWith: number | undefined;
  send() {}
  pause() {
    this.isPaused = true;
  }
  resume() {
    this.isPaused = false;
  }
  close(code: number) {
    this.closedWith = code;
  }
  terminate() {}
  says(text: string) {
    this.emit('message', Buffer.from(text), false);
  }
}

function world(rates: object = {}) {
  const clock = createHandClock();
  const costs = createCosts({ clock, limits: createLimits({ rates }) });
  const open = (own: string, address = '192.0.2.1') => {
    const socket = new Socket();
    const heard: string[] = [];
    const carrier = createMeter({ carrier: socket, costs, payers: { own, address }, clock });
    carrier.on('message', (data) => heard.push(String(data)));
    return { socket, carrier, heard };
  };
  return { clock, costs, open };
}

describe('what a carrier brings', () => {
  it('[FF.A11] is paid for frame by frame: a sender of too much is read more slowly, and wholly', () => {
    const { clock, open } = world();
    const { socket, heard } = open('a');
    for (let i = 0; i < 500; i += 1) socket.says('x');
    const frame = 1 + 1 / 1024;
    expect(heard.length).toBe(Math.floor(400 / frame) + 1);
    expect(socket.isPaused).toBe(true);
    for (let i = 0; i < 25; i += 1) clock.advance(10);
    expect(heard.length).toBe(Math.floor((400 + 25) / frame) + 1);
    for (let i = 0; i < 200; i += 1) clock.advance(10);
    expect([heard.length, socket.isPaused]).toEqual([500, false]);
  });

  it('[FF.A11] weighs its bytes', () => {
    const { open } = world();
    const { socket, heard } = open('a');
    for (let i = 0; i < 20; i += 1) socket.says('x'.repeat(48 * 1024));
    expect(heard.length).toBe(Math.ceil(400 / 49));
  });

  it('[FF.A11] is also paid by the network address, by all its carriers together', () => {
    const { open, costs } = world({ framesPerAddressSecond: 10, framesPerAddressBurst: 50, framesSparedBurst: 8 });
    const carriers = ['a', 'b', 'c'].map((own) => open(own));
    for (const { socket } of carriers) for (let i = 0; i < 40; i += 1) socket.says('x');
    expect(carriers.reduce((sum, { heard }) => sum + heard.length, 0)).toBe(50 + 2 * 8);
    const elsewhere = open('d', '192.0.2.2');
    for (let i = 0; i < 40; i += 1) elsewhere.socket.says('x');
    expect(elsewhere.heard.length).toBe(40);
    // A refused batch has its price, too: the server inspects its items first.
    costs.charge('item', { own: 'd', address: '192.0.2.2' }, { times: 20 });
    // And the tokens reserved for this connection alone.
    costs.charge('item', { own: 'd', address: '192.0.2.2' }, { times: 20 });
    elsewhere.socket.says('x');
    expect(elsewhere.heard.length).toBe(40);
  });

  it('[FF.A11] does not hold up a quiet client, whatever its neighbours say', () => {
    const { clock, open } = world({ framesPerAddressSecond: 10, framesPerAddressBurst: 50 });
    const loud = ['a', 'b', 'c'].map((own) => open(own));
    const quiet = open('d');
    for (let second = 1; second <= 20; second += 1) {
      for (const { socket } of loud) for (let i = 0; i < 40; i += 1) socket.says('x');
      quiet.socket.says('y');
      // In the very second, not when the others have had theirs.
      expect(quiet.heard.length).toBe(second);
      for (let i = 0; i < 10; i += 1) clock.advance(100);
    }
    // The loud connections get the address's tokens and the reserved ones of each, and no more.
    const most = 50 + 20 * 10 + loud.length * (8 + 20 * 4) + loud.length;
    expect(loud.reduce((sum, { heard }) => sum + heard.length, 0)).toBeLessThanOrEqual(most);
  });

  it('waits for its connection too, and keeps its order', () => {
    const { clock, open } = world({ framesPerSecond: 10, framesBurst: 2 });
    const { socket, carrier, heard } = open('a');
    carrier.on('message', (data) => String(data) === '0' && carrier.pause());
    for (let i = 0; i < 5; i += 1) socket.says(String(i));
    expect(heard).toEqual(['0']);
    clock.advance(10_000);
    expect([heard, socket.isPaused]).toEqual([['0'], true]);
    carrier.resume();
    expect(socket.isPaused).toBe(true);
    clock.advance(10_000);
    expect([heard, socket.isPaused]).toEqual([['0', '1', '2', '3', '4'], false]);
  });

  it('ends when it closes, whatever it owes, and hears the peer answer the closing', () => {
    const { clock, open } = world({ framesPerSecond: 1, framesBurst: 1 });
    const { socket, carrier, heard } = open('a');
    for (let i = 0; i < 5; i += 1) socket.says('x');
    const before = heard.length;
    carrier.close(1012, '');
    expect([socket.closedWith, socket.isPaused]).toEqual([1012, false]);
    clock.advance(60_000);
    expect(heard.length).toBe(before);
  });
});
