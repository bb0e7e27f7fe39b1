/**
 * The chat that does not come: refused by the page's policy, by its own, by a blocker, by DNS, or late. Each time the page has
 * loaded as if nothing were missing, nothing was thrown, nothing empty is seen, and one error says why.
 */
import type { Page, Route } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

interface Trace {
  exceptions: string[];
  /** Ours, on the console. */
  printed: string[];
}

function trace(page: Page): Trace {
  const exceptions: string[] = [];
  const printed: string[] = [];
  page.on('pageerror', (error) => exceptions.push(error.message));
  page.on('console', (line) => line.type() === 'error' && line.text().startsWith('CallGear') && printed.push(line.text()));
  return { exceptions, printed };
}

/** What a visitor and a script of the page find while the chat is missing. */
async function expectHarmless({ page }: VisitorPage, { exceptions, printed }: Trace): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.errors.map(({ code }) => code))).toEqual(['frame_blocked']);
  expect(exceptions).toEqual([]);
  expect(printed).toHaveLength(1);
  expect(await page.evaluate(() => document.readyState)).toBe('complete');
  const seen = await page.evaluate(() => {
    const chat = window.CallGear.UI.createWidget('consultant_chat');
    const frame = document.querySelector('iframe.callgear-widget');
    return {
      isAvailable: chat.isChatAvailable(),
      state: chat.getState(),
      sent: typeof chat.sendChatMessage('Anybody?'),
      isSeen: frame !== null && getComputedStyle(frame).visibility !== 'hidden',
    };
  });
  expect(seen).toEqual({ isAvailable: false, state: 'available', sent: 'object', isSeen: false });
}

test('[BI.frame] [fault 21] refused by the page’s policy', async ({ world }) => {
  const visitor = await world.stranger();
  const traced = trace(visitor.page);
  await visitor.goto("recorder.html?csp=default-src 'none'; script-src 'self' CHAT");
  await expectHarmless(visitor, traced);
});

test('[C1] [fault 21] refused by the frame’s own policy', async ({ world }) => {
  await world.system.admin('site', 'origin', 'add', world.key, 'https://shop.example');
  await world.system.admin('site', 'origin', 'remove', world.key, world.system.shop);
  await expect
    .poll(async () => (await fetch(`${world.system.chat}/frame/?site=${world.key}`)).headers.get('content-security-policy'))
    .toContain('frame-ancestors https://shop.example');
  const visitor = await world.stranger();
  await visitor.page.clock.install();
  const traced = trace(visitor.page);
  await visitor.goto('recorder.html');
  await visitor.passHope();
  await expectHarmless(visitor, traced);
});

test('[fault 21] refused by a blocker; and found once the blocker is off', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const { page } = visitor;
  let isBlocked = true;
  await page.route('**/frame/?site=*', (route) => (isBlocked ? route.abort('blockedbyclient') : route.continue()));
  await page.clock.install();
  const traced = trace(page);
  await visitor.goto('recorder.html');
  await visitor.passHope();
  await expectHarmless(visitor, traced);

  isBlocked = false;
  await page.clock.fastForward(20_000);
  await page.waitForFunction(() => window.isReady === true);
  await operator.open('Waiting');
  await operator.reads('Anybody?');
});

test('[fault 21] an origin that DNS does not know', async ({ world }) => {
  const visitor = await world.stranger();
  const { page } = visitor;
  const loader = await (await fetch(`${world.system.chat}/loader.js`)).text();
  await page.route('http://no-such-chat.invalid/loader.js', (route) => route.fulfill({ body: loader, contentType: 'text/javascript' }));
  await page.route('**/recorder.html', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(world.system.chat, 'http://no-such-chat.invalid') });
  });
  await page.clock.install();
  const traced = trace(page);
  await visitor.goto('recorder.html');
  await visitor.passHope();
  await expectHarmless(visitor, traced);
});

test('[fault 22] a server that answers after thirty seconds: the page does not wait, and the late frame heals it', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const { page } = visitor;
  const held: Route[] = [];
  await page.route('**/frame/?site=*', (route) => void held.push(route));
  await page.clock.install();
  const traced = trace(page);
  await visitor.goto('recorder.html');
  await visitor.passHope();
  await expectHarmless(visitor, traced);
  await page.clock.fastForward(15_000);
  // Still loading: asked for once, however long it takes.
  expect(held).toHaveLength(1);
  for (const route of held) await route.continue();

  await page.waitForFunction(() => window.isReady === true);
  await operator.open('Waiting');
  await operator.reads('Anybody?');
  await expect.poll(() => visitor.call('isChatAvailable')).toBe(true);
});

test('[fault 22] a loader that never comes keeps nothing of the page waiting', async ({ world }) => {
  const { page, ...rest } = await world.stranger();
  void rest;
  await page.route('**/loader.js', () => undefined);
  await page.goto(`${world.system.shop}/${world.key}/plain.html`, { waitUntil: 'domcontentloaded' });
  await expect(page.getByRole('heading')).toBeVisible();
  expect(await page.evaluate(() => document.readyState)).not.toBe('loading');
});
