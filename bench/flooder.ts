/**
 * A process that floods one site: as many visitors as one network address may be, each of whom sends as much as the connection
 * takes. The process that forked it tells it when to begin and to end; it measures nothing.
 */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { PROTOCOL_VERSION } from '../shared/wire/protocol.ts';

/** What stands waiting on each line, at least. */
const FILL_BYTES = 64_000;
const FRAMES = 50;

/** @param args the chat's origin, the site, and the visitors' access tokens */
export async function flood([chat = '', site = '', ...tokens]: readonly string[]): Promise<void> {
  const lines = await Promise.all(tokens.map((access) => greet(chat, site, access)));
  const frames = Array.from({ length: FRAMES }, () =>
    JSON.stringify({ t: 'send', items: [{ uid: randomUUID(), kind: 'message.send', text: 'flood', group: null }] }),
  );
  let timer: NodeJS.Timeout | undefined;
  let answered = 0;
  for (const line of lines) line.on('message', () => (answered += 1));

  process.on('message', (word) => {
    clearInterval(timer);
    if (word === 'begin') {
      timer = setInterval(() => {
        for (const line of lines) while (line.bufferedAmount < FILL_BYTES) for (const frame of frames) line.send(frame);
      }, 5);
    }
    process.send?.(answered);
    answered = 0;
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

async function greet(chat: string, site: string, access: string): Promise<WebSocket> {
  const line = await openLine(chat);
  line.send(
    JSON.stringify({
      t: 'hello',
      v: PROTOCOL_VERSION,
      site,
      tab: randomUUID(),
      page: { url: 'https://shop.example/', title: '' },
      isInvitable: false,
      access,
      cursors: {},
    }),
  );
  await new Promise((resolve) => line.once('message', resolve));
  return line;
}

/** A connection to the visitors' socket address, as a browser opens it. */
export async function openLine(chat: string): Promise<WebSocket> {
  const line = new WebSocket(`${chat.replace(/^http/, 'ws').replace('localhost', '127.0.0.1')}/socket`, {
    origin: chat,
    headers: { host: new URL(chat).host },
    perMessageDeflate: false,
  });
  await new Promise((resolve, reject) => line.once('open', resolve).once('error', reject));
  return line;
}
