/**
 * Out of the back/forward cache with a dead connection: in a browser of its own with that cache on, which the driver switches off.
 * The driver loses sight of a restored frame, so what came back is asked on the page itself.
 */
import { chromium } from '@playwright/test';
import { chromiumLaunch } from '../browsers.ts';
import { expect, test } from '../fixtures.ts';
import { VisitorPage } from '../pages/visitor.ts';
import { expectAllSound } from './said.ts';

test('[fault 28] back out of the cache of history the page is connected within a second, and says who is there now', async ({ world }) => {
  const options = chromiumLaunch();
  const ignored = Array.isArray(options.ignoreDefaultArgs) ? options.ignoreDefaultArgs : [];
  const browser = await chromium.launch({ ...options, ignoreDefaultArgs: [...ignored, '--disable-back-forward-cache'] });
  try {
    const operator = await world.operator();
    const visitor = new VisitorPage(await browser.newPage(), `${world.system.shop}/${world.key}`);
    const { page } = visitor;
    // A page that may be kept: the test's server says no-store otherwise.
    await visitor.open('recorder.html?header=cache-control: max-age=60');
    await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => window.notes.push(persisted, performance.now())));
    await visitor.done('sendChatMessage', 'before;');
    await operator.join();
    await visitor.hears('operatorjoined');
    expect(await visitor.call('isChatAvailable')).toBe(true);

    await visitor.goto('embed-bare.html');
    await operator.reply('meanwhile;');
    await operator.goOffline();
    await page.evaluate(() => history.back());
    await expect.poll(() => page.evaluate(() => window.notes[0]).catch(() => undefined)).toBe(true);
    const back = Number(await page.evaluate(() => window.notes[1]));

    const { at } = await visitor.hears('sendmessage');
    expect(at - back).toBeLessThan(1_000);
    await expect.poll(() => visitor.call('isChatAvailable')).toBe(false);
    await expect.poll(() => visitor.call('isOnline')).toBe(true);
    await visitor.done('sendChatMessage', 'after;');
    await operator.reads('after;');
    await expectAllSound(world, [visitor]);
  } finally {
    await browser.close();
  }
});
