/**
 * Resets of connections to every endpoint: after the first bytes, after the whole request, and while the answer is on its way. A
 * real server process gets many at once, on either of its listeners. It lives and serves, and no descriptor is left.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dial, install, socketsOf, start, statusOf, until, type Installation, type Started } from './installation.ts';
import { shopPort } from '../../support/listening.ts';

let installation: Installation;
let server: Started;
let shop: number;
/** Larger than what the kernel keeps for a client who does not read. */
const FILE_BYTES = 8_000_000;
/** The address of a file that somebody has put in. */
let file: string;
beforeAll(async () => {
  installation = await install();
  server = await start(process.execPath, [installation.main], {
    env: {
      DEMO_PORT: 'auto',
      LIMITS: JSON.stringify({ rates: { sessionsPerMinute: 100_000, connectionsPerAddress: 10_000, newVisitorsPerSiteMinute: 100_000 } }),
    },
  });
  await server.ready();
  shop = shopPort(server.output()) ?? 0;
  file = await upload();
}, 60_000);
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  installation.remove();
});

async function upload(): Promise<string> {
  const origin = `http://localhost:${server.port}`;
  const headers = { origin, 'sec-fetch-site': 'same-origin' };
  const session = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ site: 'demo', create: true }),
  });
  const { access } = (await session.json()) as { access: string };
  const answer = await fetch(`${origin}/files?site=demo&uid=${randomUUID()}&name=a.pdf`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${access}`, 'content-type': 'application/octet-stream' },
    body: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(FILE_BYTES)]),
  });
  expect(answer.status).toBe(201);
  return new URL(((await answer.json()) as { link: string }).link).pathname;
}

const host = () => `localhost:${server.port}`;
const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`;
const upgrade = (path: string, to: string, at: string, origin = `http://${at}`) =>
  lines(
    `GET ${path} HTTP/1.1`,
    `Host: ${at}`,
    `Origin: ${origin}`,
    'Connection: Upgrade',
    `Upgrade: ${to}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  );
const post = (path: string, type: string, body: string, length = body.length) =>
  lines(
    `POST ${path} HTTP/1.1`,
    `Host: ${host()}`,
    `Origin: http://${host()}`,
    'Sec-Fetch-Site: same-origin',
    `Content-Type: ${type}`,
    `Content-Length: ${length}`,
  ) + body;
/** A masked text frame. */
const frame = (text: string) => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

/** The bytes written to each endpoint. By function: the port is known later. */
const DOORS: Record<string, () => (string | Buffer)[]> = {
  'nothing at all': () => [],
  'what is no HTTP': () => ['\u0016\u0003\u0001\u0000hello\r\n\r\n'],
  'the loader': () => [lines('GET /loader.js HTTP/1.1', `Host: ${host()}`)],
  'a foreign host': () => [lines('GET /loader.js HTTP/1.1', 'Host: evil.example')],
  'a socket under a foreign host': () => [upgrade('/socket', 'websocket', 'evil.example')],
  'a socket of a foreign origin': () => [upgrade('/socket', 'websocket', host(), 'https://evil.example')],
  'a socket where there is none': () => [upgrade('/nowhere', 'websocket', host())],
  'a socket without a key': () => [upgrade('/socket', 'websocket', host()).replace(/Sec-WebSocket-Key.*\r\n/, '')],
  'a socket': () => [upgrade('/socket', 'websocket', host()), frame('{"t":"hello"}')],
  'an operator’s socket': () => [upgrade('/operator/socket', 'websocket', host()), frame('{"t":"hello"}')],
  'a socket and a broken frame': () => [upgrade('/socket', 'websocket', host()), Buffer.from([0xff, 0xff, 0xff])],
  'another protocol': () => [upgrade('/loader.js', 'h2c', host())],
  'another protocol with a body': () => [
    upgrade('/session', 'h2c', host()).replace('GET', 'POST').replace('Connection: Upgrade', 'Connection: Upgrade\r\nContent-Length: 5'),
    'ab',
  ],
  'a tunnel': () => [lines('CONNECT evil.example:443 HTTP/1.1', 'Host: evil.example:443')],
  'a session': () => [post('/session', 'application/json', '{"site":"demo","create":true}')],
  'half a session': () => [post('/session', 'application/json', '{"site":', 100)],
  'an expected go-on': () => [post('/session', 'application/json', '', 100).replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n')],
  'a stream': () => [post('/stream', 'application/json', '')],
  'an operator’s stream': () => [post('/operator/stream', 'application/json', '')],
  'frames of no stream': () => [post('/stream/frames', 'application/x-ndjson', '{"t":', 100)],
  'half an upload': () => [
    post('/files?site=demo&uid=6ba7b810-9dad-41d1-80b4-00c04fd430c8&name=a.txt', 'application/octet-stream', 'abc', 100_000),
  ],
  'a file': () => [lines('GET /files/0123456789abcdef0123456789abcdef/a.txt HTTP/1.1', `Host: ${host()}`)],
  'a file that is there': () => [lines(`GET ${file} HTTP/1.1`, `Host: ${host()}`)],
  'another protocol behind an answer': () => [
    post('/operator/login', 'application/json', '{"email":"a@b.example","password":"x"}') +
      upgrade('/loader.js', 'h2c', host()) +
      upgrade('/socket', 'websocket', host()),
  ],
  'a sign-in': () => [post('/operator/login', 'application/json', '{"email":"a@b.example","password":"x"}')],
  'requests in a row': () => [lines('GET /loader.js HTTP/1.1', `Host: ${host()}`).repeat(20)],
};

/** Resets one connection when `bytes` are written: at once, or when the first byte of an answer is there. */
async function reset(port: number, parts: readonly (string | Buffer)[], moment: 'first bytes' | 'all' | 'answer'): Promise<void> {
  const socket = await dial(port);
  const [first = ''] = parts;
  if (moment === 'first bytes') socket.write(first.slice(0, Math.min(20, first.length)));
  else for (const part of parts) socket.write(part);
  if (moment === 'answer')
    await new Promise<void>(
      (resolve) =>
        void socket
          .once('data', () => resolve())
          .once('close', () => resolve())
          .setTimeout(100, resolve),
    );
  socket.resetAndDestroy();
}

describe('a connection that is reset', () => {
  const before = () => socketsOf(server.child.pid ?? 0);

  for (const [name, parts] of Object.entries(DOORS)) {
    it(`[FF.A1] [SV.connections] at ${name} ends nothing but itself`, async () => {
      const had = before();
      for (const port of [server.port, shop]) {
        for (const moment of ['first bytes', 'all', 'answer'] as const) {
          await Promise.all(Array.from({ length: 25 }, () => reset(port, parts(), moment)));
        }
      }
      expect(server.child.exitCode).toBeNull();
      expect(await statusOf(server.port, '/healthz')).toBe(200);
      expect(await statusOf(shop, '/')).toBe(200);
      await until(() => before() <= had);
    }, 60_000);
  }

  it('[FF.A1] is nothing that the log calls an error', () => {
    expect(server.output()).not.toMatch(/"level":(50|60)|uncaught|Unhandled|MaxListeners/i);
  });
});
