/** The server from outside: endpoints, headers, health, and what survives it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '../support/fixtures.ts';
import { startSystem } from '../support/system.ts';
import { Database } from '../../server/store/driver.ts';

test('[SV.headers] the frame is served with exactly the designed headers', async ({ world }) => {
  const { chat, shop } = world.system;
  const answer = await fetch(`${chat}/frame/?site=${world.key}`, { headers: { 'sec-fetch-dest': 'iframe' } });
  const policy = answer.headers.get('content-security-policy');
  expect(policy?.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    `frame-ancestors ${shop}`,
  ]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  expect(answer.headers.has('x-frame-options')).toBe(false);
});

test('[SV.headers] [BI.site] an unknown site and a frame opened as a page get an error page that nobody can embed', async ({ world }) => {
  const { chat } = world.system;
  for (const [url, dest] of [
    [`${chat}/frame/?site=no-such-site`, 'iframe'],
    [`${chat}/frame/?site=${world.key}`, 'document'],
  ] as const) {
    const answer = await fetch(url, { headers: { 'sec-fetch-dest': dest } });
    expect(answer.ok).toBe(false);
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  }
});

test('[SV.notices] the built server names the packages that browsers are sent and those that it runs on', async ({ world }) => {
  const answer = await fetch(`${world.system.chat}/licenses.txt`);
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const text = await answer.text();
  const root = new URL('../..', import.meta.url).pathname;
  const manifest = (folder: string) =>
    JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { version: string; dependencies: Record<string, string> };
  const bundled = ['preact', '@preact/signals', '@preact/signals-core', 'comlink'];
  for (const name of [...bundled, ...Object.keys(manifest('.').dependencies)]) {
    expect(text).toContain(`\n${name} ${manifest(`node_modules/${name}`).version} (`);
  }
});

test('[SV.health] the health endpoints answer', async ({ world }) => {
  for (const door of ['healthz', 'readyz']) expect((await fetch(`${world.system.chat}/${door}`)).status).toBe(200);
});

test('[SV.admin] [RE.settings] a setting that is changed beside the running server reaches the next page; a wrong one is refused', async ({
  world,
}) => {
  await world.set('chat.title', 'Ask us');
  const visitor = await world.visitor();
  expect(await visitor.page.evaluate(() => (window as unknown as { settings: { chat: { title: string } } }).settings.chat.title)).toBe(
    'Ask us',
  );
  await visitor.openChat();
  await expect(visitor.frame.getByText('Ask us')).toBeVisible();
  await expect(world.system.admin('site', 'set', world.key, 'chat.title', '12')).rejects.toThrow(/chat\.title.*string/i);
  await expect(world.system.admin('site', 'set', world.key, 'chat.titel', '"x"')).rejects.toThrow(/chat\.titel/);
  // As a process of its own, which the other tests' commands are not.
  const { dataDir } = world.system;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, '../../dist/server/admin.js'), 'site', 'list'],
    { env: { ...process.env, DATA_DIR: dataDir } },
  );
  expect(stdout).toContain(world.key);
});

test('[SV.admin] site, group and operator commands work beside the server; backup can be opened', async ({ world }) => {
  const { system, key } = world;
  await system.admin('group', 'add', '--site', key, '--name', 'Sales', '--id', 'sales');
  expect(await system.admin('group', 'list')).toContain('sales');
  expect(await system.admin('site', 'list')).toContain(key);
  const file = join(system.dataDir, `${key}.backup`);
  await system.admin('backup', file);
  const copy = new Database(file, { readonly: true });
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  copy.close();
  await system.admin('site', 'remove', key);
  await expect
    .poll(async () => (await fetch(`${system.chat}/frame/?site=${key}`, { headers: { 'sec-fetch-dest': 'iframe' } })).ok)
    .toBe(false);
});

test('[SV.restart] [RO.order] [ST.restart] killed in mid-chat, the server forgets nothing it acknowledged', async () => {
  test.slow();
  const system = await startSystem();
  try {
    const { chromium } = await import('@playwright/test');
    const { chromiumLaunch } = await import('../support/browsers.ts');
    const { VisitorPage } = await import('../support/pages/visitor.ts');
    const browser = await chromium.launch(chromiumLaunch());
    await system.admin('site', 'add', '--key', 'killed', '--name', 'Killed', '--origin', system.shop);
    const visitor = await new VisitorPage(await (await browser.newContext()).newPage(), `${system.shop}/killed`).open();
    for (let n = 1; n <= 30; n += 1) await visitor.call('sendChatMessage', `line ${n}`);
    await visitor.hears('messagedelivered', 5);
    await system.stopServer('SIGKILL');
    await system.startServer();
    await visitor.hears('messagedelivered', 30);
    await browser.close();
    await system.stopServer();
    const database = new Database(join(system.dataDir, 'chat.sqlite'), { readonly: true });
    const rows = database.prepare("select seq, json_extract(body, '$.text') as text from event order by seq").all() as {
      seq: number;
      text: string | null;
    }[];
    database.close();
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    expect(rows.flatMap(({ text }) => text ?? [])).toEqual(Array.from({ length: 30 }, (_, n) => `line ${n + 1}`));
  } finally {
    await system.close();
  }
});
