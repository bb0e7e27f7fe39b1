/** Attacks by connections and requests: resets, refusals that nobody closes, forged addresses, endings that end nothing, dear requests. */
import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { type Socket } from 'node:net';
import { expect, many, type Row } from './row.ts';
import { ask, askJson, ATTACKER, dial, PROXY, socketHead, type Target } from './target.ts';

/** By default, a minute (`sessionsPerMinute`). */
const SESSIONS = 600;
/** By default: `requestsBurst`, `requestsPerSecond`, and what a document costs of them. */
const [REQUESTS, REQUESTS_A_SECOND, DOCUMENT] = [4_000, 200, 5];

/** A short attack has shown that there is a bound when it was refused so often, and tries so often at most. */
const [ENOUGH, PATIENCE] = [50, 10_000];

const foreign = (target: Target): string => socketHead(target, { host: 'evil.example' });

export const resets: Row = {
  id: 'A1',
  what: 'connections that are reset at any door after any of their first bytes',
  async attack(target, { isShort }) {
    const heads = [
      foreign(target),
      socketHead(target),
      socketHead(target, { path: '/operator/socket' }),
      socketHead(target, { origin: 'https://evil.example' }),
      `POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{`,
      'GET /loader.js HTTP/1.1\r\n',
      '',
    ];
    const times = (isShort ? 6 : 60) * heads.length;
    await many(times, 20, async (n) => {
      const socket = await dial(target, ATTACKER);
      const head = heads[n % heads.length] ?? '';
      socket.write(head.slice(0, n % 3 === 0 ? Math.ceil(head.length / 2) : head.length));
      if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    });
    return { acts: times };
  },
  judge: () => [],
};

export const refusals: Row = {
  id: 'A3',
  what: 'refused sockets whose other end is never closed',
  async attack(target, { isShort }) {
    const times = isShort ? 100 : 600;
    const held: Socket[] = [];
    let [answered, ended] = [0, 0];
    await many(times, 50, async () => {
      const socket = await dial(target, ATTACKER);
      held.push(socket);
      const gone = new Promise<void>((resolve) => socket.once('end', resolve).once('close', resolve));
      socket.once('data', (data: Buffer) => (answered += Number(/^HTTP\/1\.1 4/.test(data.toString('latin1')))));
      socket.write(foreign(target));
      await gone;
      ended += 1;
    });
    // Nothing was closed on this side: what the server still holds it holds of its own accord.
    const open = held.filter((socket) => !socket.destroyed && socket.readable).length;
    for (const socket of held) socket.destroy();
    return { acts: times, refused: answered, ended, open };
  },
  judge: ({ acts, ended, open }) => [
    ...expect(ended === acts, `${acts - Number(ended)} refused connections were not ended by the server`),
    ...expect(open === 0, `${open} refused connections are still open`),
  ],
};

export const forged: Row = {
  id: 'A10',
  what: 'one address behind the proxy, written with a port of its own each time',
  async attack(target, { isShort }) {
    const times = SESSIONS + (isShort ? 50 : 150);
    const agent = new Agent({ keepAlive: true, maxSockets: 10, localAddress: PROXY });
    const enter = async (address: string): Promise<number | undefined> =>
      (
        await askJson(target, {
          from: PROXY,
          agent,
          path: '/session',
          headers: { 'x-forwarded-for': address },
          body: { site: target.site, create: false },
        })
      )?.status;
    const tally = { acts: times, admitted: 0, refused: 0, neighbour: 0, minutes: 0 };
    const began = performance.now();
    await many(times, 10, async (n) => {
      const status = await enter(`198.51.100.5:${1_024 + n}`);
      if (status === 200) tally.admitted += 1;
      if (status === 429) tally.refused += 1;
    });
    tally.neighbour = (await enter('198.51.100.6:1024')) ?? 0;
    agent.destroy();
    tally.minutes = Math.ceil((performance.now() - began) / 60_000);
    return tally;
  },
  judge: ({ admitted = 0, refused = 0, acts, neighbour, minutes = 1 }) => [
    ...expect(admitted <= SESSIONS * minutes, `${admitted} sessions were looked for by one address, ${SESSIONS} a minute are promised`),
    ...expect(admitted + refused === acts, `${acts - admitted - refused} requests were answered otherwise than with 200 or 429`),
    ...expect(neighbour === 200, `another address behind the proxy was answered ${neighbour}`),
  ],
};

export const endings: Row = {
  id: 'A12',
  what: 'endings of sessions that are none, and other protocols',
  async attack(target, { isShort }) {
    const agent = new Agent({ keepAlive: true, maxSockets: 10, localAddress: ATTACKER });
    const tally = { acts: 0, admitted: 0, refused: 0, counters: 0, loaders: 0 };
    await many(20, 5, async () => {
      const answer = await ask(target, {
        from: ATTACKER,
        path: '/loader.js',
        headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA' },
      });
      if (answer?.status === 200) tally.loaders += 1;
    });
    await many(isShort ? PATIENCE : 2 * SESSIONS, 10, async () => {
      if (isShort && tally.refused >= ENOUGH) return;
      tally.acts += 1;
      const answer = await ask(target, {
        from: ATTACKER,
        agent,
        method: 'DELETE',
        path: `/session?${new URLSearchParams({ site: target.site, refresh: randomBytes(32).toString('base64url') })}`,
      });
      if (answer?.status === 204) tally.admitted += 1;
      if (answer?.status === 429) tally.refused += 1;
      if (Object.keys(answer?.headers ?? {}).some((name) => name.startsWith('x-ratelimit'))) tally.counters += 1;
    });
    agent.destroy();
    return tally;
  },
  judge: ({ acts, admitted = 0, refused = 0, counters, loaders }) => [
    ...expect(refused > 0 && admitted + refused === acts, `of ${acts} endings ${admitted} were looked at and ${refused} refused`),
    ...expect(counters === 0, `${counters} answers tell the counters of an address`),
    ...expect(loaders === 20, `the loader was served ${loaders} of 20 times to who asked for another protocol`),
  ],
};

export const documents: Row = {
  id: 'A12',
  what: 'frames asked for as fast as they come',
  async attack(target, { isShort, isOver }) {
    const agent = new Agent({ keepAlive: true, maxSockets: 20, localAddress: ATTACKER });
    const tally = { acts: 0, admitted: 0, refused: 0, ms: 0 };
    const began = performance.now();
    await many(20, 20, async () => {
      do {
        const answer = await ask(target, { from: ATTACKER, agent, path: `/frame/?site=${target.site}` });
        tally.acts += 1;
        if (answer?.status === 200) tally.admitted += 1;
        if (answer?.status === 429) tally.refused += 1;
      } while (isShort ? tally.refused < ENOUGH && tally.acts < PATIENCE : !isOver());
    });
    agent.destroy();
    tally.ms = Math.ceil(performance.now() - began);
    return tally;
  },
  judge({ admitted = 0, refused = 0, ms = 0 }) {
    const most = Math.ceil((REQUESTS + (REQUESTS_A_SECOND * ms) / 1_000) / DOCUMENT) + 1;
    return [
      ...expect(admitted <= most, `${admitted} frames were made for one address, ${most} are promised for this time`),
      ...expect(refused > 0, 'nothing was refused'),
    ];
  },
};

export const signIns: Row = {
  id: 'A12',
  what: 'sign-ins by accounts that nobody has, each of which takes 30 ms of processor',
  async attack(target, { isShort }) {
    const agent = new Agent({ keepAlive: true, maxSockets: 50, localAddress: ATTACKER });
    const tally = { acts: 0, looked: 0, refused: 0 };
    await many(isShort ? PATIENCE : SESSIONS, 50, async (n) => {
      if (isShort && tally.refused >= ENOUGH) return;
      tally.acts += 1;
      const answer = await askJson(target, {
        from: ATTACKER,
        agent,
        path: '/operator/login',
        body: { email: `nobody-${n}@example.com`, password: 'wrong' },
      });
      if (answer?.status === 401) tally.looked += 1;
      if (answer?.status === 429) tally.refused += 1;
    });
    agent.destroy();
    return tally;
  },
  judge: ({ acts, looked = 0, refused = 0 }) => [
    ...expect(looked + refused === acts && refused > 0, `of ${acts} sign-ins ${looked} were looked at and ${refused} refused`),
  ],
};
