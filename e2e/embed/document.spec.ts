/**
 * The frame's document and who may show it: exactly the site's origins, with everybody around them; what it may do to the
 * page that shows it; and what is sent with it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { expect, test, type World } from '../fixtures.ts';

const NOT_OURS = ['evil', 'sub-domain', 'other port', 'null', 'nested'] as const;

/** A web server of strangers on two ports, for every name below localhost: `pages` are its documents by their whole address. */
async function strangers(): Promise<{ ports: number[]; pages: Map<string, string>; close(): void }> {
  const pages = new Map<string, string>();
  const servers = [1, 2].map(() =>
    createServer(({ headers, url }, response) => response.setHeader('content-type', 'text/html').end(pages.get(`http://${headers.host ?? ''}${url ?? ''}`) ?? '')).listen(0, '127.0.0.1'),
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

const addressOf = ({ system, key }: World, origin: string): string => `${system.chat}/frame/?site=${key}#n=nonce&o=${encodeURIComponent(origin)}`;
const iframe = (address: string): string => `<!doctype html><title>Embedder</title><iframe id="inner" src="${address}" width="400" height="300"></iframe>`;

/** Whether any frame of the page is the chat's document, once everything has loaded. */
async function isShown(page: Page, key: string): Promise<boolean> {
  for (const frame of page.frames()) {
    const site = await frame.evaluate(() => document.querySelector<HTMLMetaElement>('meta[name="callgear-site"]')?.content).catch(() => undefined);
    if (site === key) return true;
  }
  return false;
}

/** A site that is at home on this origin only, but for one that it has already. */
async function moveTo(world: World, origin: string, other?: string): Promise<void> {
  await world.system.admin('site', 'origin', 'add', world.key, origin);
  await world.system.admin('site', 'origin', 'remove', world.key, world.system.shop);
  await expect.poll(async () => (await fetch(`${world.system.chat}/frame/?site=${world.key}`)).headers.get('content-security-policy')).toMatch(new RegExp(`frame-ancestors ${other === undefined ? '' : `${other} `}${origin}$`));
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
  const requests: Record<string, string>[] = [{}, { referer: 'http://evil.example/', origin: 'http://evil.example', 'x-forwarded-host': 'evil.example', 'sec-fetch-dest': 'iframe' }];
  for (const headers of requests) {
    const response = await fetch(`${chat}/frame/?site=${world.key}`, { headers });
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-src 'none'; " +
        `require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors ${shop}`,
    );
    expect(Object.fromEntries(['cross-origin-embedder-policy', 'cross-origin-resource-policy', 'x-content-type-options', 'referrer-policy', 'origin-agent-cluster', 'x-frame-options', 'cache-control'].map((name) => [name, response.headers.get(name)]))).toEqual({
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'origin-agent-cluster': '?1',
      'x-frame-options': null,
      'cache-control': 'no-store',
    });
    expect(response.headers.get('permissions-policy')?.split(', ').every((entry) => entry.endsWith('=()'))).toBe(true);
  }
});

test('[C1] a site whose last origin is removed closes', async ({ world }) => {
  const visitor = await world.visitor();
  await world.system.admin('site', 'origin', 'remove', world.key, world.system.shop);
  await expect.poll(async () => (await fetch(`${world.system.chat}/frame/?site=${world.key}`)).headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  await visitor.page.reload();
  expect(await isShown(visitor.page, world.key)).toBe(false);
});

test('[C4] the frame is sandboxed, and cannot send the page elsewhere', async ({ world }) => {
  const visitor = await world.visitor();
  const attributes = await visitor.page.locator('iframe.callgear-widget').evaluate((element) => Object.fromEntries(['sandbox', 'allow', 'referrerpolicy', 'style'].map((name) => [name, element.getAttribute(name)])));
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
      for (const init of tries) read.push(await fetch(`${chat}/session`, init).then(async (response) => (await response.text()) || response.type, () => 'refused'));
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
  "javascript:owned=1",
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
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => (window as unknown as { violations: string[] }).violations.push(effectiveDirective));
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
    for (const frame of page.frames()) expect(await frame.evaluate(() => [(window as unknown as { owned?: number }).owned, (window as unknown as { violations: string[] }).violations])).toEqual([undefined, []]);
  expect(requested.filter((url) => url.includes('evil') || url.endsWith('/x'))).toEqual([]);
  const scripts = await visitor.frame.locator('a[href^="javascript:" i]').count();
  expect(scripts + (await operator.page.locator('a[href^="javascript:" i]').count())).toBe(0);
});
