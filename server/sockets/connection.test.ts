import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CLOSE } from '../../shared/wire/protocol.ts';
import { createConnection } from './connection.ts';
import { createLog } from '../base/log.ts';
import { createHandClock } from '../testing/room-world.ts';

/** The outside: a socket whose peer reads only as fast as the test lets it. */
class Socket extends EventEmitter {
  sent: string[] = [];
  bufferedAmount = 0;
  isPaused = false;
  closedWith: number | undefined;
  isCut = false;
  #onSent: (() => void) | undefined;
  send(data: string, onSent?: () => void) {
    this.sent.push(data);
    this.#onSent = onSent;
  }
  /** The peer has read so far that this much is left. */
  takes(left: number) {
    this.bufferedAmount = left;
    this.#onSent?.();
  }
  pause() {
    this.isPaused = true;
  }
  resume() {
    this.isPaused = false;
  }
  close(code: number) {
    this.closedWith = code;
  }
  terminate() {
    this.isCut = true;
  }
  says(text: string) {
    this.emit('message', Buffer.from(text), false);
  }
}

function open(handle: (frame: string) => Promise<void> = () => Promise.resolve()) {
  const socket = new Socket();
  const clock = createHandClock();
  const goodbyes: boolean[] = [];
  const connection = createConnection<string, string>({
    carrier: socket,
    clock,
    timing: { helloMs: 5_000, pingMs: 25_000, dropMs: 60_000 },
    log: createLog('silent'),
    parse: (data) => (data === 'bad' ? undefined : data),
    handle,
    ping: 'ping',
    onClose: (isGoodbye) => goodbyes.push(isGoodbye),
  });
  return { socket, clock, connection, goodbyes };
}

describe('a connection', () => {
  it('loses ephemeral frames beyond 256 KB, and closes beyond 1 MB', () => {
    const { socket, connection } = open();
    socket.bufferedAmount = 256 * 1024;
    connection.sendEphemeral('typing 1');
    socket.bufferedAmount += 1;
    connection.sendEphemeral('typing 2');
    connection.send('evt');
    expect(socket.sent).toEqual(['"typing 1"', '"evt"']);
    socket.bufferedAmount = 1024 * 1024 + 1;
    connection.send('evt');
    connection.send('evt');
    expect([socket.sent.length, socket.closedWith]).toEqual([2, CLOSE.tooSlow]);
  });

  it('[RO.order] handles one frame after the other, and makes a faster peer wait', async () => {
    const handled: string[] = [];
    let release = () => {};
    const { socket, connection } = open((frame) => new Promise((resolve) => (release = () => resolve(void handled.push(frame)))));
    const frames = Array.from({ length: 40 }, (_, i) => `f${i}`);
    for (const frame of frames.slice(0, 33)) socket.says(frame);
    expect(socket.isPaused).toBe(true);
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect([handled, socket.isPaused]).toEqual([['f0'], false]);
    for (const frame of frames.slice(33)) socket.says(frame);
    while (handled.length < frames.length) {
      release();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(handled).toEqual(frames);
    await connection.drain();
  });

  it('[FF.A4] is flushed when its peer has read nearly all or is gone, and drops one that never reads', async () => {
    const { socket, connection, clock } = open();
    connection.greeted();
    await connection.flushed();
    let flushes = 0;
    const wait = () => void connection.flushed().then(() => (flushes += 1));
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    socket.bufferedAmount = 200_000;
    connection.send('evt');
    wait();
    await turn();
    expect(flushes).toBe(0);
    socket.takes(70_000);
    await turn();
    expect(flushes).toBe(0);
    socket.takes(60_000);
    await turn();
    expect(flushes).toBe(1);
    socket.bufferedAmount = 200_000;
    wait();
    clock.advance(60_000);
    await turn();
    expect([flushes, socket.closedWith]).toEqual([2, CLOSE.tooSlow]);
    await connection.flushed();
  });

  it('handles nothing after a bad frame', async () => {
    const handled: string[] = [];
    const { socket, connection } = open((frame) => Promise.resolve(void handled.push(frame)));
    for (const frame of ['a', 'bad', 'b']) socket.says(frame);
    await connection.drain();
    expect([handled, socket.closedWith]).toEqual([['a'], CLOSE.badFrame]);
  });

  it('closes so that the client comes back when a frame cannot be handled', async () => {
    const { socket, connection } = open(() => Promise.reject(new Error('the disk')));
    socket.says('a');
    await connection.drain();
    expect(socket.closedWith).toBe(1011);
  });

  it('cuts off a peer that does not answer the closing', () => {
    const { socket, clock, connection } = open();
    connection.close(CLOSE.restart);
    clock.advance(1_999);
    expect(socket.isCut).toBe(false);
    clock.advance(1);
    expect(socket.isCut).toBe(true);
  });

  it('tells a goodbye from a cut', () => {
    for (const [code, isGoodbye] of [
      [1000, true],
      [1001, true],
      [1005, true],
      [1006, false],
      [4409, false],
    ] as const) {
      const { socket, goodbyes } = open();
      socket.emit('close', code);
      expect([code, goodbyes]).toEqual([code, [isGoodbye]]);
    }
  });
});
