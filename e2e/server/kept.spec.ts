/**
 * Versions meet, because loaders are cached on customers' pages and pinned ones stay for years: a kept loader with today's
 * frame, a kept frame with today's loader (a server that was put back), and both ways with a next major, which does not exist
 * yet and is made here of today's sources.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext } from '@playwright/test';
import { buildElsewhere, mixBuilds, type Folder } from '../support/elsewhere.ts';
import { createWorld, expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import { startSystem } from '../support/system.ts';

const KEPT = new URL('../kept', import.meta.url).pathname;
// Before anything was kept there is nothing to hold against; SPEC.md's rule is then told as not shown.
const versions = existsSync(KEPT) ? readdirSync(KEPT) : [];

/** What every two versions can do with each other: by finger and by script, before and after a reload. */
async function converse(world: World, visitor: VisitorPage): Promise<void> {
  const operator = await world.operator();
  await visitor.open();
  await visitor.openChat();
  await visitor.say('Hello from another version');
  await operator.join();
  await operator.reply('Hello');
  await visitor.sees('Hello');
  expect(await visitor.done('setVisitorCard', { name: 'Vera' })).toBe('ok');
  await visitor.page.reload();
  await visitor.page.waitForFunction(() => window.isReady === true);
  expect(await visitor.done('sendChatMessage', 'By script')).toBe('ok');
  await operator.reads('By script');
  expect(await visitor.page.evaluate(() => window.errors)).toEqual([]);
}

/** A server of its own, with the parts of a build that `mixBuilds` has put together. */
async function withServer(mixed: Folder, browser: Browser, run: (world: World) => Promise<void>): Promise<void> {
  const system = await startSystem({}, join(mixed.path, 'server/main.js'));
  const contexts: BrowserContext[] = [];
  try {
    await run(await createWorld(system, browser, contexts));
  } finally {
    for (const context of contexts) await context.close();
    await system.close();
    mixed.remove();
  }
}

for (const version of versions) {
  test(`[BR.versions] [fault 45] the loader of ${version} speaks with today's frame`, async ({ world }) => {
    const visitor = await world.stranger();
    await visitor.page.route('**/loader.js', (route) =>
      route.fulfill({ path: join(KEPT, version, 'loader.js'), headers: { 'cross-origin-resource-policy': 'cross-origin' } }),
    );
    await converse(world, visitor);
  });

  test(`[BR.versions] [fault 45] the frame of ${version} speaks with today's loader, on today's server`, async ({ browser }) => {
    await withServer(mixBuilds({ frame: join(KEPT, version, 'frame') }), browser, async (world) => converse(world, await world.stranger()));
  });
}

/** Loader and frame as they would be if this were a later version of the bridge. */
const speaking = (majors: string): Promise<Folder> =>
  buildElsewhere(
    ['loader', 'frame'],
    [['shared/page/bridge.ts', 'BRIDGE_VERSIONS: readonly number[] = [1];', `BRIDGE_VERSIONS: readonly number[] = ${majors};`]],
  );

test('[BR.versions] a next major that still speaks ours works with today’s loader, and with today’s frame', async ({ browser }) => {
  test.slow();
  const next = await speaking('[2, 1]');
  try {
    await withServer(mixBuilds({ frame: join(next.path, 'frame') }), browser, async (world) => converse(world, await world.stranger()));
    await withServer(mixBuilds({ loader: join(next.path, 'loader') }), browser, async (world) => converse(world, await world.stranger()));
  } finally {
    next.remove();
  }
});

test('[BR.versions] [LO.error] a next major that no longer speaks ours is refused in one sentence, both ways, and the page goes on', async ({
  browser,
}) => {
  test.slow();
  const next = await speaking('[2]');
  try {
    for (const mixed of [mixBuilds({ frame: join(next.path, 'frame') }), mixBuilds({ loader: join(next.path, 'loader') })])
      await withServer(mixed, browser, async (world) => {
        const { page } = await (await world.stranger()).goto('recorder.html');
        const exceptions: string[] = [];
        page.on('pageerror', ({ message }) => exceptions.push(message));
        await expect.poll(() => page.evaluate(() => window.errors)).toEqual([{ code: 'refused', message: 'no version in common' }]);
        await expect(page.locator('iframe.callgear-widget')).toHaveCount(0);
        const seen = await page.evaluate(() => {
          const chat = window.CallGear.UI.createWidget('consultant_chat');
          return { isAvailable: chat.isChatAvailable(), state: chat.getState(), sent: typeof chat.sendChatMessage('Anybody?') };
        });
        expect(seen).toEqual({ isAvailable: false, state: 'available', sent: 'object' });
        expect(exceptions).toEqual([]);
      });
  } finally {
    next.remove();
  }
});
