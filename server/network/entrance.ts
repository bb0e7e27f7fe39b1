/**
 * Accepts every raw connection, on each listening address, before it becomes a request, stream or socket.
 *
 * 1. We listen to a connection's errors from its first moment, so that no reset can end the process.
 * 2. We count it by network address before we decide anything about it; one too many gets a refusal and is cut. A trusted
 *    proxy's connections carry many visitors: there we count the running requests instead, each by its own address.
 * 3. We bound its life. `httpOptions` limits how long a connection may be silent and how long a request may take, `admit` how
 *    long its answer may take. A refused connection is cut once the answer is out (`refuse`). Sockets and streams end by their
 *    own silence (`connection.ts`).
 * 4. Only a WebSocket to an address that serves sockets leaves HTTP. We serve any other `Upgrade` as if the header were absent.
 *
 * Who uses a connection does not matter here; the gateway and `auth.ts` find that out.
 */
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressKey, type Addresses } from './address.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../limits/limits.ts';
import type { Log } from '../base/log.ts';

export interface Entrance {
  /** Takes over this server's raw connections. Call it before the server listens. */
  guard(server: Server, sockets?: SocketServer): void;
  /**
   * Counts a request, and gives its answer an end unless it is one that lasts (a stream). `false`: its address has too many
   * under way, and the request is to be answered with 429.
   */
  admit(request: IncomingMessage, response: ServerResponse, lasts: boolean): boolean;
}

/** What serves WebSockets. */
export interface SocketServer {
  /** Whether this request asks for a socket, where one is served. */
  has(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface EntranceOptions {
  addresses: Pick<Addresses, 'isProxy' | 'keyOf'>;
  clock: Clock;
  limits: Pick<Limits, 'rates' | 'timing'>;
  log: Pick<Log, 'warn'>;
}

/** Of silence on a connection that carries a request or its answer. */
const SILENCE_MS = 60_000;
/** Between two requests of a connection. Longer than the minute that proxies keep theirs, or they would send into a closing one. */
const KEEP_ALIVE_MS = 72_000;
const HEADER_BYTES = 16 * 1024;
/** A refusal is some hundred bytes: a client that has not read them by then is cut all the same. */
const FLUSH_MS = 2_000;
/** A browser has a socket or stream, and a few requests that fetch pages and files. */
const RAW_PER_SOCKET = 3;
/** For one browser that fetches a page anew in several windows, however few sockets an address may have. */
const RAW_LEAST = 60;
/** Of addresses that want too much, the log hears so often. */
const WARN_MS = 60_000;

/** What a server of Node's is made with: nothing of it may last for ever. */
export function httpOptions({ headersMs, requestMs }: Pick<Limits['timing'], 'headersMs' | 'requestMs'>) {
  return {
    requestTimeout: requestMs,
    connectionTimeout: SILENCE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Looked at as often as the shorter of them asks for, or the slow would have half a minute more.
    http: {
      headersTimeout: Math.min(headersMs, requestMs),
      connectionsCheckingInterval: Math.min(5_000, headersMs, requestMs),
      maxHeaderSize: HEADER_BYTES,
    },
  };
}

export function createEntrance({ addresses, clock, limits, log }: EntranceOptions): Entrance {
  const most = Math.max(RAW_LEAST, RAW_PER_SOCKET * limits.rates.connectionsPerAddress);
  const answerMs = 2 * limits.timing.requestMs;
  const open = new Map<string, number>();
  const states = new WeakMap<Duplex, State>();
  let warnedMs = -Infinity;

  /** @returns what gives the place back, or `undefined` if there is none */
  function take(key: string): (() => void) | undefined {
    const now = (open.get(key) ?? 0) + 1;
    if (now > most) return void warn();
    open.set(key, now);
    return () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    };
  }

  function warn(): void {
    if (clock.nowMs() - warnedMs < WARN_MS) return;
    warnedMs = clock.nowMs();
    log.warn(
      { most },
      'one network address has too many connections open: further ones are refused. Where many people share an address, raise rates.connectionsPerAddress in LIMITS; behind a proxy, name it in TRUST_PROXY',
    );
  }

  /** Of a connection that did not come in by `handleConnection` (made up in a test) nobody hears the end. */
  function stateOf(socket: Duplex): State {
    const state = states.get(socket) ?? { answering: 0, ends: new Set(), next: undefined };
    states.set(socket, state);
    return state;
  }

  function handleConnection(socket: Socket): void {
    // Handed back to HTTP: it came in before.
    if (states.has(socket)) return;
    const { ends } = stateOf(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => ends.forEach((end) => end()));
    const peer = socket.remoteAddress;
    // Gone before we got to see it.
    if (peer === undefined) return void socket.destroy();
    if (addresses.isProxy(peer)) return;
    const leave = take(addressKey(peer));
    if (leave !== undefined) return void ends.add(leave);
    // The kernel takes so little at once; nothing is waited for.
    socket.write(refusal(429));
    socket.destroy();
  }

  function handleRequest({ socket }: IncomingMessage, response: ServerResponse): void {
    const state = stateOf(socket);
    state.answering += 1;
    response.once('close', () => {
      state.answering -= 1;
      if (state.answering === 0) state.next?.();
    });
  }

  /** Answers that are under way on this connection go out first: both would write to it. */
  function handleUpgrade(socket: Duplex, goOn: () => void): void {
    const state = stateOf(socket);
    if (state.answering === 0) return goOn();
    state.next = () => {
      state.next = undefined;
      if (!socket.destroyed) goOn();
    };
  }

  return {
    guard(server, sockets) {
      server.on('connection', handleConnection);
      server.on('request', handleRequest);
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
        handleUpgrade(socket, () => {
          if (sockets?.has(request) === true) sockets.upgrade(request, socket, head);
          else handBack(server, request, socket, head);
        }),
      );
    },
    admit(request, response, lasts) {
      const { ends } = stateOf(request.socket);
      // Of several requests of one connection those that have not had their turn end with the connection, and say nothing.
      const until = (end: () => void): void => {
        ends.add(end);
        response.once('close', () => {
          if (ends.delete(end)) end();
        });
      };
      if (!lasts) until(clock.after(answerMs, () => request.socket.destroy()));
      if (!addresses.isProxy(request.socket.remoteAddress ?? '')) return true;
      const leave = take(addresses.keyOf(request));
      if (leave !== undefined) until(leave);
      return leave !== undefined;
    },
  };
}

/** The state of one connection. */
interface State {
  /** Requests whose answer is not out yet. */
  answering: number;
  /** To be called when it ends. */
  ends: Set<() => void>;
  /** Goes on with a request for another protocol. */
  next: (() => void) | undefined;
}

/** Answers who wanted to leave HTTP that this is not to be, and ends the connection, whatever the other side does. */
export function refuse(socket: Duplex, status: number): void {
  const cut = setTimeout(() => socket.destroy(), FLUSH_MS);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => clearTimeout(cut));
  socket.end(refusal(status), () => socket.destroy());
}

function refusal(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

/**
 * Node has stopped reading HTTP at the end of this request's head, because it asked for another protocol. The connection goes
 * back to where it was with the same head, less what asked: a server may always go on as if it did not know the other protocol.
 */
function handBack(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines: string[] = [];
  // A WebSocket that is not to be would only leave its connection idle.
  if (request.headers.upgrade?.toLowerCase() === 'websocket') lines.push('Connection: close\r\n');
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2);
    const kept = plainHeader(name, value);
    if (kept !== undefined) lines.push(`${name}: ${kept}\r\n`);
  }
  const again = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n${lines.join('')}\r\n`;
  // Of the first reading Node leaves these behind; a connection that asks with each request would gather them.
  for (const event of ['pause', 'resume']) socket.removeAllListeners(event);
  socket.unshift(Buffer.concat([Buffer.from(again, 'latin1'), head]));
  server.emit('connection', socket);
}

/** The header's value without what asks for another protocol; `undefined` when nothing is left of it. */
function plainHeader(name: string, value: string): string | undefined {
  const known = name.toLowerCase();
  if (known === 'upgrade' || known === 'http2-settings') return undefined;
  if (known !== 'connection') return value;
  const rest = value
    .split(',')
    .map((token) => token.trim())
    .filter((token) => !/^(upgrade|http2-settings|)$/i.test(token));
  return rest.length === 0 ? undefined : rest.join(', ');
}
