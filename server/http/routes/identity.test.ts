/** Who the customer's server says a visitor is: which tokens are believed, once, and what follows for the device. */
import { readFile } from 'node:fs/promises';
import { generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VisitorCommand } from '../../../shared/wire/protocol.ts';
import { createAuth } from '../../auth/auth.ts';
import { createWorld, type World } from '../../testing/http-world.ts';
import { createLoginDelay } from '../../auth/login.ts';
import { SITE, createWorld as createRooms, type Unsent } from '../../testing/room-world.ts';
import { Database } from '../../store/driver.ts';

const SECRET = randomBytes(32).toString('base64url');
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PUBLIC = curve.publicKey.export({ type: 'spki', format: 'pem' }).toString();

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.store.transact([], async (tx) => {
    await tx.saveIdentityKey({ site: 'shop', kid: 'k1', alg: 'HS256', key: SECRET, createdAt: 1 });
    await tx.saveIdentityKey({ site: 'shop', kid: 'e1', alg: 'ES256', key: PUBLIC, createdAt: 2 });
  });
});
afterEach(() => world.close());

interface Change {
  header?: { alg?: string; kid?: string };
  key?: string | KeyObject;
  claims?: Record<string, unknown>;
}

/** As a customer's server makes it, but for what a test changes; a claim that is `undefined` is left out. */
async function sign({ header = {}, key = SECRET, claims = {} }: Change = {}): Promise<string> {
  const now = world.clock.nowSeconds();
  const payload = Object.fromEntries(
    Object.entries({ sub: 'customer 7', aud: 'shop', exp: now + 120, jti: randomUUID(), ...claims }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const material = typeof key === 'string' ? new TextEncoder().encode(key) : key;
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid: 'k1', ...header }).sign(material);
}

const identify = async (token: string, refresh?: string, site = 'shop') => {
  const answer = await world.post('/session/identity', { site, token, ...(refresh === undefined ? {} : { refresh }) });
  return { status: answer.statusCode, ...answer.json() };
};
const enter = async () => (await world.post('/session', { site: 'shop', create: true })).json();
const resume = async (refresh: string) => (await world.post('/session', { site: 'shop', create: false, refresh })).json();
const openChat = (visitor: string) =>
  world.store.transact([], async (tx) =>
    tx.append(
      await tx.createChat('shop', visitor),
      { kind: 'chat.started', uid: null, author: { kind: 'visitor' }, group: null, via: 'command' },
      1,
    ),
  );

const REFUSED = { status: 401, code: 'unauthorized', message: 'The identity token was not accepted.' };

describe('a token', () => {
  it('[D3] of either kind of key names the visitor', async () => {
    const one = await identify(await sign());
    const other = await identify(await sign({ header: { alg: 'ES256', kid: 'e1' }, key: curve.privateKey }));
    expect([one.status, one.visitor]).toEqual([200, other.visitor]);
  });

  it('[D3] is refused, in one and the same words, unless everything about it is right', async () => {
    const now = world.clock.nowSeconds();
    const unsigned = (head: object, claims: object) =>
      [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const good = { sub: 'customer 7', aud: 'shop', exp: now + 120, jti: 'j' };
    const [head = '', body = '', signature = ''] = (await sign()).split('.');
    const forged = Buffer.from(JSON.stringify({ ...good, sub: 'customer 1' })).toString('base64url');
    const wrong: Record<string, string> = {
      'alg none': `${unsigned({ alg: 'none', kid: 'k1' }, good)}.`,
      'alg none with a signature': `${unsigned({ alg: 'none', kid: 'k1' }, good)}.${signature}`,
      'the public key as a secret': await sign({ header: { kid: 'e1' }, key: PUBLIC }),
      'the algorithm of another key': await sign({ header: { alg: 'HS384' } }),
      "an elliptic signature under the secret's name": await sign({ header: { alg: 'ES256' }, key: curve.privateKey }),
      'another secret': await sign({ key: randomBytes(32).toString('base64url') }),
      'an unknown kid': await sign({ header: { kid: 'k2' } }),
      'no kid': `${unsigned({ alg: 'HS256' }, good)}.${signature}`,
      'another site': await sign({ claims: { aud: 'empty' } }),
      'more than this site': await sign({ claims: { aud: ['shop', 'empty'] } }),
      'no aud': await sign({ claims: { aud: undefined } }),
      expired: await sign({ claims: { exp: now - 61 } }),
      'good for too long': await sign({ claims: { exp: now + 360 } }),
      'good for ever': await sign({ claims: { exp: undefined } }),
      'not good yet': await sign({ claims: { nbf: now + 90 } }),
      'no sub': await sign({ claims: { sub: undefined } }),
      'an empty sub': await sign({ claims: { sub: ' ' } }),
      'a sub that is an object': await sign({ claims: { sub: { $ne: 1 } } }),
      'a sub too long': await sign({ claims: { sub: 'x'.repeat(256) } }),
      'no jti': await sign({ claims: { jti: undefined } }),
      'a changed payload': `${head}.${forged}.${signature}`,
      'no signature': `${head}.${body}.`,
      nothing: '',
      nonsense: 'a.b.c',
    };
    for (const [what, token] of Object.entries(wrong)) expect(await identify(token), what).toEqual(REFUSED);
    expect(await world.store.identified('shop', 'customer 7')).toBeUndefined();
    // The log tells the administrator the reason, but not the visitor's name.
    expect(world.lines.join('')).toContain('its kid names no key of this site');
    expect(world.lines.join('')).not.toContain('customer 7');
  });

  it('[D3] may come from a clock that is a minute off', async () => {
    const now = world.clock.nowSeconds();
    for (const claims of [{ exp: now - 30 }, { exp: now + 340 }, { nbf: now + 50 }])
      expect((await identify(await sign({ claims }))).status).toBe(200);
  });

  it('[D3] is good once, and stays used for as long as it would be good', async () => {
    const token = await sign();
    const answers = await Promise.all([identify(token), identify(token), identify(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    world.clock.advance(150_000);
    expect(await identify(token)).toEqual(REFUSED);
    expect((await world.store.identityKeys('shop')).map(({ kid }) => kid)).toEqual(['k1', 'e1']);
  });

  it('[D3] is worth nothing where the site has no keys, and nothing any more under a key that was removed', async () => {
    expect(await identify(await sign({ claims: { aud: 'other' } }), undefined, 'other')).toMatchObject({ status: 409, code: 'disabled' });
    await world.store.transact([], (tx) => tx.removeIdentityKey('shop', 'k1'));
    expect(await identify(await sign())).toEqual(REFUSED);
    expect((await identify(await sign({ header: { alg: 'ES256', kid: 'e1' }, key: curve.privateKey }))).status).toBe(200);
  });

  it('[D3] [D9] comes from our own frame, as JSON, and nobody else', async () => {
    const payload = { site: 'shop', token: await sign() };
    for (const headers of [
      {},
      { origin: 'http://shop.localhost' },
      { origin: 'null' },
      { origin: world.config.publicUrl, 'sec-fetch-site': 'cross-site' },
    ] as Record<string, string>[]) {
      expect((await world.ask({ method: 'POST', url: '/session/identity', payload, headers })).statusCode).toBe(403);
    }
    expect((await world.post('/session/identity', { site: 'shop', token: ['x'] })).statusCode).toBe(400);
    expect((await identify(payload.token)).status).toBe(200);
  });
});

describe('an answer that was lost', () => {
  const cookie = (refresh: string) => ({ headers: { cookie: `__Host-v-shop=${refresh}` } });
  const ask = async (body: object, options: { headers?: Record<string, string> } = {}) => {
    const answer = await world.post('/session/identity', { site: 'shop', ...body }, options);
    return { status: answer.statusCode, ...answer.json() };
  };

  it("[D3] [fault 3] a token answers again the device that asked, by an old token, the page's word or the new session", async () => {
    const thief = (await enter()).refresh;
    const cases: [string, (first: { before: string; once: string; now: string }) => [object, object?]][] = [
      ['by the token of before', ({ before }) => [{ refresh: before }]],
      ['by the cookie of before', ({ before }) => [{}, cookie(before)]],
      ["by the page's word", ({ once }) => [{ once }]],
      ['by the cookie of the answer, whose body was lost', ({ before, now }) => [{ refresh: before }, cookie(now)]],
      ['by the token of the answer', ({ now }) => [{ refresh: now }]],
    ];
    for (const [what, proof] of cases) {
      const [token, before, once] = [await sign({ claims: { sub: what } }), await enter(), randomUUID()];
      const first = await ask({ token, refresh: before.refresh, once });
      expect(first.status).toBe(200);
      for (const foreign of [{}, { refresh: thief }, { once: randomUUID() }, { refresh: thief, once: randomUUID() }])
        expect(await ask({ token, ...foreign }), what).toEqual(REFUSED);
      const [body, options] = proof({ before: before.refresh, once, now: first.refresh });
      const again = await ask({ token, ...body }, options);
      expect(again, what).toMatchObject({ status: 200, visitor: first.visitor, session: first.session });
      // Either of the two answers may be the one that arrives: its token is good, and then the other one's is good no more.
      expect(await resume(first.refresh), what).toMatchObject({ visitor: first.visitor, session: first.session });
      expect(await resume(again.refresh), what).toMatchObject({ visitor: first.visitor, session: first.session });
      expect(await resume(thief)).toMatchObject({ visitor: expect.any(String) });
    }
  });

  it("[D3] a device without tokens gets the answer again by the page's word alone, for the same token only", async () => {
    const [jti, once] = [randomUUID(), randomUUID()];
    const token = await sign({ claims: { jti } });
    const first = await ask({ token, once });
    expect(await ask({ token, once })).toMatchObject({ status: 200, visitor: first.visitor, session: first.session });
    expect(await ask({ token: await sign({ claims: { jti, sub: 'customer 8' } }), once })).toEqual(REFUSED);
    expect(await world.store.sessionsOf('shop', first.visitor)).toHaveLength(1);
  });

  it('[D3] of two requests at once both are answered with one session, and whichever cookie stays is good', async () => {
    for (const isSomebody of [true, false]) {
      const [token, once] = [await sign(), randomUUID()];
      const refresh = isSomebody ? (await enter()).refresh : undefined;
      const answers = await Promise.all([1, 2, 3].map(() => ask({ token, once, ...(refresh === undefined ? {} : { refresh }) })));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(new Set(answers.map(({ session }) => session)).size).toBe(1);
      for (const answer of answers) expect(await world.auth.access(answer.access)).toMatchObject({ session: answers[0]?.session });
      // In any order of use each is good, or too late for another one: none is taken for stolen.
      for (const answer of [answers[1], answers[0], answers[2]]) {
        const used = await world.post('/session', { site: 'shop', create: false, refresh: answer?.refresh });
        expect([used.statusCode, used.json().session ?? used.json().code]).toEqual(
          used.statusCode === 503 ? [503, 'unavailable'] : [200, answers[0]?.session],
        );
      }
      expect(await world.auth.access(answers[0]?.access)).toBeDefined();
    }
  });

  it("[D3] that rotated the device's token is given again, whichever of its tokens the device has kept", async () => {
    const known = await identify(await sign(), (await enter()).refresh);
    world.clock.advance(25 * 3600 * 1000);
    const kept: ((now: string) => [object, object?])[] = [
      () => [{ refresh: known.refresh }],
      () => [{}, cookie(known.refresh)],
      (now) => [{ refresh: known.refresh }, cookie(now)],
    ];
    for (const proof of kept) {
      const token = await sign();
      const first = await ask({ token, refresh: known.refresh });
      expect(first).toMatchObject({ status: 200, session: known.session });
      expect(first.refresh).not.toBe(known.refresh);
      const [body, options] = proof(first.refresh);
      expect(await ask({ token, ...body }, options)).toMatchObject({ status: 200, session: known.session, visitor: known.visitor });
    }
  });

  it('[D3] [D4] is not given again once its session has ended, nor when the token has', async () => {
    const [token, once] = [await sign(), randomUUID()];
    const first = await ask({ token, once });
    await world.auth.end(first.session);
    expect(await ask({ token, once })).toEqual(REFUSED);
    const [later, word] = [await sign(), randomUUID()];
    expect((await ask({ token: later, once: word })).status).toBe(200);
    world.clock.advance(200_000);
    expect(await ask({ token: later, once: word })).toEqual(REFUSED);
  });

  it('[D3] that is given again ends what the device has become meanwhile, unless that is in a chat', async () => {
    const [token, once] = [await sign(), randomUUID()];
    const first = await ask({ token, once });
    // Another tab has acted in between, and knows nothing of the name.
    const meanwhile = await enter();
    const { chat } = await openChat(meanwhile.visitor);
    expect(await ask({ token, once, refresh: meanwhile.refresh })).toMatchObject({ status: 503, code: 'unavailable' });
    await world.store.transact([], (tx) =>
      tx.append(chat, { kind: 'chat.closed', uid: null, author: { kind: 'visitor' }, by: 'visitor' }, 2),
    );
    expect(await ask({ token, once, refresh: meanwhile.refresh })).toMatchObject({ status: 200, session: first.session });
    expect(world.revoked).toEqual([meanwhile.session]);
    expect(await resume(meanwhile.refresh)).toEqual({ visitor: null });
  });

  it('[D11] [P6] leaves no token, name or word in the database, and nothing of an erased visitor', async () => {
    const [token, once] = [await sign({ claims: { sub: 'customer 7' } }), randomUUID()];
    const { visitor } = await ask({ token, once });
    await world.store.settle();
    const uses = () => {
      const db = new Database(world.config.databaseFile, { readonly: true });
      const count: unknown = db.prepare('SELECT count(*) FROM identity_use').pluck().get();
      db.close();
      return count;
    };
    expect(uses()).toBe(1);
    const bytes = (await readFile(world.config.databaseFile)).toString('latin1');
    for (const secret of [token, once, 'customer 7', token.split('.')[2] ?? token]) expect(bytes).not.toContain(secret);
    await world.store.transact([], (tx) => tx.eraseVisitor('shop', visitor));
    expect(uses()).toBe(0);
  });
});

describe('new visitors', () => {
  it("[D7] named visitors count as new ones of the site's minute; known ones enter, a refused token stays good", async () => {
    const small = await createWorld({ env: { LIMITS: JSON.stringify({ rates: { newVisitorsPerSiteMinute: 3 } }) } });
    await small.store.transact([], async (tx) => {
      for (const site of ['shop', 'other']) await tx.saveIdentityKey({ site, kid: 'k1', alg: 'HS256', key: SECRET, createdAt: 1 });
    });
    const now = small.clock.nowSeconds();
    const name = async (token: string, site = 'shop') => {
      const answer = await small.post('/session/identity', { site, token });
      return [answer.statusCode, answer.json().code];
    };
    const of = (sub: string, aud = 'shop') => sign({ claims: { sub, aud, exp: now + 200 } });
    for (const sub of ['a', 'b']) expect(await name(await of(sub))).toEqual([200, undefined]);
    expect((await small.post('/session', { site: 'shop', create: true })).statusCode).toBe(200);
    const late = await of('d');
    expect(await name(late)).toEqual([429, 'rate_limited']);
    expect((await small.post('/session', { site: 'shop', create: true })).json().code).toBe('rate_limited');
    expect(await name(await of('a'))).toEqual([200, undefined]);
    expect(await name(await of('d', 'other'), 'other')).toEqual([200, undefined]);
    expect(await name(late)).toEqual([429, 'rate_limited']);
    small.clock.advance(60_000);
    expect(await name(late)).toEqual([200, undefined]);
    await small.close();
  });
});

describe('an address in the token', () => {
  const REFUSED_MAIL = { success: false, error: 'forbidden' };

  /** A site that wants addresses confirmed, and a visitor in a chat whom a token with these claims has named. */
  async function named(claims: Record<string, unknown>) {
    const shop = await createRooms({ settings: { mail: { confirm: true } } });
    const { store, clock, limits } = shop;
    const auth = createAuth({ store, clock, limits, delay: createLoginDelay({ store, clock, limits: limits.login }) });
    await shop.store.transact([], (tx) => tx.saveIdentityKey({ site: SITE, kid: 'k1', alg: 'HS256', key: SECRET, createdAt: 1 }));
    const token = await sign({ claims: { aud: SITE, exp: shop.clock.nowSeconds() + 120, ...claims } });
    const identified = await auth.identify(SITE, token, []);
    if (identified.result !== 'welcome') throw new Error(`the token was ${identified.result}`);
    const { visitor, session } = identified.grant;
    const command = (given: Unsent<VisitorCommand>) =>
      shop.rooms.visitor(
        { site: SITE, visitor, presence: visitor, tab: 'tab', session },
        { uid: randomUUID(), ...given },
        { address: '192.0.2.1' },
      );
    await command({ kind: 'message.send', text: 'hello', group: null });
    const mail = async (address: string) => (await command({ kind: 'transcript.mail', address })).mailed;
    const mails = async () =>
      (await shop.store.dueJobs(Number.MAX_SAFE_INTEGER, 100))
        .filter(({ kind }) => kind === 'mail')
        .map(({ payload }) => payload as { address: string; isCode?: boolean });
    return { ...shop, mail, mails };
  }

  it("[E6] [D3] an address that the customer's server vouches for is confirmed, for this visitor and address alone", async () => {
    const shop = await named({ email: 'Ann@Home.example', email_verified: true });
    expect(await shop.mail('ann@home.example')).toBeUndefined();
    expect((await shop.mails()).map(({ address, isCode }) => [address, isCode])).toEqual([['ann@home.example', undefined]]);
    expect(await shop.mail('bob@home.example')).toEqual(REFUSED_MAIL);
    const other = await shop.addVisitor();
    await shop.visitor(other, { kind: 'message.send', text: 'hello', group: null });
    expect((await shop.visitor(other, { kind: 'transcript.mail', address: 'ann@home.example' })).mailed).toEqual(REFUSED_MAIL);
    await shop.close();
  });

  it('[E6] counts for nothing where nobody vouches for it, or it is none; the visitor is named all the same', async () => {
    for (const claims of [
      { email: 'ann@home.example' },
      { email: 'ann@home.example', email_verified: false },
      { email: 'ann@home.example', email_verified: 'true' },
      { email: ['ann@home.example'], email_verified: true },
      { email: 'ann@home.example\r\nBcc: x@y.example', email_verified: true },
    ]) {
      const shop = await named(claims);
      expect(await shop.mail('ann@home.example'), JSON.stringify(claims)).toEqual(REFUSED_MAIL);
      await shop.close();
    }
  });
});

describe('the device', () => {
  it('[D3] that has acted keeps its visitor when the name is new, under a session that nobody knows', async () => {
    const before = await enter();
    const after = await identify(await sign(), before.refresh);
    expect(after.visitor).toBe(before.visitor);
    expect(after.session).not.toBe(before.session);
    expect(world.revoked).toEqual([before.session]);
    expect(await resume(before.refresh)).toEqual({ visitor: null });
    expect(await resume(after.refresh)).toMatchObject({ visitor: before.visitor });
  });

  it('[D3] of a second kind becomes the visitor who bears the name; what it said before stays where it was said', async () => {
    const phone = await identify(await sign(), (await enter()).refresh);
    const laptop = await enter();
    const joined = await identify(await sign(), laptop.refresh);
    expect(joined.visitor).toBe(phone.visitor);
    expect(await world.store.visitor('shop', laptop.visitor)).toBeDefined();
    expect(await resume(laptop.refresh)).toEqual({ visitor: null });
    expect(await resume(phone.refresh)).toMatchObject({ visitor: phone.visitor });
    expect(world.revoked).toContain(laptop.session);
  });

  it('[D3] that receives the same name again stays as it is', async () => {
    const first = await identify(await sign(), (await enter()).refresh);
    const again = await identify(await sign(), first.refresh);
    expect(again).toMatchObject({ visitor: first.visitor, session: first.session, refresh: first.refresh });
  });

  it('[D3] of somebody else shows nothing of the one before', async () => {
    const ann = await identify(await sign({ claims: { sub: 'ann' } }), (await enter()).refresh);
    await openChat(ann.visitor);
    const bob = await identify(await sign({ claims: { sub: 'bob' } }), ann.refresh);
    expect(bob.visitor).not.toBe(ann.visitor);
    expect(await resume(ann.refresh)).toEqual({ visitor: null });
    expect((await identify(await sign({ claims: { sub: 'ann' } }), bob.refresh)).visitor).toBe(ann.visitor);
  });

  it('[D3] in the middle of a chat stays in it: it is named when that has ended', async () => {
    await identify(await sign(), (await enter()).refresh);
    const laptop = await enter();
    const { chat } = await openChat(laptop.visitor);
    const token = await sign();
    expect(await identify(token, laptop.refresh)).toMatchObject({ status: 503, code: 'unavailable' });
    expect(await resume(laptop.refresh)).toMatchObject({ visitor: laptop.visitor });
    await world.store.transact([], (tx) =>
      tx.append(chat, { kind: 'chat.closed', uid: null, author: { kind: 'visitor' }, by: 'visitor' }, 2),
    );
    expect((await identify(token, laptop.refresh)).status).toBe(200);
  });

  it('[D3] a name is known to its own site, and gone with its visitor', async () => {
    await world.store.transact([], (tx) => tx.saveIdentityKey({ site: 'other', kid: 'k1', alg: 'HS256', key: SECRET, createdAt: 1 }));
    const here = await identify(await sign());
    const there = await identify(await sign({ claims: { aud: 'other' } }), undefined, 'other');
    expect(there.visitor).not.toBe(here.visitor);
    await world.store.transact([], (tx) => tx.eraseVisitor('shop', here.visitor));
    expect((await identify(await sign())).visitor).not.toBe(here.visitor);
  });
});
