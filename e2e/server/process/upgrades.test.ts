/** The server ignores a request's wish for another protocol. A request for a socket at a socket's address gets one. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { once } from 'node:events';
import { dial, install, start, statusOf, until, type Installation, type Started } from './installation.ts';
import { shopPort } from '../../support/listening.ts';

let installation: Installation;
let server: Started;
let shop: number;
beforeAll(async () => {
  installation = await install();
  server = await start(process.execPath, [installation.main], { env: { DEMO_PORT: 'auto' } });
  await server.ready();
  shop = shopPort(server.output()) ?? 0;
}, 60_000);
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  installation.remove();
});

interface Answer {
  status: number | undefined;
  body: string;
}

function ask(port: number, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, path, agent: false, method: body === undefined ? 'GET' : 'POST', headers: { host: `localhost:${port}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString()));
        response.on('end', () => resolve({ status: response.statusCode, body: text }));
      },
    );
    asked.on('error', reject).on('upgrade', () => reject(new Error(`${path} was upgraded`)));
    asked.end(body);
  });
}

it('[FF.A12] [SV.upgrade] any other protocol, at any address of either listener, gives what no protocol gives', async () => {
  const json = { 'content-type': 'application/json', origin: `http://localhost:${server.port}` };
  const body = JSON.stringify({ site: 'demo', create: false });
  const asked: [number, string, Record<string, string>, string?][] = [
    [server.port, '/loader.js', {}],
    [server.port, '/nowhere', {}],
    [server.port, '/healthz', {}],
    [server.port, '/socket', {}],
    [server.port, '/loader.js', { host: 'evil.example' }],
    [server.port, '/session', json, body],
    [server.port, '/session', { ...json, 'transfer-encoding': 'chunked' }, body],
    [shop, '/', {}],
  ];
  for (const [port, path, headers, sent] of asked) {
    const plain = await ask(port, path, headers, sent);
    for (const protocol of ['h2c', 'TLS/1.0, HTTP/1.1', 'websocket, h2c', 'x'.repeat(1_000)]) {
      expect(
        await ask(
          port,
          path,
          { ...headers, connection: 'Upgrade, HTTP2-Settings', upgrade: protocol, 'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA' },
          sent,
        ),
        `${protocol.slice(0, 20)} ${path}`,
      ).toEqual(plain);
    }
    // Nor is there a socket at any other address.
    if (path !== '/socket')
      expect(await ask(port, path, { ...headers, connection: 'upgrade', upgrade: 'websocket' }, sent), path).toEqual(plain);
  }
});

it('[FF.A12] [SV.upgrade] a connection may ask for it with each of its requests, also with several at once', async () => {
  const socket = await dial(server.port);
  let heard = '';
  socket.on('data', (data: Buffer) => (heard += data.toString('latin1')));
  const head = `GET /healthz HTTP/1.1\r\nHost: localhost:${server.port}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n\r\n`;
  const answers = () => heard.match(/HTTP\/1\.1 200 OK[^]*?\{"status":"ok"\}/g)?.length ?? 0;
  for (let n = 1; n <= 30; n += 1) {
    socket.write(head);
    await until(() => answers() === n);
  }
  socket.write(head.repeat(10));
  await until(() => answers() === 40);
  socket.destroy();
  expect(await statusOf(server.port, '/healthz')).toBe(200);
  expect(server.output()).not.toMatch(/MaxListeners|"level":(50|60)/);
});

it('[SV.upgrade] a socket opens at its own address, under our own host names only', async () => {
  const open = (path: string, host = `localhost:${server.port}`) =>
    new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers: { host, origin: `http://localhost:${server.port}` } });
  for (const path of ['/socket', '/operator/socket', '/socket?x=1']) {
    const ws = open(path);
    await once(ws, 'open');
    ws.terminate();
  }
  for (const [path, host, status] of [
    ['/socket', 'evil.example', 421],
    ['/nowhere', undefined, 404],
    ['/socket/x', undefined, 404],
  ] as const) {
    const [, response] = (await once(open(path, host), 'unexpected-response')) as [unknown, { statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode, path).toBe(status);
  }
});
