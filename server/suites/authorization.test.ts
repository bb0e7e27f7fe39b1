/**
 * Who may do what with somebody else's things: every entry of the server (routes from the router, frames and commands from the
 * parsers' own tables) tried by everybody who has no business there, once with ids of a real conversation and once with ids of
 * nothing. Both must be answered alike, and the conversation must be afterwards as it was before.
 *
 * An entry that is new in the tables and has no attempt here fails the test. The table goes to coverage-table/authorization.md.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorCommandSchema, operatorFrameSchema, visitorCommandSchema, visitorFrameSchema } from '../../shared/wire/requests.ts';
import { CLOSE, PROTOCOL_VERSION } from '../../shared/wire/protocol.ts';
import { CHAT, createGatewayWorld, OPERATORS, type Client, type GatewayWorld } from '../testing/gateway-world.ts';
import { cookieOf, createWorld as createHttpWorld, PASSWORD, routesOf, type World as HttpWorld } from '../testing/http-world.ts';
import { parseSettings } from '../../shared/settings.ts';
import { OTHER_SITE, SITE } from '../testing/room-world.ts';
import { randomId } from '../base/ids.ts';

const ACTORS = ['other visitor', 'other site', 'closed chat', 'operator of another site', 'anonymous', 'revoked', 'closed site'] as const;
/** Whose tokens are good and do nothing any more. */
const GONE: readonly Actor[] = ['revoked', 'closed site'];
const CLOSED_SITE = 'closing';
type Actor = (typeof ACTORS)[number];

/** What an attempt is about: somebody's, or nobody's. */
interface Ids {
  visitor: string;
  chat: string;
  file: string;
  request: string;
  operator: string;
  token: string;
}
const nothing = (): Ids => ({
  visitor: randomId(),
  chat: randomId(),
  file: randomId(),
  request: randomId(),
  operator: randomId(),
  token: randomId(),
});

/** entry → actor → verdict, as it was found. */
const table = new Map<string, Map<Actor, string>>();
const note = (entry: string, actor: Actor, verdict: string) =>
  table.set(entry, (table.get(entry) ?? new Map<Actor, string>()).set(actor, verdict));

afterAll(() => {
  const rows = [...table].map(([entry, cells]) => `| ${entry} | ${ACTORS.map((actor) => cells.get(actor) ?? '–').join(' | ')} |`);
  const folder = join(import.meta.dirname, '../../coverage-table');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'authorization.md'),
    [
      "# Who may do what with somebody else's conversation",
      '',
      'Written by the tests. Each cell: the answer to an attempt with ids of a real conversation, which is the answer to the same attempt with ids of nothing.',
      '`own`: the answer concerns the one who asks alone.',
      '',
      `| entry | ${ACTORS.join(' | ')} |`,
      `|---|${ACTORS.map(() => '---').join('|')}|`,
      ...rows,
      '',
    ].join('\n'),
  );
});

const kindsOf = (schema: { options: readonly { entries: object }[] }, discriminator: 't' | 'kind'): string[] =>
  schema.options.map(({ entries }) => String((entries as Record<string, { literal?: unknown }>)[discriminator]?.literal));

/** Answers without what differs from one asking to the next. */
function normalise(answer: unknown, ids: Ids): string {
  let text = JSON.stringify(answer);
  for (const [name, id] of Object.entries(ids)) text = text.replace(RegExp(`(?<!\\w)${id}(?!\\w)`, 'g'), name);
  return text
    .replace(/"(uid|date|serverTime|conn|message_id|id)":("[^"]*"|\d+)/g, '"$1":*')
    .replace(/[0-9a-f-]{36}|"[A-Za-z0-9_-]{22}"/g, '"*"');
}

// ── sockets ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Every frame that a visitor's page can say, about these ids. A command is a `send` of one item. */
const VISITOR_FRAMES: Record<string, (ids: Ids) => object | undefined> = {
  // Spoken by every actor to get in; with somebody's access token it is that somebody. Cursors are what can name another's.
  hello: () => undefined,
  send: () => undefined,
  sync: ({ chat }) => ({ t: 'sync', chat, after: 0 }),
  history: ({ chat }) => ({ t: 'history', n: 1, before: { chat, seq: 1_000 } }),
  typing: () => ({ t: 'typing', text: 'a draft' }),
  page: () => ({ t: 'page', page: { url: 'https://shop.example/', title: '' }, isInvitable: false }),
  // Of one's own, always: a frame names nobody. Taking back what was never set changes nothing.
  properties: () => ({ t: 'properties', changes: [['plan', null]] }),
  // Of one's own as well.
  language: () => ({ t: 'language', language: 'de' }),
  pong: () => ({ t: 'pong' }),
};
const VISITOR_COMMANDS: Record<string, (ids: Ids) => object> = {
  'chat.start': () => ({ group: null }),
  'chat.close': () => ({}),
  'message.send': () => ({ text: 'x', group: null }),
  'file.send': ({ file }) => ({ file }),
  'invite.accept': () => ({}),
  'invite.reject': () => ({}),
  'rating.set': () => ({ mark: 1 }),
  'card.set': () => ({ card: { email: 'victim@shop.example' } }),
  'transcript.mail': () => ({ address: 'thief@evil.example' }),
  'request.send': () => ({ request: { message: 'x' } }),
  'messages.read': ({ chat }) => ({ chat, seq: 2 }),
};
const OPERATOR_FRAMES: Record<string, (ids: Ids) => object | undefined> = {
  hello: () => undefined,
  send: () => undefined,
  online: () => ({ t: 'online', value: false }),
  watch: ({ visitor }) => ({ t: 'watch', visitor }),
  unwatch: ({ visitor }) => ({ t: 'unwatch', visitor }),
  sync: ({ chat }) => ({ t: 'sync', chat, after: 0 }),
  history: ({ visitor }) => ({ t: 'history', n: 1, visitor, before: null }),
  requests: ({ request }) => ({ t: 'requests', n: 1, after: { isDone: false, date: 9_999_999_999, id: request } }),
  typing: ({ chat }) => ({ t: 'typing', chat }),
  used: () => ({ t: 'used' }),
  pong: () => ({ t: 'pong' }),
};
const OPERATOR_COMMANDS: Record<string, (ids: Ids) => object> = {
  'message.send': ({ chat }) => ({ chat, text: 'x' }),
  'file.send': ({ chat, file }) => ({ chat, file }),
  'chat.join': ({ chat }) => ({ chat }),
  'chat.take': ({ chat }) => ({ chat }),
  'chat.leave': ({ chat }) => ({ chat }),
  'chat.close': ({ chat }) => ({ chat }),
  'chat.transfer': ({ chat, operator }) => ({ chat, operator }),
  'visitor.invite': ({ visitor }) => ({ visitor, text: 'x' }),
  'invite.withdraw': ({ visitor }) => ({ visitor }),
  'messages.read': ({ chat }) => ({ chat, seq: 2 }),
  'request.done': ({ request }) => ({ request }),
  'card.correct': ({ visitor }) => ({ visitor, corrections: [{ field: 'name', from: null, to: 'x' }] }),
};

type AnyClient = Client<object, { t: string }>;

describe('the sockets', () => {
  let world: GatewayWorld;
  let open: Ids;
  let closed: Ids;
  const signedIn: Partial<Record<string, string>> = {};

  beforeAll(async () => {
    world = await createGatewayWorld({
      limits: {
        rates: { messagesPerSecond: 10_000, messagesBurst: 10_000, connectionsPerAddress: 10_000 },
        mail: { perAddressDay: 1_000, perSiteHour: 1_000, perIpHour: 1_000 },
      },
    });
    const operator = await world.addOperator('Olga', [SITE]);
    const elsewhere = await world.addOperator('Eve', [OTHER_SITE]);
    const make = async (isClosed: boolean): Promise<Ids> => {
      const visitor = await world.addVisitor();
      await world.visitor(visitor, { kind: 'message.send', text: 'SECRET words', group: null });
      const chat = (await world.store.lastChatOf(SITE, visitor))?.summary.id ?? '';
      await world.operator(operator, { kind: 'chat.join', chat });
      await world.visitor(visitor, { kind: 'request.send', request: { message: 'SECRET request' } });
      const request = (await world.store.requestsOf(SITE, visitor))[0]?.id ?? '';
      const file = randomId();
      await world.store.transact([], (tx) =>
        tx.saveFile({
          id: file,
          site: SITE,
          visitor,
          operator: null,
          name: 'SECRET.txt',
          type: 'text/plain',
          size: 1,
          createdAt: 1,
          state: 'clean',
        }),
      );
      if (isClosed) await world.visitor(visitor, { kind: 'chat.close' });
      return { visitor, chat, file, request, operator: operator.id, token: `session of ${visitor}` };
    };
    [open, closed] = [await make(false), await make(true)];
    const gone = await world.enter();
    await world.auth.end(gone.session);
    signedIn['revoked'] = gone.access;
    await world.store.transact([], (tx) =>
      tx.saveSite({ key: CLOSED_SITE, name: 'Closing', origins: ['https://closing.example'], settings: parseSettings({}) }),
    );
    signedIn['closed site'] = (await world.enter(CLOSED_SITE)).access;
    signedIn['operator of the closed site'] = (await world.signIn(await world.addOperator('Zoe', [CLOSED_SITE]))).cookie;
    await world.store.transact([], (tx) => tx.saveSite({ key: CLOSED_SITE, name: 'Closing', origins: [], settings: parseSettings({}) }));
    await world.gateway.siteChanged();
    signedIn['operator'] = (await world.signIn(elsewhere)).cookie;
    const dismissed = await world.signIn(operator);
    await world.auth.end(dismissed.session);
    signedIn['revoked operator'] = dismissed.cookie;
  });
  afterAll(() => world.close());

  const idsFor = (actor: Actor) => (actor === 'closed chat' ? closed : open);

  /** The actor's page, or the code that its hello was closed with. */
  async function enterAsVisitor(actor: Actor, ids: Ids): Promise<AnyClient | number> {
    const cookie = actor === 'operator of another site' ? { cookie: signedIn['operator'] ?? '' } : {};
    const client = await world.openVisitor({ origin: CHAT, ...cookie });
    // Somebody new each time: what an attempt does to oneself must not tell it from the next.
    const isVisitor = actor === 'other visitor' || actor === 'other site' || actor === 'closed chat';
    const site = actor === 'other site' ? OTHER_SITE : actor === 'closed site' ? CLOSED_SITE : SITE;
    const access = isVisitor ? (await world.enter(site)).access : signedIn[actor];
    client.send(world.hello({ site, cursors: { [ids.chat]: 0 }, epoch: world.store.epoch, ...(access === undefined ? {} : { access }) }));
    return Promise.race([client.next('welcome').then(() => client as unknown as AnyClient), client.closed]);
  }

  async function enterAsOperator(actor: Actor, ids: Ids): Promise<AnyClient | number> {
    const cookies: Partial<Record<Actor, string | undefined>> = {
      'operator of another site': signedIn['operator'],
      'closed chat': signedIn['operator'],
      revoked: signedIn['revoked operator'],
      'closed site': signedIn['operator of the closed site'],
    };
    const cookie = cookies[actor];
    const client = await world.openOperator({ origin: OPERATORS, cookie: cookie ?? '' });
    const watching = [{ visitor: ids.visitor, cursors: { [ids.chat]: 0 } }];
    client.send({ t: 'hello', v: PROTOCOL_VERSION, csrf: 'csrf', tab: randomUUID(), epoch: world.store.epoch, watching });
    return Promise.race([client.next('welcome').then(() => client as unknown as AnyClient), client.closed]);
  }

  /** The answer to a frame, without the news that an actor gets about itself: those are not about anybody's ids. */
  async function attempt(enter: typeof enterAsVisitor, actor: Actor, ids: Ids, frame: object | undefined): Promise<string> {
    const client = await enter(actor, ids);
    if (typeof client === 'number') return `closed ${client}`;
    if (frame !== undefined) client.send(frame);
    // Names of a list change as others come and go; ids of the victim are looked for in everything.
    const heard = await client.rest();
    const text = JSON.stringify(heard);
    for (const secret of ['SECRET', 'session of']) expect(text, `${actor}: ${JSON.stringify(frame)}`).not.toContain(secret);
    const answers = heard.filter(({ t }) => ['ack', 'nack', 'evt', 'opened', 'gone', 'reset', 'history', 'mailed'].includes(t));
    await client.close();
    return normalise(answers, ids);
  }

  const briefly = (answer: string): string => {
    if (answer.startsWith('closed')) return answer;
    const frames = JSON.parse(answer.replace(/:\*/g, ':0')) as { t: string; code?: string; page?: { items: unknown[] } }[];
    if (frames.length === 0) return 'nothing';
    return frames
      .map(({ t, code, page }) =>
        t === 'nack'
          ? String(code)
          : t === 'history' && page?.items.length === 0
            ? 'empty'
            : t === 'gone'
              ? 'absent'
              : t === 'ack'
                ? 'own'
                : t,
      )
      .join(', ');
  };

  /** Everything of the victims that is stored, and what operators see of them. */
  const dump = async () =>
    JSON.stringify(
      await Promise.all(
        [open, closed].map(async ({ visitor, chat, file }) => [
          await world.store.visitor(SITE, visitor),
          await world.store.chatsOf(SITE, visitor),
          await world.store.eventsAfter(SITE, chat, 0, 1_000),
          await world.store.requestsOf(SITE, visitor),
          await world.store.file(file),
          await world.store.sessionsOf(SITE, visitor),
          world.inbox.person(visitor),
        ]),
      ),
    );

  const entries = [
    ...kindsOf(visitorFrameSchema, 't').map((t) => ({ entry: `socket ${t}`, enter: enterAsVisitor, about: VISITOR_FRAMES[t] })),
    ...kindsOf(visitorCommandSchema, 'kind').map((kind) => ({
      entry: `socket send ${kind}`,
      enter: enterAsVisitor,
      about: commandOf(VISITOR_COMMANDS[kind], kind),
    })),
    ...kindsOf(operatorFrameSchema, 't').map((t) => ({ entry: `operator socket ${t}`, enter: enterAsOperator, about: OPERATOR_FRAMES[t] })),
    ...kindsOf(operatorCommandSchema, 'kind').map((kind) => ({
      entry: `operator socket send ${kind}`,
      enter: enterAsOperator,
      about: commandOf(OPERATOR_COMMANDS[kind], kind),
    })),
  ];

  function commandOf(about: ((ids: Ids) => object) | undefined, kind: string) {
    return about && ((ids: Ids) => ({ t: 'send', items: [{ uid: randomUUID(), kind, ...about(ids) }] }));
  }

  it('[D2] have an attempt for everything that can be said on them', () => {
    expect(entries.length).toBeGreaterThan(30);
    expect(entries.filter(({ about }) => about === undefined).map(({ entry }) => entry)).toEqual([]);
  });

  it.each(entries)(
    "[D2] $entry: somebody else's things are answered as absent ones, and nothing comes of it",
    async ({ entry, enter, about }) => {
      const before = await dump();
      for (const actor of ACTORS) {
        const [theirs, none] = [idsFor(actor), nothing()];
        const [real, absent] = [await attempt(enter, actor, theirs, about?.(theirs)), await attempt(enter, actor, none, about?.(none))];
        expect(real, `${entry} as ${actor}`).toBe(absent);
        if (actor === 'revoked') expect(real).toBe(`closed ${CLOSE.unauthorized}`);
        if (enter === enterAsVisitor && actor === 'closed site') expect(real).toBe(`closed ${CLOSE.siteClosed}`);
        if (enter === enterAsOperator && !['closed chat', 'operator of another site', 'closed site'].includes(actor))
          expect(real).toBe(`closed ${CLOSE.unauthorized}`);
        note(entry, actor, briefly(real));
      }
      expect(await dump()).toBe(before);
    },
  );
});

// ── HTTP ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `METHOD /path` as the router has it → the request about these ids. */
const ROUTES: Record<string, (ids: Ids, own: { site: string; bearer: string }) => InjectOptions> = {
  'GET /loader.js': () => ({ url: '/loader.js' }),
  'GET /loader/:file': () => ({ url: '/loader/1.2.3.js' }),
  'GET /frame/': ({ visitor }) => ({ url: `/frame/?site=shop&visitor=${visitor}` }),
  'GET /frame/assets/:name': () => ({ url: '/frame/assets/index-1.js' }),
  'GET /operator/assets/:name': () => ({ url: '/operator/assets/index-2.js' }),
  'GET /operator/': () => ({ url: '/operator/' }),
  'GET /operator': () => ({ url: '/operator' }),
  'GET /': () => ({ url: '/' }),
  'GET /.well-known/security.txt': () => ({ url: '/.well-known/security.txt' }),
  'GET /licenses.txt': () => ({ url: '/licenses.txt' }),
  'GET /healthz': () => ({ url: '/healthz' }),
  'GET /readyz': () => ({ url: '/readyz' }),
  'GET /openz': () => ({ url: '/openz' }),
  'POST /session': ({ token }, { site }) => ({ method: 'POST', url: '/session', payload: { site, create: false, refresh: token } }),
  'POST /session/identity': ({ visitor, token }, { site }) => ({
    method: 'POST',
    url: '/session/identity',
    payload: { site, token: visitor, refresh: token },
  }),
  'POST /operator/login': ({ operator }) => ({
    method: 'POST',
    url: '/operator/login',
    payload: { email: `${operator}@shop.example`, password: 'x' },
  }),
  'GET /operator/files/:id/:name': ({ file }) => ({ url: `/operator/files/${file}/SECRET.txt` }),
  'GET /operator/session': () => ({ url: '/operator/session' }),
  'POST /files': (_ids, { site, bearer }) => ({
    method: 'POST',
    url: `/files?site=${site}&uid=${randomUUID()}&name=a.txt`,
    payload: Buffer.from('x'),
    headers: { 'content-type': 'application/octet-stream', authorization: `Bearer ${bearer}` },
  }),
  // Who knows an address may fetch it; a file's id under another name, or among the avatars, is no address.
  'GET /files/:id/:name': ({ file }) => ({ url: `/files/${file}/other.txt` }),
  'GET /avatars/:file': ({ file }) => ({ url: `/avatars/${file}` }),
  'POST /outbox': ({ chat, file }, { bearer }) => ({
    method: 'POST',
    url: '/outbox',
    payload: {
      tab: 'tab',
      items: [
        { uid: randomUUID(), kind: 'messages.read', chat, seq: 9 },
        { uid: randomUUID(), kind: 'file.send', file },
      ],
    },
    headers: { authorization: `Bearer ${bearer}` },
  }),
  // A stream is another carrier of a socket's frames: the tables above cover them. Here: somebody else's page opens it.
  'POST /stream': () => ({ method: 'POST', url: '/stream', headers: { origin: 'http://evil.example' } }),
  'POST /stream/frames': ({ token }) => ({
    method: 'POST',
    url: '/stream/frames',
    payload: '{}',
    headers: { 'content-type': 'application/x-ndjson', 'x-stream': token },
  }),
  'POST /operator/stream': () => ({ method: 'POST', url: '/operator/stream', headers: { origin: 'http://evil.example' } }),
  'POST /operator/stream/frames': ({ token }) => ({
    method: 'POST',
    url: '/operator/stream/frames',
    payload: '{}',
    headers: { 'content-type': 'application/x-ndjson', 'x-stream': token },
  }),
  // Last: they end the actor's own session.
  'DELETE /session': ({ token }, { site }) => ({ method: 'DELETE', url: '/session', payload: { site, refresh: token } }),
  'POST /operator/logout': () => ({ method: 'POST', url: '/operator/logout' }),
};

describe('the routes', () => {
  let world: HttpWorld;
  let victim: Ids;
  let victimClosed: Ids;
  const tokens: Partial<Record<Actor, { bearer: string; cookie: string; site: string; visitor?: string }>> = {};

  beforeAll(async () => {
    world = await createHttpWorld({ env: { LIMITS: JSON.stringify({ rates: { sessionsPerMinute: 100_000 }, login: { tries: 10_000 } }) } });
    const enter = async (site: string) => {
      const answer = (await world.post('/session', { site, create: true })).json();
      return { ...answer, site, bearer: answer.access, cookie: `__Host-v-${site}=${answer.refresh}` };
    };
    const make = async (isClosed: boolean): Promise<Ids> => {
      const { visitor, session } = await enter('shop');
      const file = randomId();
      const chat = await world.store.transact([], async (tx) => {
        await tx.saveFile({
          id: file,
          site: 'shop',
          visitor,
          operator: null,
          name: 'SECRET.txt',
          type: 'text/plain',
          size: 1,
          createdAt: 1,
          state: 'clean',
        });
        const begun = await tx.append(
          await tx.createChat('shop', visitor),
          { kind: 'chat.started', uid: null, author: { kind: 'visitor' }, group: null, via: 'command' },
          1,
        );
        if (isClosed) await tx.append(begun.chat, { kind: 'chat.closed', uid: null, author: { kind: 'visitor' }, by: 'visitor' }, 2);
        return begun.chat.summary.id;
      });
      // All that others can learn: the page gets a session's id, never its tokens.
      return { visitor, chat, file, request: randomId(), operator: 'ann', token: session };
    };
    [victim, victimClosed] = [await make(false), await make(true)];
    tokens['other visitor'] = tokens['closed chat'] = await enter('shop');
    tokens['other site'] = await enter('other');
    await world.store.transact([], (tx) =>
      tx.saveSite({ key: CLOSED_SITE, name: 'Closing', origins: ['http://closing.localhost'], settings: parseSettings({}) }),
    );
    tokens['closed site'] = await enter(CLOSED_SITE);
    await world.store.transact([], (tx) => tx.saveSite({ key: CLOSED_SITE, name: 'Closing', origins: [], settings: parseSettings({}) }));
    const gone = await enter('shop');
    await world.auth.end(gone.session);
    tokens.revoked = gone;
    const ann = await world.store.operator('ann');
    if (ann !== undefined)
      await world.store.transact([], (tx) => tx.saveOperator({ ...ann, id: 'eve', email: 'eve@other.example', sites: ['other'] }));
    const login = await world.post('/operator/login', { email: 'eve@other.example', password: PASSWORD });
    tokens['operator of another site'] = { bearer: '', cookie: cookieOf(login).pair, site: 'shop' };
  });
  afterAll(() => world.close());

  async function attempt(actor: Actor, ids: Ids, request: (ids: Ids, own: { site: string; bearer: string }) => InjectOptions) {
    const own = tokens[actor] ?? { bearer: 'x', cookie: '', site: 'shop' };
    const asked = request(ids, { site: actor === 'other site' ? 'shop' : own.site, bearer: own.bearer });
    const answer = await world.ask({
      ...asked,
      headers: { origin: world.config.publicUrl, cookie: own.cookie, 'x-csrf-token': 'guess', ...asked.headers },
    });
    expect(answer.body, `${actor}: ${String(asked.url)}`).not.toContain('SECRET');
    for (const id of [victim.visitor, victim.chat, victimClosed.visitor]) expect(answer.body).not.toContain(id);
    // One's own session is one's own; it is another string each time.
    const body = answer.body.replace(/"(visitor|session|access|refresh|csrf|file|link)":"[^"]*"/g, '"$1":*');
    return {
      status: answer.statusCode,
      text: normalise(
        [
          answer.statusCode,
          body,
          Object.keys(answer.headers)
            .filter((name) => name !== 'retry-after' && !name.startsWith('x-ratelimit'))
            .sort(),
        ],
        ids,
      ),
      isEntry: asked.headers?.authorization !== undefined,
      isOwn: /"visitor":\*|"csrf":\*|"file":\*/.test(body),
    };
  }

  it('[D2] have an attempt for everything that is registered', () => {
    expect(routesOf(world.app)).toEqual(Object.keys(ROUTES).sort());
  });

  it('[D2] [D4] let those in who are signed in, with the very requests that the others are refused', async () => {
    const own = tokens['other visitor'];
    expect(own?.bearer).toEqual(expect.any(String));
    for (const entry of ['POST /files', 'POST /outbox'])
      expect((await attempt('other visitor', nothing(), ROUTES[entry] ?? (() => ({})))).status, entry).toBeLessThan(300);
  });

  it.each(Object.entries(ROUTES))("[D2] %s: somebody else's things are answered as absent ones", async (entry, request) => {
    for (const actor of ACTORS) {
      const theirs = actor === 'closed chat' ? victimClosed : victim;
      const [real, absent] = [await attempt(actor, theirs, request), await attempt(actor, nothing(), request)];
      expect(real.text, `${entry} as ${actor}`).toBe(absent.text);
      // A token in hand, and nobody behind it any more: at every entry that asks for one.
      if (GONE.includes(actor)) expect(real.isOwn, `${entry} as ${actor}`).toBe(false);
      if (real.isEntry && (GONE.includes(actor) || actor === 'anonymous')) expect(real.status, `${entry} as ${actor}`).toBe(401);
      note(entry, actor, real.isOwn ? `${real.status} own` : String(real.status));
    }
    for (const actor of GONE) expect(await world.store.filesOf(tokens[actor]?.site ?? '', tokens[actor]?.visitor ?? '')).toEqual([]);
    for (const { visitor } of [victim, victimClosed]) expect(await world.store.sessionsOf('shop', visitor)).toHaveLength(1);
  });
});
