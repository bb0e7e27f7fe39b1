/**
 * What a flood of one site costs the visitors of another: the time from sending to the answer, without the flood and with it, in turns
 * and in one run, so that their ratio says something on any machine. The flood is another process, which takes its share of the
 * processors too: a ratio includes that.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { WebSocket } from 'ws';
import type { System } from '../e2e/support/system.ts';
import { PROTOCOL_VERSION, type SessionAnswer } from '../shared/wire/protocol.ts';
import { openLine } from './flooder.ts';
import type { Figure } from './figure.ts';
import { duration, quantile } from './statistics.ts';

/** Connections that one network address may have by default. */
const FLOODERS = 20;
const QUIET = 8;
const TURNS = 3;
const MESSAGES = 20;
/** Slower than the rate at which the server makes anybody wait. */
const EVERY_MS = 250;

export async function measureFlood({ chat, admin }: System): Promise<Figure[]> {
  for (const key of ['flooded', 'quiet']) await admin('site', 'add', '--key', key, '--name', key, '--origin', 'https://shop.example');
  const tokens: string[] = [];
  for (let i = 0; i < FLOODERS; i += 1) tokens.push(await enter(chat, 'flooded'));
  const quiet = await Promise.all(Array.from({ length: QUIET }, async () => come(chat, await enter(chat, 'quiet'))));
  const flooder = fork(process.argv[1] ?? '', ['--flooder', chat, 'flooded', ...tokens], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const tell = async (word: 'begin' | 'end'): Promise<number> => {
    const heard = once(flooder, 'message');
    flooder.send(word);
    return Number((await heard)[0]);
  };
  try {
    await once(flooder, 'message');
    const [alone, flooded]: [number[], number[]] = [[], []];
    let answered = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      alone.push(...(await talk(quiet)));
      await tell('begin');
      flooded.push(...(await talk(quiet)));
      answered += await tell('end');
    }
    const seconds = (TURNS * MESSAGES * EVERY_MS) / 1_000;
    const figure = (name: string, share: number): Figure => {
      const [without, during] = [quantile(alone, share), quantile(flooded, share)];
      return {
        what: `another site is flooded, ${name} of an answer`,
        value: `${(during / without).toFixed(1)} times (${duration(without)} → ${duration(during)})`,
        aim: 'hardly more than 1',
      };
    };
    return [
      figure('median', 0.5),
      figure('p95', 0.95),
      { what: 'the flood meanwhile', value: `${Math.round(answered / seconds)} answers a second`, aim: '' },
    ];
  } finally {
    flooder.disconnect();
    for (const line of quiet) line.close();
  }
}

async function enter(chat: string, site: string): Promise<string> {
  for (;;) {
    const response = await fetch(`${chat}/session`, {
      method: 'POST',
      headers: { origin: chat, 'content-type': 'application/json' },
      body: JSON.stringify({ site, create: true }),
    });
    const answer = (await response.json()) as SessionAnswer;
    if (response.ok && answer.visitor !== null) return answer.access;
    // Added a moment ago: the server has not noticed yet.
    if (response.status !== 404) throw new Error(`POST /session answered ${response.status}.`);
  }
}

async function come(chat: string, access: string): Promise<WebSocket> {
  const line = await openLine(chat);
  line.send(
    JSON.stringify({
      t: 'hello',
      v: PROTOCOL_VERSION,
      site: 'quiet',
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

/** Everybody sends now and then; how long each answer took. */
async function talk(lines: readonly WebSocket[]): Promise<number[]> {
  const times = await Promise.all(
    lines.map(async (line, at) => {
      const own: number[] = [];
      await new Promise((resolve) => setTimeout(resolve, (at * EVERY_MS) / lines.length));
      for (let n = 0; n < MESSAGES; n += 1) {
        const pause = new Promise((resolve) => setTimeout(resolve, EVERY_MS));
        own.push(await say(line));
        await pause;
      }
      return own;
    }),
  );
  return times.flat();
}

async function say(line: WebSocket): Promise<number> {
  const uid = randomUUID();
  const from = performance.now();
  const answered = new Promise<void>((resolve) => {
    const hear = (data: unknown): void => {
      const text = String(data);
      if (!text.includes('"t":"ack"') || !text.includes(uid)) return;
      line.off('message', hear);
      resolve();
    };
    line.on('message', hear);
  });
  line.send(JSON.stringify({ t: 'send', items: [{ uid, kind: 'message.send', text: 'hello', group: null }] }));
  await answered;
  return performance.now() - from;
}
