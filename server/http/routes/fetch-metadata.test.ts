/**
 * What other pages may make a browser fetch from us: the loader, the frame inside a page, and what the two need. Everything
 * else is refused by what browsers say truthfully of a request (`Sec-Fetch-*`), before it is looked at any further, and with
 * one answer, signed in or not: it tells nobody who is signed in.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieOf, createWorld, PASSWORD, type World } from '../../testing/http-world.ts';

let world: World;
let operatorCookie = '';
let visitorCookie = '';
let access = '';
beforeAll(async () => {
  world = await createWorld();
  operatorCookie = cookieOf(await world.post('/operator/login', { email: 'ann@shop.example', password: PASSWORD })).pair;
  const entered = await world.post('/session', { site: 'shop', create: true });
  visitorCookie = cookieOf(entered).pair;
  access = entered.json<{ access: string }>().access;
});
afterAll(() => world.close());

interface Asked {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  payload?: object;
}

/** All that can be asked for, and its status when our own page asks, signed in. Streams do not end: their own test opens them. */
const OURS: [asked: Asked, status: number | 'open'][] = [
  [{ method: 'POST', url: '/stream' }, 'open'],
  [{ method: 'POST', url: '/operator/stream' }, 'open'],
  [{ method: 'POST', url: '/stream/frames' }, 404],
  [{ method: 'POST', url: '/operator/stream/frames' }, 404],
  [{ method: 'POST', url: '/session', payload: { site: 'shop', create: false } }, 200],
  [{ method: 'GET', url: '/operator/session' }, 200],
  [{ method: 'GET', url: '/operator/files/0123456789abcdef0123456789abcdef/x' }, 404],
  [{ method: 'POST', url: '/operator/login', payload: { email: 'nobody@shop.example', password: 'x' } }, 401],
  [{ method: 'POST', url: '/files?site=shop&uid=0b0e7c2e-6c1c-4a55-8f6e-0d7a3f0c9b11&name=x', payload: {} }, 201],
  [{ method: 'DELETE', url: '/session', payload: { site: 'nowhere' } }, 204],
  [{ method: 'POST', url: '/operator/logout' }, 204],
];
const EVERYBODYS: [url: string, dest: string, status: number][] = [
  ['/loader.js', 'script', 200],
  ['/loader/1.2.3.js', 'script', 200],
  ['/frame/?site=shop', 'iframe', 200],
  ['/frame/assets/index-1.js', 'script', 200],
];
const FOREIGN = ['cross-site', 'same-site', 'none'] as const;
const MODES = ['cors', 'no-cors', 'navigate', 'websocket'] as const;

const ask = ({ method, url, payload }: Asked, headers: Record<string, string>) =>
  world.ask({
    method,
    url,
    ...(payload === undefined ? {} : { payload }),
    headers: { cookie: `${operatorCookie}; ${visitorCookie}`, authorization: `Bearer ${access}`, ...headers },
  });

describe('[C5] by Sec-Fetch-*', () => {
  it.each(OURS)(
    '%o is refused to every other page, even one that could name our origin, and says nothing of who is signed in',
    async (asked) => {
      for (const site of FOREIGN)
        for (const mode of MODES)
          for (const origin of ['http://evil.example', 'null', world.config.publicUrl, undefined]) {
            const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode, ...(origin !== undefined && { origin }) };
            const answers = [];
            for (const cookie of [`${operatorCookie}; ${visitorCookie}`, ''])
              for (const dest of ['empty', 'document', 'image', 'script'])
                answers.push(await ask(asked, { ...headers, cookie, 'sec-fetch-dest': dest }));
            for (const answer of answers) {
              expect([answer.statusCode, answer.body], JSON.stringify(headers)).toEqual([403, answers[0]?.body]);
              expect(answer.headers['set-cookie']).toBeUndefined();
              expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
              expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin');
            }
          }
    },
  );

  it.each(EVERYBODYS)('%s is for every page', async (url, dest, status) => {
    for (const site of [...FOREIGN, 'same-origin']) {
      const answer = await ask({ method: 'GET', url }, { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': dest });
      expect([site, answer.statusCode, answer.headers['cross-origin-resource-policy']]).toEqual([site, status, 'cross-origin']);
    }
  });

  it('the frame’s document is shown as a frame and as nothing else', async () => {
    for (const dest of [
      'document',
      'embed',
      'object',
      'script',
      'image',
      'style',
      'worker',
      'empty',
      'fencedframe',
      'frame',
      'audio',
      'report',
      '',
    ]) {
      const answer = await ask(
        { method: 'GET', url: '/frame/?site=shop' },
        { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': dest },
      );
      expect([dest, answer.statusCode]).toEqual([dest, 403]);
      expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    }
  });

  it('the workplace and its scripts cannot be had by another page: alone in its window, never in a frame', async () => {
    for (const [url, policy] of [
      ['/operator/', 'same-origin'],
      ['/operator/assets/index-2.js', 'same-origin'],
    ] as const) {
      const { headers } = await ask(
        { method: 'GET', url },
        { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
      );
      expect([url, headers['cross-origin-resource-policy'], headers['access-control-allow-origin']]).toEqual([url, policy, undefined]);
    }
  });

  // Last, because it signs out.
  it('our own page gets each of its answers, or the refusals above would show nothing', async () => {
    for (const [asked, status] of OURS) {
      if (status === 'open') continue;
      const answer = await ask(asked, {
        origin: world.config.publicUrl,
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'cors',
        'sec-fetch-dest': 'empty',
      });
      expect([asked.method, asked.url, answer.statusCode]).toEqual([asked.method, asked.url, status]);
    }
  });
});
