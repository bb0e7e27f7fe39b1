/** What holds for every request: hosts, assets, errors, and that the log tells no secrets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILT, createWorld, type World } from '../testing/http-world.ts';
import { scrub } from '../base/log.ts';

let world: World;
beforeAll(async () => void (world = await createWorld()));
afterAll(() => world.close());

describe('hosts', () => {
  it('[D12] serves its own names and no others', async () => {
    const status = async (host: string) => (await world.ask({ url: '/loader.js', headers: { host } })).statusCode;
    for (const host of ['localhost:8080', 'LOCALHOST:8080', '127.0.0.1:8080', '[::1]:8080']) expect(await status(host), host).toBe(200);
    for (const host of ['localhost', 'localhost:8081', 'evil.example', 'localhost.evil.example:8080', 'a@localhost:8080', ''])
      expect(await status(host), host).toBe(421);
  });

  it('[D12] keeps to the one public name where it is not a local one', async () => {
    const other = await createWorld({ env: { PUBLIC_URL: 'https://chat.example' } });
    const status = async (host: string) => (await other.ask({ url: '/loader.js', headers: { host } })).statusCode;
    expect(await status('chat.example')).toBe(200);
    expect(await status('localhost:8080')).toBe(421);
    expect(await status('127.0.0.1:8080')).toBe(421);
    await other.close();
  });

  it('answers health checks by any name, since probes come by address', async () => {
    for (const url of ['/healthz', '/readyz']) {
      const answer = await world.ask({ url, headers: { host: '10.0.0.7:8080' } });
      expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }]);
    }
    const open = await world.ask({ url: '/openz', headers: { host: '10.0.0.7:8080' } });
    expect([open.statusCode, open.json()]).toEqual([200, { status: 'open' }]);
  });
});

describe('the loader', () => {
  it('[SV.headers] can be loaded by any page, also one under COEP, and is asked for again soon', async () => {
    const { statusCode, headers, body } = await world.ask({ url: '/loader.js' });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=300',
      vary: 'Accept-Encoding',
    });
    expect(body).toBe(BUILT.loader.bytes.toString());
  });

  it('[SV.headers] is not sent again to a browser that has it, and is compressed where accepted', async () => {
    const first = await world.ask({ url: '/loader.js', headers: { 'accept-encoding': 'gzip, br' } });
    expect(first.headers['content-encoding']).toBe('br');
    expect(first.rawPayload.length).toBeLessThan(BUILT.loader.bytes.length / 10);
    const again = await world.ask({
      url: '/loader.js',
      headers: { 'accept-encoding': 'gzip, br', 'if-none-match': String(first.headers.etag) },
    });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    const plain = await world.ask({ url: '/loader.js', headers: { 'accept-encoding': 'br;q=0, identity' } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.headers.etag).not.toBe(first.headers.etag);
  });

  it('[SV.headers] [A1] stays the same for ever under the address of its version', async () => {
    const { headers, body } = await world.ask({ url: '/loader/1.2.3.js' });
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(body).toBe(BUILT.loader.bytes.toString());
    expect((await world.ask({ url: '/loader/1.2.4.js' })).statusCode).toBe(404);
  });
});

describe('assets', () => {
  it('[A3] of the frame can be used inside any page, those of the workplace only there', async () => {
    const frame = await world.ask({ url: '/frame/assets/index-1.js' });
    expect(frame.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'cross-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    const operator = await world.ask({ url: '/operator/assets/index-2.js' });
    expect(operator.headers['cross-origin-resource-policy']).toBe('same-origin');
  });

  it('are those that were built, whatever a path tries', async () => {
    for (const url of [
      '/frame/assets/index-2.js',
      '/frame/assets/..%2Findex.html',
      '/frame/assets/%2e%2e/index.html',
      '/frame/assets/',
      '/server/main.js',
    ]) {
      expect((await world.ask({ url })).statusCode, url).toBe(404);
    }
  });
});

describe('[SV.notices] /licenses.txt', () => {
  const url = '/licenses.txt';

  it('is plain text for anybody, under the usual headers', async () => {
    const { statusCode, headers, body } = await world.ask({ url });
    expect([statusCode, body]).toEqual([200, BUILT.notices.bytes.toString()]);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'public, max-age=300',
      vary: 'Accept-Encoding',
    });
  });

  it('is there on every host that serves the loader or pages, and not among the files', async () => {
    const apart = await createWorld({
      env: { PUBLIC_URL: 'https://chat.example', OPERATOR_URL: 'https://desk.example', FILES_PUBLIC_URL: 'https://files.example' },
    });
    const status = async (host: string) => (await apart.ask({ url, headers: { host } })).statusCode;
    expect([await status('chat.example'), await status('desk.example'), await status('files.example')]).toEqual([200, 200, 404]);
    await apart.close();
  });
});

describe('/.well-known/security.txt', () => {
  const url = '/.well-known/security.txt';

  it('says whom to tell, and until when that holds', async () => {
    const other = await createWorld({ env: { SECURITY_CONTACT: 'security@example.com' } });
    const { statusCode, headers, body } = await other.ask({ url });
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    const [contact, expires, canonical] = body.split('\n');
    expect(contact).toBe('Contact: mailto:security@example.com');
    expect(Date.parse(expires?.replace('Expires: ', '') ?? '')).toBeGreaterThan(other.clock.nowMs());
    expect(canonical).toBe(`Canonical: http://localhost:8080${url}`);
    await other.close();
  });

  it('is not there where nobody was named', async () => {
    expect((await world.ask({ url })).statusCode).toBe(404);
  });
});

describe('errors', () => {
  it('are JSON with a code, and tell nothing of the inside', async () => {
    const answers = [
      await world.ask({ url: '/nothing/here' }),
      await world.ask({ url: '/%zz' }),
      await world.post('/session', {}, { payload: '{', headers: { 'content-type': 'application/json' } }),
      await world.post('/session', {}, { payload: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      await world.post('/session', {}, { payload: '{"site":"shop"}', headers: { 'content-type': 'text/plain' } }),
      await world.post('/session', { site: 'shop', create: true, refresh: 'x'.repeat(70_000) }),
      await world.post(
        '/session',
        {},
        { payload: '{"site":"shop","create":false,"__proto__":{}}', headers: { 'content-type': 'application/json' } },
      ),
    ];
    expect(answers.map((answer) => [answer.statusCode, answer.json().code])).toEqual([
      [404, 'not_found'],
      [400, 'invalid_argument'],
      [400, 'invalid_argument'],
      [415, 'invalid_argument'],
      [415, 'invalid_argument'],
      [413, 'invalid_argument'],
      [400, 'invalid_argument'],
    ]);
    for (const answer of answers) {
      expect(Object.keys(answer.json())).toEqual(['code', 'message']);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.body).not.toMatch(/FST_|at .*\.ts|node_modules/);
    }
  });
});

describe('the log', () => {
  it('[D11] names the route and never what was asked or said', async () => {
    world.lines.length = 0;
    await world.post('/operator/login', { email: 'somebody@secret.example', password: 'hunter2hunter2' });
    await world.ask({ url: '/files/0123456789abcdef0123456789abcdef/diary.txt' });
    const log = world.lines.join('');
    expect(log).toContain('/files/:id/:name');
    expect(log).not.toMatch(/secret\.example|hunter2|0123456789abcdef|diary/);
  });

  it('[D11] scrubs addresses and tokens out of what libraries say', () => {
    expect(scrub(`550 <ann@shop.example>: no such user ${'x'.repeat(43)}`)).toBe('550 <[address]>: no such user [token]');
  });
});

it('[FF.A12] no header tells what others of the address have asked; a client that must wait learns how long', async () => {
  const own = await createWorld({ env: { LIMITS: JSON.stringify({ rates: { sessionsPerMinute: 2 } }) } });
  for (const [url, body] of [
    ['/session', { site: 'shop', create: false }],
    ['/outbox', {}],
    ['/operator/login', { email: 'a@b.example', password: 'x' }],
    ['/session/identity', {}],
  ] as const) {
    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push(await own.post(url, body));
    for (const { headers } of answers)
      expect(
        Object.keys(headers).filter((name) => /ratelimit/i.test(name)),
        url,
      ).toEqual([]);
    expect(answers.map(({ statusCode }) => statusCode).indexOf(429), url).toBe(2);
    expect(Number(answers[2]?.headers['retry-after']), url).toBeGreaterThan(0);
  }
  await own.close();
});
