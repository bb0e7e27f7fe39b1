/**
 * Versions meet: a kept loader on a page that has cached it, with today's frame; and today's loader with a kept frame, as on a
 * server that is rolled back. Each holds a conversation.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type World } from './fixtures.ts';
import type { VisitorPage } from './pages/visitor.ts';

const KEPT = new URL('kept', import.meta.url).pathname;

async function converse(world: World, visitor: VisitorPage): Promise<void> {
  const operator = await world.operator();
  await visitor.goto('plain.html');
  await visitor.openChat();
  await visitor.say('Hello from another version');
  await operator.join();
  await operator.reply('Hello');
  await visitor.sees('Hello');
}

// Before anything was kept there is nothing to hold against; SPEC.md's rule is then told as not shown.
for (const version of existsSync(KEPT) ? readdirSync(KEPT) : []) {
  test(`[BR.versions] the loader of ${version} speaks with today's frame`, async ({ world }) => {
    const visitor = await world.stranger();
    await visitor.page.route('**/loader.js', (route) => route.fulfill({ path: join(KEPT, version, 'loader.js'), headers: { 'cross-origin-resource-policy': 'cross-origin' } }));
    await converse(world, visitor);
  });

  test(`[BR.versions] today's loader speaks with the frame of ${version}`, async ({ world }) => {
    const visitor = await world.stranger();
    const assets = (html: string): string => /\/frame\/assets\/[\w-]+\.js/.exec(html)?.[0] ?? '';
    const kept = assets(readFileSync(join(KEPT, version, 'frame/index.html'), 'utf8'));
    await visitor.page.route('**/frame/?site=*', async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      await route.fulfill({ response, body: html.replaceAll(assets(html), kept) });
    });
    await visitor.page.route('**/frame/assets/*', async (route) => {
      const path = join(KEPT, version, new URL(route.request().url()).pathname);
      const headers = { 'cross-origin-resource-policy': 'cross-origin', 'cross-origin-embedder-policy': 'require-corp' };
      await (existsSync(path) ? route.fulfill({ path, headers }) : route.abort());
    });
    await converse(world, visitor);
  });
}
