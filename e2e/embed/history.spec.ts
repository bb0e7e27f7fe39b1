/**
 * The embed matrix, out of the back/forward cache: a browser of its own with that cache on, which the driver switches off. The
 * driver loses sight of a restored frame, so what came back is asked on the page itself.
 */
import { chromium } from '@playwright/test';
import { chromiumLaunch } from '../support/browsers.ts';
import { expect, test } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { watch } from './watch.ts';

test('embed: out of the back/forward cache', async ({ world }) => {
  const options = chromiumLaunch({ isWhole: true });
  const ignored = Array.isArray(options.ignoreDefaultArgs) ? options.ignoreDefaultArgs : [];
  const browser = await chromium.launch({ ...options, ignoreDefaultArgs: [...ignored, '--disable-back-forward-cache'] });
  try {
    const operator = await world.operator();
    test.info().annotations.push({ type: 'engine', description: browser.version() });
    const visitor = new VisitorPage(await browser.newPage(), `${world.system.shop}/${world.key}`);
    const { page } = visitor;
    const complaints = await watch(page, world.system.chat);
    // A page that may be kept: the test's server says no-store otherwise.
    await visitor.open('recorder.html?header=cache-control: max-age=60');
    await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => window.notes.push(persisted)));
    await visitor.done('sendChatMessage', 'Before I leave');
    await operator.join();
    await visitor.hears('operatorjoined');

    await visitor.goto('embed-bare.html');
    await operator.reply('Said meanwhile');
    await page.evaluate(() => history.back());
    await expect.poll(() => page.evaluate(() => window.notes as unknown).catch(() => undefined)).toEqual([true]);

    // It is the same document, its listeners hear what was said meanwhile, and both can go on.
    await expect.poll(async () => (await visitor.heard('sendmessage')).map(({ payload }) => payload.text)).toEqual(['Said meanwhile']);
    await visitor.done('sendChatMessage', 'And back');
    await operator.reads('And back');
    await operator.reply('Welcome back');
    await visitor.hears('sendmessage', 2);
    expect(await complaints.all()).toEqual([]);
  } finally {
    await browser.close();
  }
});
