/**
 * An office of fifty people behind one network address, and a server with the limits of an installation: everybody has three windows, types, says
 * something, sends a picture or a file and leaves an application. Nobody is refused anything, nor told to come again.
 */
import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PROTOCOL_VERSION, type SessionAnswer } from '../../../shared/wire/protocol.ts';
import { install, start, until, type Installation, type Started } from './installation.ts';

const HOST = 'chat.example.com';
const PEOPLE = 50;
const WINDOWS = 3;

let installation: Installation;
let server: Started;
beforeAll(async () => {
  installation = await install();
  const env = { PUBLIC_URL: `https://${HOST}` };
  server = await start(process.execPath, [installation.main], { env });
  await server.ready();
  const admin = { env: { PATH: process.env['PATH'], DATA_DIR: server.dataDir, ...env } };
  await promisify(execFile)(
    process.execPath,
    [installation.admin, 'site', 'add', '--key', 'shop', '--name', 'Shop', '--origin', 'https://shop.example'],
    admin,
  );
  await until(async () => (await ask('POST', '/session', JSON.stringify({ site: 'shop', create: false }))).status === 200);
}, 60_000);
afterAll(async () => {
  server.child.kill();
  await server.ended;
  installation.remove();
});

function ask(
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const type =
      typeof body === 'string'
        ? { 'content-type': 'application/json' }
        : body === undefined
          ? {}
          : { 'content-type': 'application/octet-stream' };
    const sent = request(
      {
        host: '127.0.0.1',
        port: server.port,
        method,
        path,
        agent: false,
        headers: { host: HOST, origin: `https://${HOST}`, ...type, ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString('latin1')));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What somebody was answered, in the order they did it. */
async function spendTheDay(person: number, picture: Buffer): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const path of ['/loader.js', '/frame/?site=shop']) answers.push((await ask('GET', path)).status);
  const session = await ask('POST', '/session', JSON.stringify({ site: 'shop', create: true }));
  answers.push(session.status);
  const { access } = JSON.parse(session.body) as Extract<SessionAnswer, { visitor: string }>;
  const heard: { t: string; uid?: string }[] = [];
  const windows = await Promise.all(
    Array.from(
      { length: WINDOWS },
      () =>
        new Promise<WebSocket>((resolve, reject) => {
          const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket`, { headers: { host: HOST, origin: `https://${HOST}` } });
          ws.on('message', (data) => void heard.push(JSON.parse(String(data)) as { t: string }));
          ws.once('error', reject).once('open', () => resolve(ws));
        }),
    ),
  );
  const tell = (ws: WebSocket | undefined, frame: object) => ws?.send(JSON.stringify(frame));
  for (const ws of windows)
    tell(ws, {
      t: 'hello',
      v: PROTOCOL_VERSION,
      site: 'shop',
      tab: randomUUID(),
      page: { url: 'https://shop.example/', title: 'Shop' },
      isInvitable: true,
      cursors: {},
      access,
    });
  await until(() => heard.filter(({ t }) => t === 'welcome').length === WINDOWS);
  const [window] = windows;
  const say = async (command: object) => {
    const uid = randomUUID();
    tell(window, { t: 'send', items: [{ uid, ...command }] });
    await until(() => heard.some((frame) => frame.uid === uid && /^n?ack$/.test(frame.t)));
    answers.push(heard.find((frame) => frame.uid === uid && /^n?ack$/.test(frame.t))?.t);
  };
  for (let n = 0; n < 5; n += 1) tell(window, { t: 'typing', text: 'Hello, is anybod'.slice(0, 3 * n) });
  await say({ kind: 'message.send', text: 'Hello, is anybody there?', group: null });
  const bytes = person % 2 === 0 ? picture : Buffer.from('my order was never delivered');
  const upload = await ask('POST', `/files?site=shop&uid=${randomUUID()}&name=${person % 2 === 0 ? 'photo.jpg' : 'order.txt'}`, bytes, {
    authorization: `Bearer ${access}`,
  });
  answers.push(upload.status);
  if (upload.status === 201) await say({ kind: 'file.send', file: (JSON.parse(upload.body) as { file: string }).file });
  await say({ kind: 'request.send', request: { name: `Person ${person}`, phone: '+49 30 1234567', message: 'Please call me.' } });
  answers.push(windows.every((ws) => ws.readyState === WebSocket.OPEN));
  for (const ws of windows) ws.terminate();
  return answers;
}

it('[D7] [FF.A6] [FF.A7] [FF.A11] the defaults let an office of fifty people behind one address chat, type, send pictures and files, and leave applications, all at once', async () => {
  const picture = await sharp({ create: { width: 4_000, height: 3_000, channels: 3, background: '#864' } })
    .jpeg()
    .toBuffer();
  const days = await Promise.all(Array.from({ length: PEOPLE }, (_, person) => spendTheDay(person, picture)));
  for (const day of days) expect(day).toEqual([200, 200, 200, 'ack', 201, 'ack', 'ack', true]);
}, 120_000);
