/**
 * The embed matrix: on every kind of page somebody asks, somebody answers, and the page has nothing to complain about. What
 * a situation is stands in `situations.ts`.
 */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { SITUATIONS } from './situations.ts';
import { watch } from './watch.ts';

/** Set by `npm run matrix`: all that can run in Firefox does. */
const isWhole = process.env.MATRIX === 'whole';

for (const { name, rules, page: path, firefox, isDeaf, launch, within, isExpected, before, onPage, after } of SITUATIONS) {
  const tag = firefox === 'always' || (firefox === 'matrix' && isWhole) ? ['@firefox'] : [];
  test(`${rules} embed: ${name}`.trim(), { tag }, async ({ world, browser: usual, browserName }) => {
    const browser = await launch?.(browserName);
    test.info().annotations.push({ type: 'engine', description: (browser ?? usual).version() });
    try {
      const operator = await world.operator();
      const page = browser === undefined ? (await world.stranger()).page : await browser.newPage();
      const visitor = new VisitorPage(page, `${world.system.shop}/${world.key}`, within === undefined ? page : page.frameLocator(within));
      const complaints = await watch(page, world.system.chat);
      const stage = { world, visitor, operator, complaints, engine: browserName };
      await before?.(page, world);
      await visitor.goto(typeof path === 'string' ? path : await path(world));
      const isByScript = isDeaf === true && browserName === 'firefox';
      if (isByScript) await openByScript(page);
      else await visitor.openChat();
      await onPage?.(stage);

      if (isByScript) await page.evaluate(() => void window.CallGear.UI.getWidget('consultant_chat')?.sendChatMessage('Hello'));
      else await visitor.say('Hello');
      await operator.join();
      await operator.reads('Hello');
      await operator.reply('Good afternoon');
      await visitor.sees('Good afternoon');

      await after?.(stage);
      expect((await complaints.all()).filter((complaint) => isExpected?.test(complaint) !== true)).toEqual([]);
    } finally {
      await browser?.close();
    }
  });
}

async function openByScript(page: Page): Promise<void> {
  await page.waitForFunction(() => window.CallGear?.UI.getWidget('consultant_chat') !== undefined);
  await page.evaluate(() => window.CallGear.UI.getWidget('consultant_chat')?.show());
}
