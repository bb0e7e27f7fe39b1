/** Versions meet: a kept loader, on a page that has cached or pinned it, holds a conversation with today's frame. */
import { existsSync, readdirSync } from 'node:fs';
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
  test(`[BR.versions] [fault 45] the loader of ${version} speaks with today's frame`, async ({ world }) => {
    const visitor = await world.stranger();
    await visitor.page.route('**/loader.js', (route) => route.fulfill({ path: join(KEPT, version, 'loader.js'), headers: { 'cross-origin-resource-policy': 'cross-origin' } }));
    await converse(world, visitor);
  });
}
