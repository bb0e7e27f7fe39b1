/** A visitor's session over HTTP: nothing before the act, found again by either token, ended by withdrawal. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSettings } from '../../../shared/settings.ts';
import { cookieOf, createWorld, type World } from '../../testing/http-world.ts';
import { hashToken } from '../../auth/tokens.ts';

let world: World;
beforeEach(async () => void (world = await createWorld()));
afterEach(() => world.close());

const enter = () => world.post('/session', { site: 'shop', create: true });

describe('POST /session', () => {
  it('[SE.quiet] makes nothing and sets nothing before the visitor acts', async () => {
    const answer = await world.post('/session', { site: 'shop', create: false });
    expect([answer.statusCode, answer.json()]).toEqual([200, { visitor: null }]);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('makes a visitor whom cookie and token identify', async () => {
    const answer = await enter();
    const { visitor, session, access, refresh, expiresIn } = answer.json();
    expect(answer.statusCode).toBe(200);
    expect(expiresIn).toBe(600);
    expect(await world.auth.access(access)).toEqual({ site: 'shop', visitor, session, endsAt: expect.any(Number) });
    expect(await world.store.visitor('shop', visitor)).toMatchObject({ id: visitor, site: 'shop', card: {} });
    const { line } = cookieOf(answer);
    expect(line).toMatch(new RegExp(`^__Host-v-shop=${refresh};`));
    expect(line.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Max-Age=15552000', 'Partitioned', 'Path=/', 'SameSite=None', 'Secure']);
    expect(refresh).toMatch(/^[0-9a-f]{32}\.[A-Za-z0-9_-]{43}$/);
  });

  it('[SE.resume] finds the visitor again by the cookie or by the stored token, and gives both anew', async () => {
    const first = await enter();
    const { visitor, refresh } = first.json();
    const byCookie = await world.post('/session', { site: 'shop', create: true }, { headers: { cookie: cookieOf(first).pair } });
    const byToken = await world.post('/session', { site: 'shop', create: false, refresh });
    const byTheGoodOne = await world.post(
      '/session',
      { site: 'shop', create: false, refresh },
      { headers: { cookie: '__Host-v-shop=stale' } },
    );
    for (const answer of [byCookie, byToken, byTheGoodOne]) {
      expect(answer.json()).toMatchObject({ visitor, refresh });
      expect(cookieOf(answer).pair).toBe(`__Host-v-shop=${refresh}`);
    }
  });

  it('[C2] [D2] knows a visitor on their own site only', async () => {
    const { refresh } = (await enter()).json();
    const shop = await world.store.site('shop');
    await world.store.transact([], (tx) =>
      tx.saveSite({ key: 'other', name: 'Other', origins: ['http://other.localhost'], settings: shop?.settings ?? parseSettings({}) }),
    );
    const other = await world.post(
      '/session',
      { site: 'other', create: false, refresh },
      { headers: { cookie: `__Host-v-other=${refresh}; __Host-v-shop=${refresh}` } },
    );
    expect(other.json()).toEqual({ visitor: null });
  });

  it('[C1] is nowhere to be had for a site that is not there, or that nobody may show any more', async () => {
    const { refresh } = (await enter()).json();
    await world.store.transact([], async (tx) => tx.saveSite({ key: 'shop', name: 'Shop', origins: [], settings: parseSettings({}) }));
    for (const body of [
      { site: 'nowhere', create: true },
      { site: 'empty', create: true },
      { site: 'shop', create: false, refresh },
      { site: 'shop', create: true, refresh },
    ]) {
      const answer = await world.post('/session', body);
      expect([answer.statusCode, answer.headers['set-cookie']], JSON.stringify(body)).toEqual([404, undefined]);
    }
  });

  it('[D1] answers our own frame and nobody else', async () => {
    const from = (headers: Record<string, string>) =>
      world.ask({ method: 'POST', url: '/session', payload: { site: 'shop', create: true }, headers });
    const refused: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: 'http://shop.localhost' },
      { origin: 'http://localhost:8080.evil.example' },
      { origin: 'http://localhost:8080', 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of refused) {
      const answer = await from(headers);
      expect([answer.statusCode, answer.json().code], JSON.stringify(headers)).toEqual([403, 'forbidden']);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it('[D5] takes exactly what it knows', async () => {
    for (const body of [
      {},
      { site: 'shop' },
      { site: ['shop'], create: true },
      { site: 'shop', create: 'yes' },
      { site: 'shop', create: true, admin: true },
      { site: { $ne: 1 }, create: true },
    ]) {
      expect((await world.post('/session', body)).statusCode, JSON.stringify(body)).toBe(400);
    }
  });

  it('[D4] an access token ends after ten minutes, is signed, and outlives no session', async () => {
    const { access, session } = (await enter()).json();
    const [head = '', body = '', signature = ''] = access.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const foreign = Buffer.from(JSON.stringify({ ...claims, site: 'empty' })).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [`${head}.${foreign}.${signature}`, `${unsigned}.${body}.`, `${head}.${body}.`, '', 'x', 'a.b.c']) {
      expect(await world.auth.access(forged), forged).toBeUndefined();
    }
    world.clock.advance(599_000);
    expect(await world.auth.access(access)).toMatchObject({ session });
    world.clock.advance(2_000);
    expect(await world.auth.access(access)).toBeUndefined();
  });

  it('[SE.resume] is prolonged by visits and forgotten after half a year without one', async () => {
    const { refresh, visitor } = (await enter()).json();
    const again = () => world.post('/session', { site: 'shop', create: false, refresh });
    const day = 24 * 3600 * 1000;
    world.clock.advance(170 * day);
    expect((await again()).json()).toMatchObject({ visitor });
    world.clock.advance(170 * day);
    expect((await again()).json()).toMatchObject({ visitor });
    world.clock.advance(181 * day);
    expect((await again()).json()).toEqual({ visitor: null });
  });

  it('[D7] is asked for so often by one address and no more', async () => {
    const strict = await createWorld({ env: { LIMITS: '{"rates":{"sessionsPerMinute":3}}' } });
    const statuses = [];
    for (let i = 0; i < 5; i += 1) statuses.push(await strict.post('/session', { site: 'shop', create: false }));
    expect(statuses.map((answer) => answer.statusCode)).toEqual([200, 200, 200, 429, 429]);
    expect(statuses[4]?.json().code).toBe('rate_limited');
    expect(Number(statuses[4]?.headers['retry-after'])).toBeGreaterThan(0);
    await strict.close();
  });
});

describe('the line of refresh tokens', () => {
  const DAY = 24 * 3600 * 1000;
  const ask = async (refresh: string, cookie?: string) =>
    (
      await world.post(
        '/session',
        { site: 'shop', create: false, refresh },
        cookie === undefined ? {} : { headers: { cookie: `__Host-v-shop=${cookie}` } },
      )
    ).json();

  it('[D4] goes on once a day: the next token in body and cookie alike, for the same visitor and session', async () => {
    const first = (await enter()).json();
    world.clock.advance(DAY - 1_000);
    expect((await ask(first.refresh)).refresh).toBe(first.refresh);
    world.clock.advance(1_000);
    const answer = await world.post('/session', { site: 'shop', create: false, refresh: first.refresh });
    const next = answer.json();
    expect(next).toMatchObject({ visitor: first.visitor, session: first.session });
    expect(next.refresh).not.toBe(first.refresh);
    expect(cookieOf(answer).pair).toBe(`__Host-v-shop=${next.refresh}`);
    expect((await ask(next.refresh)).refresh).toBe(next.refresh);
  });

  it('[D4] [fault 34] the old token stays good until the new one is used, however many answers were lost', async () => {
    const { refresh, visitor } = (await enter()).json();
    for (const pauseMs of [DAY, 0, 1_000, 3 * DAY]) {
      world.clock.advance(pauseMs);
      expect(await ask(refresh)).toMatchObject({ visitor });
    }
    const arrived = await ask(refresh);
    expect(await ask(arrived.refresh)).toMatchObject({ visitor, refresh: arrived.refresh });
  });

  it('[D4] a token that comes a moment after its successor was used is asked to come again, and ends nothing', async () => {
    const { refresh, visitor } = (await enter()).json();
    world.clock.advance(DAY);
    const next = await ask(refresh);
    await ask(next.refresh);
    world.clock.advance(9 * 60_000);
    const late = await world.post('/session', { site: 'shop', create: true, refresh });
    expect([late.statusCode, late.json().code]).toEqual([503, 'unavailable']);
    expect(await ask(next.refresh)).toMatchObject({ visitor });
    expect(world.revoked).toEqual([]);
  });

  it('[D4] a retired token that comes back later was copied: the whole line ends, and its sockets', async () => {
    const { refresh, session, access } = (await enter()).json();
    world.clock.advance(DAY);
    const next = await ask(refresh);
    await ask(next.refresh);
    world.clock.advance(11 * 60_000);
    expect(await ask(refresh)).toEqual({ visitor: null });
    expect(world.revoked).toEqual([session]);
    expect(await ask(next.refresh)).toEqual({ visitor: null });
    expect(await world.auth.access(access)).toBeUndefined();
    expect(world.lines.join('')).not.toContain(refresh.split('.')[1]);
  });

  it('[D4] two holders of one token are found out, whichever of them goes on with it', async () => {
    const { refresh } = (await enter()).json();
    world.clock.advance(DAY);
    const [thief, owner] = [await ask(refresh), await ask(refresh)];
    expect(thief.refresh).not.toBe(owner.refresh);
    expect((await ask(owner.refresh)).visitor).toBe(owner.visitor);
    world.clock.advance(11 * 60_000);
    expect(await ask(thief.refresh)).toEqual({ visitor: null });
    expect(await ask(owner.refresh)).toEqual({ visitor: null });
  });

  it('[D4] a retired token beside the present one proves nothing: a browser keeps two places', async () => {
    const { refresh, visitor } = (await enter()).json();
    world.clock.advance(DAY);
    const next = await ask(refresh);
    await ask(next.refresh);
    world.clock.advance(30 * DAY);
    expect(await ask(refresh, next.refresh)).toMatchObject({ visitor });
    expect(await ask(next.refresh, refresh)).toMatchObject({ visitor });
  });

  it('[D4] many pages that ask at once are one visitor, and what each of them keeps is good', async () => {
    const { refresh, visitor } = (await enter()).json();
    world.clock.advance(DAY);
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(refresh)));
    expect(answers.map((answer) => answer.visitor)).toEqual(Array(6).fill(visitor));
    expect(await ask(answers[2].refresh)).toMatchObject({ visitor });
  });

  it('[D4] is not to be guessed at: what nobody was given ends nothing for anybody', async () => {
    const { refresh, session, visitor } = (await enter()).json();
    for (const guess of [
      `${session}.x`,
      `${visitor}.${refresh.split('.')[1]}`,
      refresh.split('.')[1],
      `${refresh.split('.')[0]}`,
      '.',
      'x'.repeat(200),
    ]) {
      expect(await ask(guess), guess).toEqual({ visitor: null });
    }
    expect(await ask(refresh)).toMatchObject({ visitor, session });
    expect(world.revoked).toEqual([]);
  });

  it('[D4] is kept as hashes alone, and a session of before there were lines goes on in one', async () => {
    const { refresh, session, visitor } = (await enter()).json();
    const stored = await world.store.session(session, 0);
    expect(JSON.stringify(stored)).not.toContain(refresh.split('.')[1]);
    const { refresh: _, ...older } = stored!;
    await world.store.transact([], (tx) => tx.saveSession({ ...older, tokenHash: hashToken('an-older-token') }));
    const next = await ask('an-older-token');
    expect(next).toMatchObject({ visitor, session, refresh: expect.stringContaining('.') });
    expect(await ask(next.refresh)).toMatchObject({ visitor });
  });
});

describe('DELETE /session', () => {
  const remove = (payload: object | undefined, headers: Record<string, string>) =>
    world.ask({
      method: 'DELETE',
      url: '/session',
      ...(payload === undefined ? {} : { payload }),
      headers: { origin: world.config.publicUrl, ...headers },
    });

  it('ends the session, whichever token names it, closes its sockets and takes the cookie back', async () => {
    for (const by of ['access', 'cookie', 'refresh'] as const) {
      const { access, refresh, session } = (await enter()).json();
      const answer = await (by === 'access'
        ? remove(undefined, { authorization: `Bearer ${access}` })
        : by === 'cookie'
          ? remove({ site: 'shop' }, { cookie: `__Host-v-shop=${refresh}` })
          : remove({ site: 'shop', refresh }, {}));
      expect([answer.statusCode, answer.body], by).toEqual([204, '']);
      expect(world.revoked.at(-1), by).toBe(session);
      expect(cookieOf(answer).line).toMatch(/^__Host-v-shop=; .*Partitioned/);
      expect(await world.auth.access(access), by).toBeUndefined();
      expect((await world.post('/session', { site: 'shop', create: false, refresh })).json()).toEqual({ visitor: null });
    }
  });

  it('[P8] a session of a closed site can still be ended, though nobody enters that site any more', async () => {
    const { access, session } = (await enter()).json();
    const site = await world.store.site('shop');
    await world.store.transact([], (tx) => tx.saveSite({ ...site!, origins: [] }));
    expect(await world.auth.access(access)).toBeUndefined();
    expect((await remove(undefined, { authorization: `Bearer ${access}` })).statusCode).toBe(204);
    expect(await world.store.session(session, 0)).toBeUndefined();
  });

  it('[FF.A12] an unknown token ends and writes nothing and is limited; a visitor with a session can still end it', async () => {
    const own = await createWorld({ env: { LIMITS: JSON.stringify({ rates: { sessionsPerMinute: 5 } }) } });
    const removeOwn = (payload: object | undefined, headers: Record<string, string>) =>
      own.ask({
        method: 'DELETE',
        url: '/session',
        ...(payload === undefined ? {} : { payload }),
        headers: { origin: own.config.publicUrl, ...headers },
      });
    const { access, refresh, session } = (await own.post('/session', { site: 'shop', create: true })).json();
    let writes = 0;
    const { transact } = own.store;
    own.store.transact = (locks, work) => {
      writes += 1;
      return transact(locks, work);
    };
    const most = own.config.limits.rates.sessionsPerMinute;
    const guesses = Array.from({ length: most + 5 }, (_, at) => `${refresh.split('.')[0]}${at}.guess${at}`);
    const statuses = [];
    for (const guess of guesses)
      statuses.push((await removeOwn({ site: 'shop', refresh: guess }, { cookie: `__Host-v-shop=${guess}` })).statusCode);
    expect(statuses).toEqual([...Array<number>(most).fill(204), ...Array<number>(5).fill(429)]);
    expect(writes).toBe(0);
    expect((await removeOwn(undefined, { authorization: `Bearer ${access}` })).statusCode).toBe(204);
    expect([writes, own.revoked.at(-1)]).toEqual([1, session]);
    own.clock.advance(60_000);
    expect((await removeOwn({ site: 'shop', refresh: 'x.y' }, {})).statusCode).toBe(204);
    await own.close();
  });

  it('[FF.A12] looking for a session with what nobody was given begins no write either', async () => {
    let writes = 0;
    const { transact } = world.store;
    world.store.transact = (locks, work) => {
      writes += 1;
      return transact(locks, work);
    };
    expect((await world.post('/session', { site: 'shop', create: false, refresh: 'x.y' })).json()).toEqual({ visitor: null });
    expect(writes).toBe(0);
  });

  it("of nothing is no error, and is nobody else's to ask", async () => {
    expect((await remove({ site: 'shop' }, {})).statusCode).toBe(204);
    expect((await remove({ site: 'shop' }, { origin: 'http://shop.localhost' })).statusCode).toBe(403);
  });
});
