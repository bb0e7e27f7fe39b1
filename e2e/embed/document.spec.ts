/**
 * The frame's document: who may show it (exactly the site's origins, as every ancestor), what it may do to the page that
 * shows it, and its headers.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { expect, test, type World } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';

const NOT_OURS = ['evil', 'sub-domain', 'other port', 'null', 'nested'] as const;

/** A web server of strangers on two ports, for every name below localhost: `pages` are its documents by their whole address. */
async function strangers(): Promise<{ ports: number[]; pages: Map<string, string>; close(): void }> {
  const pages = new Map<string, string>();
  const servers = [1, 2].map(() =>
    createServer(({ headers, url }, response) =>
      response.setHeader('content-type', 'text/html').end(pages.get(`http://${headers.host ?? ''}${url ?? ''}`) ?? ''),
    ).listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    pages,
    close: () =>
      servers.forEach((server) => {
        server.closeAllConnections();
        server.close();
      }),
  };
}

const addressOf = ({ system, key }: World, origin: string): string =>
  `${system.chat}/frame/?site=${key}#n=nonce&o=${encodeURIComponent(origin)}`;
const iframe = (address: string): string =>
  `<!doctype html><title>Embedder</title><iframe id="inner" src="${address}" width="400" height="300"></iframe>`;

/** Whether any frame of the page is the chat's document, once everything has loaded. */
async function isShown(page: Page, key: string): Promise<boolean> {
  for (const frame of page.frames()) {
    const site = await frame
      .evaluate(() => document.querySelector<HTMLMetaElement>('meta[name="callgear-site"]')?.content)
      .catch(() => undefined);
    if (site === key) return true;
  }
  return false;
}

/** A site that is at home on this origin only, but for one that it has already. */
async function moveTo(world: World, origin: string, other?: string): Promise<void> {
  await world.system.admin('site', 'origin', 'add', world.key, origin);
  await world.system.admin('site', 'origin', 'remove', world.key, world.system.shop);
  await expect
    .poll(async () => (await fetch(`${world.system.chat}/frame/?site=${world.key}`)).headers.get('content-security-policy'))
    .toMatch(new RegExp(`frame-ancestors ${other === undefined ? '' : `${other} `}${origin}$`));
}

for (const situation of NOT_OURS)
  test(`[C1] [BR.embedder] an embedder that is not the site’s is refused: ${situation}`, async ({ world }) => {
    const { ports, pages, close } = await strangers();
    const shop = `http://shop.localhost:${ports[0]}`;
    const evil = `http://evil.localhost:${ports[0]}`;
    await moveTo(world, shop);
    const embed = iframe(addressOf(world, shop));
    const sandboxed = `<!doctype html><iframe sandbox="allow-scripts" srcdoc="${embed.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`;
    const [address, body] = {
      evil: [`${evil}/`, embed],
      'sub-domain': [`http://sub.shop.localhost:${ports[0]}/`, embed],
      'other port': [`http://shop.localhost:${ports[1]}/`, embed],
      null: [`${shop}/null`, sandboxed],
      nested: [`${evil}/`, iframe(`${shop}/`)],
    }[situation] as [string, string];
    pages.set(`${shop}/`, embed).set(address, body);
    const { page } = await world.stranger();
    await page.goto(address);
    expect(await isShown(page, world.key)).toBe(false);
    // The same frame on the site's own page, so that the test could have failed.
    await page.goto(`${shop}/`);
    expect(await isShown(page, world.key)).toBe(true);
    close();
  });

test('[C1] a site on https is not shown over http', async ({ world }) => {
  const { ports, pages, close } = await strangers();
  const secure = `https://shop.localhost:${ports[0]}`;
  await moveTo(world, secure);
  pages.set(`http://shop.localhost:${ports[0]}/`, iframe(addressOf(world, secure)));
  const { page } = await world.stranger();
  await page.goto(`http://shop.localhost:${ports[0]}/`);
  expect(await isShown(page, world.key)).toBe(false);
  close();
});

test('[BR.embedder] [C1] the frame says nothing to a page that names another origin than its own, listed or not', async ({ world }) => {
  const { ports, pages, close } = await strangers();
  const shop = `http://shop.localhost:${ports[0]}`;
  const second = `http://second.localhost:${ports[0]}`;
  await world.system.admin('site', 'origin', 'add', world.key, second);
  await moveTo(world, shop, second);
  const { page } = await world.stranger();
  const said: string[] = [];
  page.on('console', (line) => line.text().startsWith('CallGear') && said.push(line.text()));
  const listen = '<script>window.heard = []; addEventListener("message", ({ data }) => heard.push(data));</script>';
  for (const [index, named] of [second, `http://evil.localhost:${ports[0]}`].entries()) {
    pages.set(`${shop}/${index}`, listen + iframe(addressOf(world, named)));
    await page.goto(`${shop}/${index}`);
    await expect.poll(() => said.length).toBe(index + 1);
    expect(await page.evaluate(() => window.heard)).toEqual([]);
  }
  close();
});

test('[C1] the document is no page of its own', async ({ world }) => {
  const { page } = await world.stranger();
  const response = await page.goto(`${world.system.chat}/frame/?site=${world.key}`);
  expect(response?.status()).toBe(403);
  expect(response?.headers()['content-security-policy']).toContain("frame-ancestors 'none'");
});

test('[C1] headers exactly as designed, whatever a request says', async ({ world }) => {
  const { chat, shop } = world.system;
  const requests: Record<string, string>[] = [
    {},
    { referer: 'http://evil.example/', origin: 'http://evil.example', 'x-forwarded-host': 'evil.example', 'sec-fetch-dest': 'iframe' },
  ];
  for (const headers of requests) {
    const response = await fetch(`${chat}/frame/?site=${world.key}`, { headers });
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-src 'none'; " +
        `require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors ${shop}`,
    );
    expect(
      Object.fromEntries(
        [
          'cross-origin-embedder-policy',
          'cross-origin-resource-policy',
          'x-content-type-options',
          'referrer-policy',
          'origin-agent-cluster',
          'x-frame-options',
          'cache-control',
        ].map((name) => [name, response.headers.get(name)]),
      ),
    ).toEqual({
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'origin-agent-cluster': '?1',
      'x-frame-options': null,
      'cache-control': 'no-store',
    });
    expect(
      response.headers
        .get('permissions-policy')
        ?.split(', ')
        .every((entry) => entry.endsWith('=()')),
    ).toBe(true);
  }
});

test('[C1] a site whose last origin is removed closes', async ({ world }) => {
  const visitor = await world.visitor();
  await world.system.admin('site', 'origin', 'remove', world.key, world.system.shop);
  await expect
    .poll(async () => (await fetch(`${world.system.chat}/frame/?site=${world.key}`)).headers.get('content-security-policy'))
    .toContain("frame-ancestors 'none'");
  await visitor.page.reload();
  expect(await isShown(visitor.page, world.key)).toBe(false);
});

test('[C1] [EV.chatavailabilitychange] pages of a site that closes go offline, and its operators hear no more', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const stranger = await world.visitor();
  await operator.sees('On site');
  await visitor.forget();
  await world.system.admin('site', 'origin', 'remove', world.key, world.system.shop);
  for (const person of [visitor, stranger]) {
    expect((await person.hears('chatavailabilitychange')).payload).toBe(false);
    expect((await person.hears('connectionchange')).payload).toEqual({ online: false });
    expect([await person.call('isChatAvailable'), await person.call('isOnline')]).toEqual([false, false]);
  }
  await expect(operator.visitors('On site')).toHaveCount(0);
  // A client that calls the endpoint directly is refused as well: no socket, no session.
  const entered = await fetch(`${world.system.chat}/session`, {
    method: 'POST',
    headers: { origin: world.system.chat, 'content-type': 'application/json' },
    body: JSON.stringify({ site: world.key, create: true }),
  });
  expect(entered.status).toBe(404);

  // Open again, it goes on where it was.
  await world.system.admin('site', 'origin', 'add', world.key, world.system.shop);
  await expect
    .poll(async () => (await fetch(`${world.system.chat}/frame/?site=${world.key}`)).headers.get('content-security-policy'))
    .toContain(world.system.shop);
  await visitor.open();
  expect(await visitor.done('sendChatMessage', 'Still here')).toBe('ok');
  await operator.reads('Still here');
});

test('[C1] removing an origin from the list disconnects its pages; pages of another origin go on', async ({ world }) => {
  const second = world.system.shop.replace('127.0.0.1', 'second.localhost');
  await world.system.admin('site', 'origin', 'add', world.key, second);
  await expect
    .poll(async () => (await fetch(`${world.system.chat}/frame/?site=${world.key}`)).headers.get('content-security-policy'))
    .toContain(second);
  const here = await world.visitor();
  const there = await new VisitorPage(await here.page.context().newPage(), `${second}/${world.key}`).open();
  for (const person of [here, there]) await expect.poll(() => person.call('isOnline')).toBe(true);
  await there.forget();
  await world.system.admin('site', 'origin', 'remove', world.key, second);
  expect((await there.hears('connectionchange')).payload).toEqual({ online: false });
  expect(await here.done('sendChatMessage', 'Still here')).toBe('ok');
  expect([await here.call('isOnline'), await there.call('isOnline')]).toEqual([true, false]);
});

test('[C1] if the removed page owned the shared socket, pages of other origins stay or reconnect', async ({ world }) => {
  const [first, other] = ['a', 'b'].map((name) => world.system.shop.replace('127.0.0.1', `${name}.second.localhost`));
  if (first === undefined || other === undefined) throw new Error('no origins');
  for (const origin of [first, other]) await world.system.admin('site', 'origin', 'add', world.key, origin);
  await expect
    .poll(async () => (await fetch(`${world.system.chat}/frame/?site=${world.key}`)).headers.get('content-security-policy'))
    .toContain(other);
  const person = await world.stranger();
  const context = person.page.context();
  const leader = await new VisitorPage(person.page, `${first}/${world.key}`).open();
  await expect.poll(() => leader.call('isOnline')).toBe(true);
  const riders = [];
  for (let n = 0; n < 2; n += 1) riders.push(await new VisitorPage(await context.newPage(), `${other}/${world.key}`).open());
  for (const rider of riders) await expect.poll(() => rider.call('isOnline')).toBe(true);
  await leader.forget();
  await world.system.admin('site', 'origin', 'remove', world.key, first);
  expect((await leader.hears('connectionchange')).payload).toEqual({ online: false });
  for (const rider of riders) {
    await expect.poll(() => rider.call('isOnline'), { timeout: 15_000 }).toBe(true);
    expect(await rider.done('sendChatMessage', 'Still here')).toBe('ok');
  }
  expect(await leader.call('isOnline')).toBe(false);
});

test('[C2] only tabs of one site on one origin share an identity, also with two sites on each other’s pages', async ({ world }) => {
  test.slow();
  const other = await world.neighbour();
  const second = world.system.shop.replace('127.0.0.1', 'second.localhost');
  for (const { key } of [world, other]) {
    await world.system.admin('site', 'origin', 'add', key, second);
    await expect
      .poll(async () => (await fetch(`${world.system.chat}/frame/?site=${key}`)).headers.get('content-security-policy'))
      .toContain(second);
  }
  // One person, one browser.
  const first = await world.stranger();
  const homes = {
    'A here': `${world.system.shop}/${world.key}`,
    'B there': `${second}/${other.key}`,
    'B here': `${world.system.shop}/${other.key}`,
    'A there': `${second}/${world.key}`,
  };
  const names = Object.keys(homes);
  const tabs: Record<string, VisitorPage[]> = {};
  for (const [name, base] of Object.entries(homes)) {
    tabs[name] = [];
    for (let n = 0; n < 2; n += 1) tabs[name].push(await new VisitorPage(await first.page.context().newPage(), base).open());
  }
  const all = names.flatMap((name) => (tabs[name] ?? []).map((tab) => ({ name, tab })));
  for (const name of names) expect(await tabs[name]?.[0]?.done('sendChatMessage', `Secret of ${name}`)).toBe('ok');
  for (const { name, tab } of all) {
    await expect.poll(() => tab.run((chat) => chat.getMessages().map(({ text }) => text)), name).toEqual([`Secret of ${name}`]);
    await tab.page.reload();
    await tab.page.waitForFunction(() => window.isReady === true);
  }

  const ids: Record<string, string[]> = {};
  const kept: Record<string, string> = {};
  for (const { name, tab } of all) {
    expect(await tab.run((chat) => chat.getMessages().map(({ text }) => text)), name).toEqual([`Secret of ${name}`]);
    expect(
      (await tab.told<{ text: string }[]>('showhistory')).flat().map(({ text }) => text),
      name,
    ).toEqual([`Secret of ${name}`]);
    (ids[name] ??= []).push(String(await tab.page.evaluate(() => window.CallGear.getVisitorId())));
    const frame = tab.page.frames().find((candidate) => candidate.url().startsWith(world.system.chat));
    kept[name] = (await frame?.evaluate(() => JSON.stringify({ ...localStorage }))) ?? '';
  }
  for (const name of names) expect(new Set(ids[name]).size, name).toBe(1);
  expect(new Set(Object.values(ids).flat()).size).toBe(4);
  // What lies in the frame's storage on one origin is not there on the other.
  const tokensOf = (text: string): string[] => text.match(/[\w-]{43}/g) ?? [];
  expect(tokensOf(kept['A here'] ?? '').length).toBeGreaterThan(0);
  for (const token of tokensOf(`${kept['A here']} ${kept['B here']}`)) expect(`${kept['A there']} ${kept['B there']}`).not.toContain(token);

  // The socket believes no cookie: without the token in its first message it is anybody's.
  const cookies = (await first.page.context().cookies())
    .filter(({ name }) => name.startsWith('__Host-v-'))
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');
  expect(cookies).toContain(world.key);
  const socket = new WebSocket(`${world.system.chat.replace('http', 'ws')}/socket`, {
    origin: world.system.chat,
    headers: { cookie: cookies },
  });
  const welcome = await new Promise<{ visitor: unknown; session: unknown; chat: unknown }>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () =>
      socket.send(
        JSON.stringify({
          t: 'hello',
          v: 1,
          site: world.key,
          tab: 'tab-of-somebody',
          page: { url: world.system.shop, title: '' },
          isInvitable: false,
          cursors: {},
        }),
      ),
    );
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { t: string; visitor: unknown; session: unknown; chat: unknown };
      if (frame.t === 'welcome') resolve(frame);
    });
  });
  socket.terminate();
  expect([welcome.visitor, welcome.session, welcome.chat]).toEqual([null, null, null]);
});

test('[C4] the frame is sandboxed, and cannot send the page elsewhere', async ({ world }) => {
  const visitor = await world.visitor();
  const attributes = await visitor.page
    .locator('iframe.callgear-widget')
    .evaluate((element) =>
      Object.fromEntries(['sandbox', 'allow', 'referrerpolicy', 'style'].map((name) => [name, element.getAttribute(name)])),
    );
  expect(attributes).toMatchObject({
    sandbox: 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals',
    allow: '',
    referrerpolicy: 'strict-origin',
  });
  const frame = visitor.page.frames().find((candidate) => candidate.url().startsWith(world.system.chat));
  const before = visitor.page.url();
  await frame?.evaluate(() => {
    try {
      (window.top as Window).location.href = 'http://evil.localhost:9/';
    } catch {
      // Refused at once is refused as well.
    }
  });
  await visitor.settled();
  expect(visitor.page.url()).toBe(before);
});

test('[C5] what the frame may ask of the server, the page may not', async ({ world }) => {
  const visitor = await world.visitor();
  const answers = await visitor.page.evaluate(
    async ([chat, key]) => {
      const body = JSON.stringify({ site: key, create: true });
      const tries: RequestInit[] = [
        { method: 'POST', body, headers: { 'content-type': 'application/json' } },
        { method: 'POST', body, headers: { 'content-type': 'application/json' }, credentials: 'include' },
        { method: 'POST', body, mode: 'no-cors' },
      ];
      const read: string[] = [];
      for (const init of tries)
        read.push(
          await fetch(`${chat}/session`, init).then(
            async (response) => (await response.text()) || response.type,
            () => 'refused',
          ),
        );
      const socket = await new Promise<string>((resolve) => {
        const made = new WebSocket(`${(chat as string).replace('http', 'ws')}/socket`);
        made.onopen = () => resolve('open');
        made.onerror = () => resolve('refused');
      });
      return [...read, socket];
    },
    [world.system.chat, world.key],
  );
  expect(answers).toEqual(['refused', 'refused', 'refused', 'refused']);
});

/** Everything that has been run as code or markup somewhere. */
/* eslint-disable no-script-url, no-template-curly-in-string */
const CORPUS = [
  '<img src=x onerror="owned=1">',
  '<svg onload=owned=1>',
  '"><script>owned=1</script>',
  'javascript:owned=1',
  '[x](javascript:owned=1)',
  '{{constructor.constructor("owned=1")()}}',
  '${owned=1}',
  '<a href="javascript:owned=1">x</a>',
  '<iframe srcdoc="<script>parent.owned=1</script>">',
  '<style>@import "http://evil.localhost:9/"</style>',
];
/* eslint-enable no-script-url, no-template-curly-in-string */

test('[A6] [C3] whatever is written stays text, for the visitor and for the operator', async ({ world }) => {
  const operator = await world.operator('<img src=x onerror=owned=1>', { position: '<svg onload=owned=1>' });
  const visitor = await world.stranger();
  const requested: string[] = [];
  for (const { page } of [visitor, operator]) {
    page.on('request', (request) => requested.push(request.url()));
    await page.addInitScript(() => {
      Object.assign(window, { violations: [] });
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        (window as unknown as { violations: string[] }).violations.push(effectiveDirective),
      );
    });
  }
  await operator.page.reload();
  await visitor.open();
  await visitor.page.evaluate((title) => void (document.title = title), CORPUS[0] as string);
  await visitor.run((chat) => chat.setVisitorCard({ name: '<img src=x onerror=owned=1>' }));
  await visitor.openChat();
  for (const text of CORPUS) await visitor.done('sendChatMessage', text);
  await operator.join();
  for (const text of CORPUS) await operator.reads(text);
  for (const text of CORPUS) {
    await visitor.sees(text);
    await operator.reply(`${text} too`);
    await visitor.sees(`${text} too`);
  }
  for (const { page } of [visitor, operator])
    for (const frame of page.frames())
      expect(
        await frame.evaluate(() => [
          (window as unknown as { owned?: number }).owned,
          (window as unknown as { violations: string[] }).violations,
        ]),
      ).toEqual([undefined, []]);
  expect(requested.filter((url) => url.includes('evil') || url.endsWith('/x'))).toEqual([]);
  const scripts = await visitor.frame.locator('a[href^="javascript:" i]').count();
  expect(scripts + (await operator.page.locator('a[href^="javascript:" i]').count())).toBe(0);
});
