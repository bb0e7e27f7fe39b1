/**
 * The server under attack as its clients see it, and the ways to it: requests, sockets and raw connections, each from an address
 * of this machine's own network (127.0.0.0/8), so that strangers are strangers. Knows the greeting and no more.
 */
import { randomUUID } from 'node:crypto';
import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { PROTOCOL_VERSION, type SessionAnswer } from '../../shared/wire/protocol.ts';

/** Can be handed to another process. */
export interface Target {
  port: number;
  /** Under which it is known, which is not this machine's: limits are an installation's. */
  origin: string;
  site: string;
  dataDir: string;
  /** Refresh tokens of visitors who have had long conversations. */
  long: string[];
}

/** Where the innocent live. */
export const INNOCENT = '127.0.0.1';
/** Where the attacker is, and an innocent who has the misfortune to be his neighbour. */
export const ATTACKER = '127.0.0.2';
/** The proxy that the server trusts. */
export const PROXY = '127.0.0.9';

const hostOf = ({ origin }: Target): string => new URL(origin).host;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Ask {
  from: string;
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  agent?: Agent;
}

/** @returns `undefined` where the connection ended without an answer */
export function ask(target: Target, { from, method = 'GET', path, headers = {}, body, agent }: Ask): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const sent = request({
      host: '127.0.0.1',
      port: target.port,
      localAddress: from,
      method,
      path,
      agent: agent ?? false,
      headers: {
        host: hostOf(target),
        ...(method === 'GET' ? {} : { origin: target.origin }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    });
    sent.on('error', () => resolve(undefined));
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', () => resolve(undefined));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    sent.end(body);
  });
}

export const askJson = (target: Target, { body, headers, ...rest }: Omit<Ask, 'body'> & { body: object }): Promise<Answer | undefined> =>
  ask(target, { method: 'POST', ...rest, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

export interface Visitor {
  access: string;
  refresh: string;
}

/** A new visitor, or the one whose refresh token this is. */
export async function enter(target: Target, from: string, refresh?: string): Promise<Visitor> {
  const answer = await askJson(target, {
    from,
    path: '/session',
    body: { site: target.site, create: true, ...(refresh !== undefined && { refresh }) },
  });
  const session = answer?.status === 200 ? (JSON.parse(answer.body) as SessionAnswer) : undefined;
  if (session === undefined || session.visitor === null) throw new Error(`POST /session answered ${answer?.status}: ${answer?.body}`);
  return { access: session.access, refresh: session.refresh };
}

/** @returns the status of the answer */
export async function upload(
  target: Target,
  from: string,
  { access }: Visitor,
  { name, bytes, uid = randomUUID() }: { name: string; bytes: Buffer; uid?: string },
): Promise<number | undefined> {
  const path = `/files?${new URLSearchParams({ site: target.site, uid, name })}`;
  return (
    await ask(target, {
      from,
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${access}`, 'content-type': 'application/octet-stream' },
      body: bytes,
    })
  )?.status;
}

export interface Line {
  readonly ws: WebSocket;
  tell(frame: object): void;
  /** The next frame that is like this. Rejects when the line ends before. */
  hears<F>(what: (frame: { t: string } & Record<string, unknown>) => F | undefined): Promise<F>;
  close(): void;
}

/** A socket to the visitors' address, before it has sent anything; or to the operators' address. */
function dialLine(
  target: Target,
  from: string,
  { path = '/socket', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<Line> {
  const ws = new WebSocket(`ws://127.0.0.1:${target.port}${path}`, {
    origin: target.origin,
    localAddress: from,
    headers: { host: hostOf(target), ...headers },
    perMessageDeflate: false,
  });
  const line: Line = {
    ws,
    tell: (frame) => ws.send(JSON.stringify(frame)),
    hears: (what) =>
      new Promise((resolve, reject) => {
        const stop = (): void => void ws.off('message', hear).off('close', end);
        const end = (): void => {
          stop();
          reject(new Error('The line has ended.'));
        };
        const hear = (data: unknown): void => {
          const found = what(JSON.parse(String(data)) as { t: string });
          if (found === undefined) return;
          stop();
          resolve(found);
        };
        ws.on('message', hear).on('close', end);
        if (ws.readyState !== WebSocket.OPEN) end();
      }),
    close: () => ws.terminate(),
  };
  ws.on('message', (data) => {
    if (String(data) === '{"t":"ping"}') line.tell({ t: 'pong' });
  });
  return new Promise((resolve, reject) => {
    ws.once('open', () => resolve(line));
    // Afterwards `close` reports its end.
    ws.on('error', reject);
  });
}

/** A page that has said hello: of a visitor, or of nobody who has acted. */
export async function openLine(target: Target, from: string, visitor?: Visitor): Promise<Line & { chat: string | undefined }> {
  const line = await dialLine(target, from);
  line.tell({
    t: 'hello',
    v: PROTOCOL_VERSION,
    site: target.site,
    tab: randomUUID(),
    page: { url: 'https://shop.example/', title: 'Shop' },
    isInvitable: false,
    cursors: {},
    ...(visitor !== undefined && { access: visitor.access }),
  });
  const chat = await line.hears((frame) => (frame.t === 'welcome' ? { id: (frame['chat'] as { id?: string } | null)?.id } : undefined));
  return { ...line, chat: chat.id };
}

/** A raw connection that hears its own errors and never closes its half by itself. */
export async function dial(target: Target, from: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: target.port, localAddress: from, allowHalfOpen: true }).on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()).once('close', () => resolve()));
  return socket;
}

/** The head of a request for a socket. */
export function socketHead(
  target: Target,
  { path = '/socket', host = hostOf(target), origin = target.origin }: { path?: string; host?: string; origin?: string } = {},
): string {
  return `${[`GET ${path} HTTP/1.1`, `Host: ${host}`, `Origin: ${origin}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='].join('\r\n')}\r\n\r\n`;
}

export const message = (text: string): { uid: string; kind: 'message.send'; text: string; group: null } => ({
  uid: randomUUID(),
  kind: 'message.send',
  text,
  group: null,
});
