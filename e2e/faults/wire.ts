/**
 * The way of a client without a browser to a real server: sockets, requests, a clock, and the shelf that stands in for a browser's
 * storage. Many such clients cost little, and their network is ours to break. Visitors are in `person.ts`, operators in `operator.ts`.
 */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Chance, Clock, OutboxItem, OutboxStore } from '../../shared/client/platform.ts';
import { parseServerFrame } from '../../shared/wire/protocol.ts';
import type { Socket, SocketListener } from '../../shared/client/transport.ts';
import type { Witness } from './database.ts';
import { note, type AnyFrame, type Notes } from './notes.ts';

/** The way from a client to the server. */
export interface Road {
  /** The server's own origin, which is what every request names whatever the road. */
  chat: string;
  /** Where its requests and its sockets go; a proxy, or the server itself. */
  port: number;
  /** Where its sockets go, if somewhere else. */
  socketPort?: number;
  /** Looks at the database when an acknowledgement comes. */
  witness?: Witness;
  /** Chance, where it is to be repeated. */
  fraction?: () => number;
}

/** The clock of this process. */
export const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Chance, as the road has it. */
export const chanceOn = ({ fraction = Math.random }: Road): Chance => ({ uid: () => randomUUID(), fraction });

/** A request that is not answered within this time has failed. */
const REQUEST_MS = 15_000;

/** Waits until `look` says something, and returns it. */
export async function until<T>(look: () => T | Promise<T>, what: string, withinMs = 30_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain: ${what}.`);
    await wait(10);
  }
}

/** A socket as the transport wants it, over the road as it is now. */
export function openSocket(
  { road, path, headers, notes }: { road: Road; path: string; headers: Record<string, string>; notes: Notes },
  listener: SocketListener,
): Socket & { ws: WebSocket } {
  const host = new URL(road.chat).host;
  const ws = new WebSocket(`ws://127.0.0.1:${road.socketPort ?? road.port}${path}`, {
    origin: road.chat,
    headers: { host, ...headers },
    perMessageDeflate: false,
  });
  notes.attempts += 1;
  // Without it an error would end this process; `close` reports its meaning.
  ws.on('error', () => undefined);
  ws.on('open', () => listener.open());
  ws.on('message', (data) => {
    const text = String(data);
    const frame = parseServerFrame<AnyFrame>(text);
    if (frame !== undefined) note(notes, frame, road.witness);
    listener.message(text);
  });
  ws.on('close', (code) => {
    notes.closes.push(code);
    listener.close(code);
  });
  return {
    ws,
    send: (text) => ws.send(text),
    close() {
      ws.removeAllListeners('open').removeAllListeners('message').removeAllListeners('close');
      ws.close();
      setTimeout(() => ws.terminate(), 2_000).unref();
    },
  };
}

/** A request over the road, as a page of our own origin makes it. */
export function ask<T>(road: Road, path: string, body: object): Promise<{ answer: T; cookie: string }> {
  const host = new URL(road.chat).host;
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: road.port,
        path,
        method: 'POST',
        timeout: REQUEST_MS,
        agent: false,
        headers: { host, origin: road.chat, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      },
      (response) => {
        let answer = '';
        response.on('data', (chunk: Buffer) => (answer += chunk.toString()));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200) return reject(new Error(`POST ${path} answered ${response.statusCode}: ${answer}`));
          const cookie = (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
          // The server's own answer, whose shape its own tests hold.
          resolve({ answer: JSON.parse(answer) as T, cookie });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('timeout')));
    sent.on('error', reject);
    sent.end(text);
  });
}

/** What outlives a page: the outbox of all of a person's pages, each item with the page it belongs to. */
export function createShelf<C>() {
  const rows = new Map<string, { item: OutboxItem<C>; tab: string }>();
  const alive = new Set<string>();
  return {
    rows,
    open(tab: string): OutboxStore<C> & { close(): void } {
      alive.add(tab);
      return {
        put: async (item) => void rows.set(item.uid, { item, tab }),
        remove: async (uid) => void rows.delete(uid),
        async adopt() {
          const left = [...rows.values()].filter((row) => !alive.has(row.tab));
          for (const row of left) row.tab = tab;
          return left.map(({ item }) => item).sort((a, b) => a.order - b.order);
        },
        clear: async () => rows.clear(),
        close: () => void alive.delete(tab),
      };
    },
  };
}
