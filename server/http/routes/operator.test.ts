/** Signing in and out: cookie, delay, and answers that do not tell whether an account exists. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cookieOf, createWorld, PASSWORD, type World } from '../../testing/http-world.ts';

let world: World;
beforeEach(async () => void (world = await createWorld()));
afterEach(() => world.close());

const login = (password = PASSWORD, email = 'ann@shop.example') => world.post('/operator/login', { email, password });

describe('signing in', () => {
  it('[D9] gives a cookie for this host alone, and a token that no other site can send', async () => {
    const answer = await login(PASSWORD, ' Ann@Shop.example ');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ id: 'ann', name: 'Ann', csrf: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
    const { line, pair } = cookieOf(answer);
    expect(line).toMatch(/^__Host-op=[A-Za-z0-9_-]{43};/);
    expect(line.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict', 'Secure']);
    const session = await world.ask({ url: '/operator/session', headers: { cookie: pair, 'sec-fetch-site': 'same-origin' } });
    expect(session.json()).toEqual(answer.json());
    expect(await world.auth.operator(pair)).toMatchObject({ operator: { id: 'ann' }, csrf: answer.json().csrf });
  });

  it('[D8] says the same of a wrong password, an unknown account and a revoked one', async () => {
    const ann = await world.store.operator('ann');
    await world.store.transact([], (tx) => tx.saveOperator({ ...ann!, id: 'bob', email: 'bob@shop.example', isRevoked: true }));
    const answers = [await login('wrong'), await login(PASSWORD, 'nobody@shop.example'), await login(PASSWORD, 'bob@shop.example')];
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`))).toEqual(
      new Set(['401 {"code":"unauthorized","message":"Email or password is wrong."}']),
    );
    for (const answer of answers) expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('[D8] waits longer and longer after five wrong passwords, known account or not', async () => {
    for (const email of ['ann@shop.example', 'nobody@shop.example']) {
      const statuses: number[] = [];
      const waits: string[] = [];
      for (let i = 0; i < 5; i += 1) statuses.push((await login('wrong', email)).statusCode);
      for (let i = 0; i < 3; i += 1) {
        const early = await login('wrong', email);
        waits.push(String(early.headers['retry-after']));
        statuses.push(early.statusCode);
        world.clock.advance(Number(early.headers['retry-after']) * 1000);
        statuses.push((await login('wrong', email)).statusCode);
      }
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 401, 429, 401, 429, 401]);
      expect(waits).toEqual(['1', '2', '4']);
    }
  });

  it('[D8] does not look even at the right password before its time, and forgets failures once it was right', async () => {
    for (let i = 0; i < 5; i += 1) await login('wrong');
    expect((await login()).statusCode).toBe(429);
    world.clock.advance(1_000);
    expect((await login()).statusCode).toBe(200);
    for (let i = 0; i < 4; i += 1) expect((await login('wrong')).statusCode).toBe(401);
    expect((await login()).statusCode).toBe(200);
  });

  it('[D8] looks at five of fifty passwords tried at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => login(`guess ${i}`)));
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(5);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(45);
  });

  it('[D9] is for our own page, in JSON', async () => {
    const body = { email: 'ann@shop.example', password: PASSWORD };
    const from = (headers: Record<string, string>) => world.ask({ method: 'POST', url: '/operator/login', payload: body, headers });
    const own = world.config.operatorUrl;
    const foreign: Record<string, string>[] = [
      {},
      { origin: 'http://shop.localhost' },
      { origin: 'null' },
      { origin: own, 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of foreign) {
      expect((await from(headers)).statusCode, JSON.stringify(headers)).toBe(403);
    }
    expect((await from({ origin: own, 'content-type': 'text/plain' })).statusCode).toBe(415);
    expect((await world.post('/operator/login', { email: 'ann@shop.example' })).statusCode).toBe(400);
  });
});

describe('being signed in', () => {
  const session = (cookie?: string) => world.ask({ url: '/operator/session', headers: cookie === undefined ? {} : { cookie } });

  it('[D4] ends with signing out, which closes the sockets', async () => {
    const { pair } = cookieOf(await login());
    const access = await world.auth.operator(pair);
    const answer = await world.ask({
      method: 'POST',
      url: '/operator/logout',
      headers: { cookie: pair, origin: world.config.operatorUrl },
    });
    expect(answer.statusCode).toBe(204);
    expect(cookieOf(answer).pair).toBe('__Host-op=');
    expect(world.revoked).toEqual([access?.session]);
    expect((await session(pair)).statusCode).toBe(401);
  });

  it('[D4] [D8] a session ends after half an hour unused, after twelve hours, and at once when it is revoked', async () => {
    const idle = cookieOf(await login()).pair;
    world.clock.advance(1_799_000);
    // Looking who is signed in, as a workplace does by itself, prolongs nothing.
    expect((await session(idle)).statusCode).toBe(200);
    world.clock.advance(2_000);
    expect((await session(idle)).statusCode).toBe(401);

    const first = cookieOf(await login()).pair;
    const id = (await world.auth.operator(first))?.session ?? '';
    for (let quarter = 1; quarter < 48; quarter += 1) {
      world.clock.advance(900_000);
      await world.auth.use(id);
    }
    world.clock.advance(899_000);
    expect((await session(first)).statusCode).toBe(200);
    await world.auth.use(id);
    world.clock.advance(2_000);
    expect((await session(first)).statusCode).toBe(401);
    const second = cookieOf(await login()).pair;
    const ann = await world.store.operator('ann');
    await world.store.transact([], (tx) => tx.saveOperator({ ...ann!, isRevoked: true }));
    expect((await session(second)).statusCode).toBe(401);
  });

  it("[D9] is nobody else's to see or to end", async () => {
    const { pair } = cookieOf(await login());
    expect((await session()).statusCode).toBe(401);
    expect((await session('__Host-op=forged')).statusCode).toBe(401);
    expect((await session(pair.replace('__Host-op', 'x__Host-op'))).statusCode).toBe(401);
    expect((await world.ask({ url: '/operator/session', headers: { cookie: pair, 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(403);
    expect(
      (await world.ask({ method: 'POST', url: '/operator/logout', headers: { cookie: pair, origin: 'http://evil.example' } })).statusCode,
    ).toBe(403);
    expect((await session(pair)).statusCode).toBe(200);
  });
});
