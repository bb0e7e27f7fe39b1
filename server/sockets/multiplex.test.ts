import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { VisitorServerFrame } from '../../shared/wire/protocol.ts';
import { CLOSE, parseServerFrame } from '../../shared/wire/protocol.ts';
import { MAX_CHANNELS, addChannel, splitChannel } from '../../shared/wire/multiplex.ts';
import { createGatewayWorld, say, batch } from '../testing/gateway-world.ts';
import type { Carrier } from './carrier.ts';
import { demultiplex } from './multiplex.ts';
import { createHandClock } from '../testing/room-world.ts';

/** The outside: a socket. */
class Socket extends EventEmitter implements Carrier {
  sent: string[] = [];
  bufferedAmount = 0;
  isPaused = false;
  send(text: string) {
    this.sent.push(text);
  }
  pause() {
    this.isPaused = true;
  }
  resume() {
    this.isPaused = false;
  }
  close(code: number) {
    this.emit('close', code);
  }
  terminate() {
    this.emit('close', 1006);
  }
  says(text: string, isBinary = false) {
    this.emit('message', Buffer.from(text), isBinary);
  }
}

const A = 'aaaaaaaa';
const B = 'bbbbbbbb';
const HELLO = '{"t":"hello","v":1}';
const PONG = '{"t":"pong"}';
const LEAVE = '{"t":"leave"}';

function apart() {
  const clock = createHandClock();
  const socket = new Socket();
  const parts: { carrier: Carrier; heard: string[]; closed: number[]; isOwn: boolean }[] = [];
  const admit =
    (isOwn: boolean) =>
    (carrier: Carrier): void => {
      const part = { carrier, heard: [] as string[], closed: [] as number[], isOwn };
      carrier.on('message', (data) => part.heard.push(String(data)));
      carrier.on('close', (code: number) => part.closed.push(code));
      parts.push(part);
    };
  demultiplex(socket, clock, { own: admit(true), other: admit(false) });
  return { socket, parts, sent: () => socket.sent.splice(0) };
}

describe('the name of a channel', () => {
  it('is put on and taken off whatever the frame holds', () => {
    for (const frame of [
      { t: 'pong' },
      { t: 'send', items: [{ text: `","ride":"${A}"}` }] },
      { ride: 'x', t: 'y' },
      { t: 'z', text: `${addChannel('{"a":1}', B)}` },
    ]) {
      const text = JSON.stringify(frame);
      expect(splitChannel(text)).toBeUndefined();
      expect(splitChannel(addChannel(text, A))).toEqual({ channel: A, frame: text });
      expect(JSON.parse(addChannel(text, A))).toEqual({ ...frame, ride: A });
    }
  });

  it('is nothing else than a name', () => {
    for (const text of [
      '{"t":"x","ride":"short"}',
      '{"t":"x","ride":"AAAAAAAA"}',
      `{"t":"x","ride":"${'a'.repeat(33)}"}`,
      '{"ride":"aaaaaaaa","t":"x"}',
      '',
    ])
      expect(splitChannel(text)).toBeUndefined();
  });
});

describe('a carrier taken apart', () => {
  it('is one connection at once, and one more for each page that says hello', () => {
    const { socket, parts, sent } = apart();
    for (const text of [HELLO, addChannel(HELLO, A), addChannel(PONG, A), addChannel(HELLO, B), PONG]) socket.says(text);
    expect(parts.map(({ isOwn, heard }) => [isOwn, heard])).toEqual([
      [true, [HELLO, PONG]],
      [false, [HELLO, PONG]],
      [false, [HELLO]],
    ]);
    for (const { carrier } of parts) carrier.send(PONG);
    expect(sent()).toEqual([PONG, addChannel(PONG, A), addChannel(PONG, B)]);
  });

  it('lets a page go that says it leaves, and hears nothing more of it', async () => {
    const { socket, parts } = apart();
    socket.says(addChannel(HELLO, A));
    socket.says(addChannel(LEAVE, A));
    socket.says(addChannel(PONG, A));
    await Promise.resolve();
    expect(parts.map(({ heard, closed }) => [heard, closed])).toEqual([
      [[], []],
      [[HELLO], [1001]],
    ]);
    socket.says(addChannel(HELLO, A));
    expect(parts).toHaveLength(3);
  });

  it('closes one page with its code, and the others stay', async () => {
    const { socket, parts, sent } = apart();
    socket.says(addChannel(HELLO, A));
    socket.says(addChannel(HELLO, B));
    parts[1]?.carrier.close(CLOSE.unauthorized, 'unauthorized');
    parts[2]?.carrier.terminate();
    await Promise.resolve();
    expect(sent()).toEqual([addChannel('{"t":"closed","code":4401}', A), addChannel('{"t":"closed","code":1006}', B)]);
    expect(parts.map(({ closed }) => closed)).toEqual([[], [4401], [1006]]);
    socket.says(addChannel(PONG, A));
    expect(parts).toHaveLength(3);
  });

  it('ends all channels with it, which is no goodbye of theirs', () => {
    const { socket, parts } = apart();
    socket.says(addChannel(HELLO, A));
    parts[0]?.carrier.close(1001, '');
    expect(parts.map(({ closed }) => closed)).toEqual([[1001], [1006]]);
  });

  it('waits while any channel waits, until that one goes', () => {
    const { socket, parts } = apart();
    socket.says(addChannel(HELLO, A));
    parts[0]?.carrier.pause();
    parts[1]?.carrier.pause();
    parts[0]?.carrier.resume();
    expect([socket.isPaused, parts[0]?.carrier.isPaused, parts[1]?.carrier.isPaused]).toEqual([true, false, true]);
    socket.says(addChannel(LEAVE, A));
    expect(socket.isPaused).toBe(false);
  });

  it('begins a channel by a hello alone, and no more channels than it may have', () => {
    const { socket, parts, sent } = apart();
    socket.says(addChannel(PONG, A));
    socket.says(addChannel(LEAVE, A));
    expect(parts).toHaveLength(1);
    for (let n = 0; n < MAX_CHANNELS + 1; n += 1) socket.says(addChannel(HELLO, (0xaaaa0000 + n).toString(16)));
    expect(parts).toHaveLength(1 + MAX_CHANNELS);
    expect(sent()).toEqual([addChannel(`{"t":"closed","code":${CLOSE.rate}}`, (0xaaaa0000 + MAX_CHANNELS).toString(16))]);
  });

  it('begins no more channels in a short time, even if earlier pages have gone', () => {
    const { socket, parts, sent } = apart();
    for (let n = 0; n < 10_000; n += 1) {
      socket.says(addChannel(HELLO, A));
      socket.says(addChannel(LEAVE, A));
    }
    expect(parts).toHaveLength(1 + MAX_CHANNELS);
    expect(new Set(sent())).toEqual(new Set([addChannel(`{"t":"closed","code":${CLOSE.rate}}`, A)]));
  });

  it('leaves binary frames to the page that has the socket', () => {
    const { socket, parts } = apart();
    socket.says(addChannel(HELLO, A), true);
    expect(parts.map(({ heard }) => heard)).toEqual([[addChannel(HELLO, A)]]);
  });
});

describe('[TR.shared] pages on one socket', () => {
  /** What came for a ride, after the frame in which everything before it was answered. */
  async function until(frames: string[], ride: string, t: string): Promise<VisitorServerFrame> {
    for (;;) {
      const at = frames.findIndex((text) => splitChannel(text)?.channel === ride && text.startsWith(`{"t":"${t}"`));
      const [text] = at < 0 ? [] : frames.splice(at, 1);
      const frame = text === undefined ? undefined : parseServerFrame<VisitorServerFrame>(splitChannel(text)?.frame);
      if (frame !== undefined) return frame;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('are separate visitors, each with its token, its answers and its own end', async () => {
    const world = await createGatewayWorld();
    const [ann, bob] = [await world.enter(), await world.enter()];
    const client = await world.openVisitor();
    const frames: string[] = [];
    client.ws.on('message', (data: Buffer) => frames.push(String(data)));
    client.send(world.hello({ access: ann.access }));
    await client.next('welcome');
    client.sendRaw(addChannel(JSON.stringify(world.hello({ access: bob.access })), A));
    client.sendRaw(addChannel(JSON.stringify(world.hello({ access: ann.access })), B));
    expect(await until(frames, A, 'welcome')).toMatchObject({ visitor: bob.visitor });
    expect(await until(frames, B, 'welcome')).toMatchObject({ visitor: ann.visitor });

    client.sendRaw(addChannel(JSON.stringify(batch(say('from B'))), B));
    await until(frames, B, 'ack');
    expect(await client.next('evt')).toMatchObject({ event: { kind: 'chat.started' } });
    expect(frames.filter((text) => text.includes('from B') && splitChannel(text)?.channel === A)).toEqual([]);

    // A session that ends closes the ride that speaks for it, and nobody else's.
    world.gateway.revoke(bob.session);
    expect(await until(frames, A, 'closed')).toEqual({ t: 'closed', code: CLOSE.unauthorized });
    client.sendRaw(addChannel(JSON.stringify(batch(say('still here'))), B));
    await until(frames, B, 'ack');
    await client.close();
    await world.close();
  });

  it('count as connections of their address, and none is admitted while the server stops', async () => {
    const world = await createGatewayWorld({ limits: { rates: { connectionsPerAddress: 2 } } });
    const client = await world.openVisitor();
    const frames: string[] = [];
    client.ws.on('message', (data: Buffer) => frames.push(String(data)));
    client.send(world.hello());
    client.sendRaw(addChannel(JSON.stringify(world.hello()), A));
    await until(frames, A, 'welcome');
    client.sendRaw(addChannel(JSON.stringify(world.hello()), B));
    expect(await until(frames, B, 'closed')).toEqual({ t: 'closed', code: CLOSE.rate });
    await client.close();
    await world.close();
  });
});
