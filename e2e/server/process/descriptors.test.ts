/**
 * What connections cost a real server process, counted by its descriptors: who is refused is gone, who says nothing goes, one address has
 * so many and no more, and an office of fifty people behind one address is served with the defaults.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { install, isQuiet, socketsOf, start, statusOf, until, type Installation, type Started } from './installation.ts';

let installation: Installation;
const started: Started[] = [];
const dialled: Socket[] = [];
beforeAll(async () => void (installation = await install()), 60_000);
afterAll(() => installation.remove());
afterEach(async () => {
  for (const socket of dialled.splice(0)) socket.destroy();
  for (const server of started.splice(0)) {
    server.child.kill('SIGKILL');
    await server.ended;
  }
});

const HOST = 'chat.example.com';

/** Not local: with the defaults of an installation that others reach. */
async function serve(limits: object = {}, env: NodeJS.ProcessEnv = {}): Promise<Started & { sockets: () => number }> {
  const server = await start(process.execPath, [installation.main], {
    env: { PUBLIC_URL: `https://${HOST}`, LIMITS: JSON.stringify(limits), ...env },
  });
  started.push(server);
  await server.ready();
  await until(() => isQuiet(server.port));
  return { ...server, sockets: () => socketsOf(server.child.pid ?? 0) };
}

/** Never closes its half by itself, and reads nothing unless a test makes it read. */
async function dial({ port }: Started, from = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true }).on('error', () => undefined);
  dialled.push(socket);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

/** What the server says until it ends the connection, or `long enough` characters of it. */
function heard(socket: Socket, enough = Infinity): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1');
      if (text.length >= enough) resolve(text);
    });
    socket.once('end', () => resolve(text)).once('close', () => resolve(text));
  });
}

const ask = (...headers: string[]) => `${['GET /loader.js HTTP/1.1', `Host: ${HOST}`, ...headers].join('\r\n')}\r\n\r\n`;
const socketAt = (path: string, host = HOST, origin = `https://${HOST}`) =>
  `${[`GET ${path} HTTP/1.1`, `Host: ${host}`, `Origin: ${origin}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='].join('\r\n')}\r\n\r\n`;

describe('who is refused', () => {
  it('[FF.A3] [SV.connections] [D6] hears why and is gone, though it closes nothing itself', async () => {
    const server = await serve();
    const had = server.sockets();
    const refused = {
      403: socketAt('/socket', HOST, 'https://evil.example'),
      404: socketAt('/nowhere'),
      421: socketAt('/socket', 'evil.example'),
      400: socketAt('/socket').replace(/Sec-WebSocket-Key.*\r\n/, ''),
    };
    for (const [status, bytes] of Object.entries(refused)) {
      const clients = await Promise.all(Array.from({ length: 60 }, () => dial(server)));
      const answers = clients.map((client) => heard(client));
      for (const client of clients) client.write(bytes);
      for (const answer of await Promise.all(answers)) expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*onnection: close`));
      await until(() => server.sockets() <= had);
      for (const client of clients) client.destroy();
    }
  }, 60_000);

  it('[FF.A3] is gone also when it does not read the answer', async () => {
    const server = await serve();
    const had = server.sockets();
    const clients = await Promise.all(Array.from({ length: 60 }, () => dial(server)));
    for (const client of clients) client.pause().write(socketAt('/socket', HOST, 'https://evil.example'));
    await until(() => server.sockets() <= had);
    expect(clients.filter((client) => client.destroyed)).toEqual([]);
  }, 60_000);
});

describe('a connection', () => {
  it('[FF.A3] [SV.connections] [D6] that says nothing, says it too slowly, or closes its half ends', async () => {
    const server = await serve({ timing: { headersMs: 500, requestMs: 500, helloMs: 500 } });
    const had = server.sockets();
    const clients = [];
    for (const bytes of [
      '',
      'GET /loader.js HT',
      `POST /session HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 100\r\n\r\n{`,
      socketAt('/socket'),
    ]) {
      const [slow, half] = [await dial(server), await dial(server)];
      slow.write(bytes);
      half.end(bytes);
      clients.push(slow, half);
    }
    expect(clients).toHaveLength(8);
    for (const client of clients) client.resume();
    await until(() => server.sockets() <= had);
  }, 60_000);
});

describe('one address', () => {
  it('[FF.A3] [SV.connections] has so many raw connections and no more, refused ones too, and takes nothing from others', async () => {
    const server = await serve({ rates: { connectionsPerAddress: 1 } });
    const had = server.sockets();
    const [MOST, MORE] = [60, 40];
    const clients = await Promise.all(Array.from({ length: MOST }, () => dial(server)));
    await until(() => server.sockets() >= had + MOST);
    for (let i = 0; i < MORE; i += 1) {
      const one = await dial(server);
      expect(await heard(one)).toMatch(/^(HTTP\/1\.1 429 |$)/);
    }
    expect(server.sockets()).toBeLessThanOrEqual(had + MOST);
    expect(server.output()).toContain('one network address has too many connections open');
    // Somebody else is served all the while, and the same address as soon as it lets go.
    const other = await dial(server, '127.0.0.2');
    const answer = heard(other, 12);
    other.write(ask());
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    for (const client of clients) client.destroy();
    await until(async () => (await statusOf(server.port, '/healthz')) === 200);
  }, 60_000);

  it('[FF.A3] may be an office of fifty people: each has a socket, two more windows, and six connections of a browser', async () => {
    const server = await serve();
    const browsers = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const sockets = Array.from(
          { length: 3 },
          () => new WebSocket(`ws://127.0.0.1:${server.port}/socket`, { headers: { host: HOST, origin: `https://${HOST}` } }),
        );
        await Promise.all(sockets.map((socket) => once(socket, 'open')));
        const kept = await Promise.all(
          Array.from({ length: 6 }, async () => {
            const socket = await dial(server);
            const answer = heard(socket, 12);
            socket.write(ask());
            return answer;
          }),
        );
        return { sockets, kept };
      }),
    );
    expect(browsers.flatMap(({ kept }) => kept).filter((answer) => !answer.startsWith('HTTP/1.1 200 '))).toEqual([]);
    expect(browsers.flatMap(({ sockets }) => sockets).every((socket) => socket.readyState === WebSocket.OPEN)).toBe(true);
    for (const { sockets } of browsers) for (const socket of sockets) socket.terminate();
  }, 60_000);

  it('[FF.A3] behind a proxy is the one that the proxy names: the proxy has as many connections as it likes, each visitor so many requests under way', async () => {
    const server = await serve({ rates: { connectionsPerAddress: 1 } }, { TRUST_PROXY: '127.0.0.1' });
    const had = server.sockets();
    const MOST = 60;
    const half = (visitor: string) =>
      `POST /session HTTP/1.1\r\nHost: ${HOST}\r\nX-Forwarded-For: ${visitor}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    const clients = await Promise.all(Array.from({ length: MOST }, () => dial(server)));
    for (const client of clients) client.write(half('198.51.100.1:1'));
    const answerTo = async (visitor: string) => {
      const client = await dial(server);
      const answer = heard(client, 12);
      client.write(ask(`X-Forwarded-For: ${visitor}`));
      return Number((await answer).slice(9, 12));
    };
    await until(async () => (await answerTo('198.51.100.1')) === 429);
    expect(server.sockets()).toBeGreaterThanOrEqual(had + MOST);
    expect(await answerTo('198.51.100.2')).toBe(200);
    expect(await answerTo('[2001:db8::1]:9')).toBe(200);
    for (const client of clients) client.destroy();
    await until(async () => (await answerTo('198.51.100.1:77')) === 200);
  }, 60_000);
});
