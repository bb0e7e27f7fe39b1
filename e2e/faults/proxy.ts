/**
 * Networks that break, between a client and a server: one that carries bytes and can be cut anywhere, and one that carries
 * frames of a socket and can lose, double and reorder them. Neither makes anything up.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

/** How a connection ends: with a reset, in so many words, or not at all. */
export type Ending = 'reset' | 'end' | 'silence';

export interface Wire {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Connections ever taken. */
  readonly taken: number;
  /** Silent connections whose other end the server has closed. */
  readonly letGo: number;
  /** Bytes that the newest connection has carried. */
  readonly last: { up: number; down: number };
  /** Ends all connections that are open. With `silence` they stay open and nothing goes through them any more. */
  cut(ending?: Ending): void;
  /** Takes no new connections, until told otherwise. */
  refuse(isRefusing: boolean): void;
  /** The next connection is reset when so many bytes have gone up, or have come down. Counted from its first byte. */
  cutAfter(way: 'up' | 'down', bytes: number): void;
  /** Every open connection is reset with the next bytes that go that way: `let` of them still pass. */
  cutNext(way: 'up' | 'down', options?: { let?: number }): void;
  /** Every piece of data waits so long on its way. */
  delay(ms: number): void;
  /** So many bytes a second pass each way, all connections together. */
  throttle(bytesPerSecond: number): void;
  /** While it holds, nothing arrives anywhere; what was given to it arrives afterwards, in its order. */
  hold(isHolding: boolean): void;
  close(): Promise<void>;
}

interface Pair {
  client: Socket;
  server: Socket;
  isSilent: boolean;
  /** How many bytes may still pass before the connection is reset. */
  left: { up: number; down: number };
  carried: { up: number; down: number };
}

/** A network of bytes before `port`. */
export async function layWire(port: number): Promise<Wire> {
  const pairs = new Set<Pair>();
  let taken = 0;
  let letGo = 0;
  let last = { up: 0, down: 0 };
  let isRefusing = false;
  let delayMs = 0;
  let rate = Infinity;
  /** What has come to the end of the line while it is held. */
  let held: (() => void)[] | undefined;
  /** When the line has carried all that it was given so far. */
  const freeAt = { up: 0, down: 0 };
  let planned: { way: 'up' | 'down'; bytes: number } | undefined;

  const reset = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.resetAndDestroy();
  };

  const carry = (pair: Pair, way: 'up' | 'down'): void => {
    const [from, to] = way === 'up' ? [pair.client, pair.server] : [pair.server, pair.client];
    const later = (work: () => void, bytes = 0): unknown => {
      const now = Date.now();
      freeAt[way] = Math.max(freeAt[way], now) + (bytes * 1000) / rate;
      const wait = freeAt[way] - now + delayMs;
      const arrive = () => (held === undefined ? work() : void held.push(work));
      return wait > 0 ? setTimeout(arrive, wait) : arrive();
    };
    from.on('data', (data: Buffer) => {
      if (pair.isSilent) return;
      const rest = pair.left[way];
      pair.left[way] -= data.length;
      pair.carried[way] += data.length;
      later(() => {
        if (pair.isSilent || to.destroyed) return;
        if (data.length < rest) return void to.write(data);
        // The part before the cut arrives; then the line is dead at both ends.
        if (rest > 0) to.write(data.subarray(0, rest), () => reset(pair));
        else reset(pair);
      }, data.length);
    });
    from.on('end', () => {
      if (pair.isSilent && way === 'down') letGo += 1;
      later(() => !pair.isSilent && to.end());
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      if (pair.isSilent) return;
      pairs.delete(pair);
      later(() => to.destroy());
    });
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isRefusing) return void client.resetAndDestroy();
    taken += 1;
    const pair: Pair = {
      client,
      server: connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
      isSilent: false,
      left: { up: Infinity, down: Infinity },
      carried: { up: 0, down: 0 },
    };
    last = pair.carried;
    if (planned !== undefined) pair.left[planned.way] = planned.bytes;
    planned = undefined;
    pairs.add(pair);
    client.setNoDelay(true);
    pair.server.setNoDelay(true);
    carry(pair, 'up');
    carry(pair, 'down');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return [...pairs].filter(({ isSilent }) => !isSilent).length;
    },
    get taken() {
      return taken;
    },
    get letGo() {
      return letGo;
    },
    get last() {
      return last;
    },
    cut(ending = 'reset') {
      for (const pair of [...pairs]) {
        if (ending === 'silence') pair.isSilent = true;
        else if (ending === 'reset') reset(pair);
        else {
          pairs.delete(pair);
          pair.client.end();
          pair.server.end();
        }
      }
    },
    refuse: (value) => void (isRefusing = value),
    cutAfter: (way, bytes) => void (planned = { way, bytes }),
    cutNext(way, { let: passing = 0 } = {}) {
      for (const pair of pairs) pair.left[way] = passing;
    },
    delay: (ms) => void (delayMs = ms),
    throttle: (bytesPerSecond) => void (rate = bytesPerSecond),
    hold(isHolding) {
      const waiting = held ?? [];
      held = isHolding ? waiting : undefined;
      if (!isHolding) for (const work of waiting) work();
    },
    async close() {
      for (const pair of [...pairs]) reset(pair);
      server.close();
      await once(server, 'close');
    },
  };
}

/** Decides the fate of one frame: returns the frames to pass on in its place. */
export type Meddle = (frame: string) => readonly string[];

export interface Relay {
  readonly port: number;
  /** Frames towards the server; every one passes as it is until told otherwise. */
  up: Meddle;
  down: Meddle;
  close(): Promise<void>;
}

/** A network of frames before the server at `chat`: sockets only. */
export async function layRelay(chat: string): Promise<Relay> {
  const { host, port: serverPort } = new URL(chat);
  const http = createHttpServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const door = new WebSocketServer({ server: http, perMessageDeflate: false });
  const relay: Relay = {
    port: (http.address() as AddressInfo).port,
    up: (frame) => [frame],
    down: (frame) => [frame],
    async close() {
      for (const client of door.clients) client.terminate();
      door.close();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  door.on('connection', (client, request) => {
    const server = new WebSocket(`ws://127.0.0.1:${serverPort}${request.url ?? ''}`, {
      origin: request.headers.origin ?? chat,
      headers: { host, ...(request.headers.cookie !== undefined && { cookie: request.headers.cookie }) },
      perMessageDeflate: false,
    });
    const early: string[] = [];
    const pass = (frame: string): void => (server.readyState === WebSocket.OPEN ? server.send(frame) : void early.push(frame));
    client.on('message', (data) => relay.up(String(data)).forEach(pass));
    server.on('open', () => early.splice(0).forEach(pass));
    server.on('message', (data) => relay.down(String(data)).forEach((frame) => client.send(frame)));
    // A code that may not be said aloud (1005, 1006) becomes a connection that is simply gone.
    const end = (other: WebSocket, code: number): void =>
      code === 1000 || (code >= 1011 && code <= 1014) || code >= 3000 ? other.close(code) : other.terminate();
    client.on('close', (code) => end(server, code));
    server.on('close', (code) => end(client, code));
    client.on('error', () => undefined);
    server.on('error', () => undefined);
  });
  return relay;
}

/** What kind of frame a text is. */
export function kindOf(frame: string): string {
  return /^\{"t":"([a-z]+)"/.exec(frame)?.[1] ?? '';
}
