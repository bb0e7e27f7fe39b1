/**
 * Out of the back/forward cache with a dead connection: in a browser of its own with that cache on, which the driver switches off.
 * The driver loses sight of a restored frame, so what came back is asked on the page itself.
 */
import { chromium, type BrowserContext } from '@playwright/test';
import type { Message } from '../../shared/chat.ts';
import { chromiumLaunch } from '../support/browsers.ts';
import { expect, test } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { expectAllSound } from './said.ts';

/** Runs with that cache on, on pages that may be kept: the test's server says no-store otherwise. */
async function withCache(run: (context: BrowserContext) => Promise<void>): Promise<void> {
  const options = chromiumLaunch({ isWhole: true });
  const ignored = Array.isArray(options.ignoreDefaultArgs) ? options.ignoreDefaultArgs : [];
  const browser = await chromium.launch({ ...options, ignoreDefaultArgs: [...ignored, '--disable-back-forward-cache'] });
  try {
    await run(await browser.newContext());
  } finally {
    await browser.close();
  }
}

const KEPT_PAGE = 'recorder.html?header=cache-control: max-age=60';

test('[fault 28] back out of the cache of history the page is connected again, and says who is there now', async ({ world }) => {
  await withCache(async (context) => {
    const operator = await world.operator();
    const visitor = new VisitorPage(await context.newPage(), `${world.system.shop}/${world.key}`);
    const { page } = visitor;
    await visitor.open(KEPT_PAGE);
    await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => window.notes.push(persisted)));
    await visitor.done('sendChatMessage', 'before;');
    await operator.join();
    await visitor.hears('operatorjoined');
    expect(await visitor.call('isChatAvailable')).toBe(true);

    await visitor.goto('embed-bare.html');
    await operator.reply('meanwhile;');
    await operator.goOffline();
    await page.evaluate(() => history.back());
    await expect.poll(() => page.evaluate(() => window.notes[0]).catch(() => undefined)).toBe(true);

    await visitor.hears('sendmessage');
    await expect.poll(() => visitor.call('isChatAvailable')).toBe(false);
    await expect.poll(() => visitor.call('isOnline')).toBe(true);
    await visitor.done('sendChatMessage', 'after;');
    await operator.reads('after;');
    await expectAllSound(world, [visitor]);
  });
});

test('[fault 29] [TR.shared] the tab that leads is put aside in the cache of history: another leads, and it rides along when it comes back', async ({
  world,
}) => {
  await withCache(async (context) => {
    const operator = await world.operator();
    const base = `${world.system.shop}/${world.key}`;
    const first = new VisitorPage(await context.newPage(), base);
    const second = new VisitorPage(await context.newPage(), base);
    await first.open(KEPT_PAGE);
    await first.page.evaluate(() => addEventListener('pageshow', ({ persisted }) => window.notes.push(persisted)));
    await second.open();
    await first.done('sendChatMessage', 'before;');
    await operator.join();
    await second.becomes('chat');
    await second.forget();

    await first.goto('embed-bare.html');
    await operator.reply('meanwhile;');
    const heard = async (tab: VisitorPage): Promise<string | undefined> => (await tab.told<Message>('sendmessage')).at(-1)?.text;
    await expect.poll(() => heard(second)).toBe('meanwhile;');
    await first.page.evaluate(() => history.back());
    await expect.poll(() => first.page.evaluate(() => window.notes[0]).catch(() => undefined)).toBe(true);
    await expect.poll(() => heard(first)).toBe('meanwhile;');
    await first.done('sendChatMessage', 'back again;');
    await expect.poll(() => heard(second)).toBe('back again;');
    expect(await second.heard('connectionchange')).toEqual([]);
    await expectAllSound(world, [first, second]);
  });
});
