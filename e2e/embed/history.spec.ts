/**
 * The embed matrix, out of the back/forward cache: a browser of its own with that cache on, which the driver switches off. The
 * driver loses sight of a restored frame, so what came back is asked on the page itself.
 */
import { chromium } from '@playwright/test';
import { chromiumLaunch } from '../support/browsers.ts';
import { expect, test, type World } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { watch, type Complaints } from './watch.ts';

/** A visitor's page in such a browser, and what it has to complain about. */
async function inKeepingBrowser(world: World, work: (visitor: VisitorPage, complaints: Complaints) => Promise<void>): Promise<void> {
  const options = chromiumLaunch({ isWhole: true });
  const ignored = Array.isArray(options.ignoreDefaultArgs) ? options.ignoreDefaultArgs : [];
  const browser = await chromium.launch({ ...options, ignoreDefaultArgs: [...ignored, '--disable-back-forward-cache'] });
  try {
    test.info().annotations.push({ type: 'engine', description: browser.version() });
    const visitor = new VisitorPage(await browser.newPage(), `${world.system.shop}/${world.key}`);
    const complaints = await watch(visitor.page, world.system.chat);
    // A page that may be kept: the test's server says no-store otherwise.
    await visitor.open('recorder.html?header=cache-control: max-age=60');
    await visitor.page.evaluate(() => addEventListener('pageshow', ({ persisted }) => window.notes.push(persisted)));
    await work(visitor, complaints);
  } finally {
    await browser.close();
  }
}

/** Goes back to the page that was kept. It is the same document. */
async function goBack({ page }: VisitorPage): Promise<void> {
  await page.evaluate(() => history.back());
  await expect.poll(() => page.evaluate(() => window.notes as unknown).catch(() => undefined)).toEqual([true]);
}

test('embed: out of the back/forward cache', async ({ world }) => {
  const operator = await world.operator();
  await inKeepingBrowser(world, async (visitor, complaints) => {
    await visitor.done('sendChatMessage', 'Before I leave');
    await operator.join();
    await visitor.hears('operatorjoined');

    await visitor.goto('embed-bare.html');
    await operator.reply('Said meanwhile');
    await goBack(visitor);

    // Its listeners hear what was said meanwhile, and both can go on.
    await expect.poll(async () => (await visitor.heard('sendmessage')).map(({ payload }) => payload.text)).toEqual(['Said meanwhile']);
    await visitor.done('sendChatMessage', 'And back');
    await operator.reads('And back');
    await operator.reply('Welcome back');
    await visitor.hears('sendmessage', 2);
    expect(await complaints.all()).toEqual([]);
  });
});

test('[VI.badge] a page that is kept has its own title, and the number again when it comes back', async ({ world }) => {
  const operator = await world.operator();
  await inKeepingBrowser(world, async (visitor) => {
    await visitor.done('sendChatMessage', 'Before I leave');
    await operator.join();
    await operator.reply('Read me later');
    const title = () => visitor.page.evaluate(() => document.title);
    await expect.poll(title).toBe('(1) Recorder');
    // Heard after the loader, and noted for the next document.
    await visitor.page.evaluate(() => addEventListener('pagehide', () => sessionStorage.setItem('left', document.title)));
    await visitor.goto('embed-bare.html');
    expect(await visitor.page.evaluate(() => sessionStorage.getItem('left'))).toBe('Recorder');
    await goBack(visitor);
    await expect.poll(title).toBe('(1) Recorder');
  });
});
