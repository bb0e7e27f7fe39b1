/**
 * What befalls the visitor's pages: they navigate, crash and are killed in mid-sentence, and there are many of them at once.
 */
import { chromium, type Page } from '@playwright/test';
import { readFileSync, readlinkSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumLaunch } from '../support/browsers.ts';
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import type { Writing } from './checker.ts';
import { writingOf } from './pages.ts';
import { expectAllSound, said, textsOf } from './said.ts';

/** Leaves for another document after that time, by the page's own script. */
async function leave(page: Page, to: string, ms: number): Promise<void> {
  await page.evaluate(([to, ms]) => void setTimeout(() => location.assign(to as string), ms as number), [to, ms]);
  await page.waitForURL((url) => url.href.endsWith(to));
  await page.waitForFunction(() => window.isReady === true);
}

test('[fault 15] what was sent from the interface is on the next page, however soon the visitor leaves', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const texts: string[] = [];
  for (const ms of [0, 5, 10, 20, 35, 50]) {
    const text = `left after ${ms} ms;`;
    await visitor.openChat();
    await visitor.box.fill(text);
    await visitor.page.keyboard.press('Enter');
    await leave(visitor.page, `recorder.html?after=${ms}`, ms);
    texts.push(text);
    await expect
      .poll(() => visitor.call<{ text: string }[]>('getMessages').then((all) => all.map((message) => message.text)))
      .toEqual(texts);
  }
  await visitor.openChat();
  await expect.poll(() => textsOf(visitor.log)).toEqual(texts);
  await expect.poll(() => textsOf(operator.log)).toEqual(texts);
  expect(said(world)).toEqual(texts);
  await expectAllSound(world, [visitor]);
});

test('[fault 15] what the page’s script sent while it left is everywhere or nowhere', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  for (const ms of [0, 5, 10, 20, 35, 50]) {
    const to = `recorder.html?after=${ms}`;
    await visitor.run(
      (chat, [to, ms]) => {
        chat.sendChatMessage(`left after ${ms} ms;`);
        setTimeout(() => location.assign(to), ms);
      },
      [to, ms] as const,
    );
    await visitor.page.waitForURL((url) => url.href.endsWith(to));
    await visitor.page.waitForFunction(() => window.isReady === true);
  }
  await visitor.openChat();
  await visitor.settled();
  await expect.poll(async () => [await textsOf(visitor.log), await textsOf(operator.log)]).toEqual([said(world), said(world)]);
  expect(new Set(said(world)).size).toBe(said(world).length);
  await expectAllSound(world, [visitor]);
});

test('[fault 18] a browser that is killed has kept what it had not sent', async ({ world }) => {
  test.slow();
  const profile = mkdtempSync(join(tmpdir(), 'chat-profile-'));
  const launch = () => chromium.launchPersistentContext(profile, chromiumLaunch({ isWhole: true }));
  const base = `${world.system.shop}/${world.key}`;
  const operator = await world.operator();
  const texts = ['first;', 'second;', 'third;'];
  try {
    const context = await launch();
    const page = await context.newPage();
    const line = await layLine(page);
    const visitor = await new VisitorPage(page, base).open();
    await visitor.done('startChat');
    await operator.join();
    await line.cut();
    await expect.poll(() => visitor.call('isOnline')).toBe(false);
    await visitor.openChat();
    for (const text of texts) await visitor.say(text);
    await expect.poll(() => textsOf(visitor.log)).toEqual(texts);
    await keeps(visitor, world.system.chat, texts.length);
    expect(said(world)).toEqual([]);
    const before = [await writingOf(visitor, 'the killed page')];

    // The browser's main process writes its number into its profile; its children end with it.
    const closed = new Promise((resolve) => context.once('close', resolve));
    process.kill(Number(/-(\d+)$/.exec(readlinkSync(join(profile, 'SingletonLock')))?.[1]), 'SIGKILL');
    await closed;

    const again = await launch();
    const restored = await new VisitorPage(await again.newPage(), base).open();
    await restored.openChat();
    // Whether the browser had written down who the visitor is, too, is the browser's affair; what was said is here either way.
    await expect.poll(() => textsOf(restored.log)).toEqual(texts);
    await expect.poll(() => said(world)).toEqual(texts);
    await expectAllSound(world, [restored], before.map(arrived));
    await again.close();
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});

test('[fault 19] a tab that has crashed shows queue and draft once it is loaded again', async ({ world }) => {
  test.slow();
  const { system } = world;
  const profile = mkdtempSync(join(tmpdir(), 'chat-profile-'));
  const options = chromiumLaunch({ isWhole: true });
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    args: [...(options.args ?? []), '--remote-debugging-port=0'],
  });
  const base = `${system.shop}/${world.key}`;
  try {
    const operator = await world.operator();
    const page = await context.newPage();
    const visitor = await new VisitorPage(page, base).open();
    await visitor.done('startChat');
    await operator.join();
    await visitor.openChat();
    await system.stopServer();
    for (const text of ['one;', 'two;']) await visitor.say(text);
    await keeps(visitor, system.chat, 2);
    await visitor.box.fill('half a thought');

    const before = [await writingOf(visitor, 'the crashed page')];
    const tab = await context.newCDPSession(page);
    const crashed = page.waitForEvent('crash');
    await page.goto('chrome://crash').catch(() => undefined);
    await crashed;
    await system.startServer();
    await tab.send('Page.reload');
    // To the driver a page that has crashed is gone for good; a second driver meets the tab as it is now.
    // The browser has chosen the port and written it down.
    const [port] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
    const driver = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const pages = () =>
      driver
        .contexts()
        .flatMap((each) => each.pages())
        .filter((each) => each.url().startsWith(base));
    await expect.poll(() => pages().length).toBe(1);
    const restored = new VisitorPage(pages()[0] as Page, base);
    // Now and then the first driver stops a new frame of the tab it has given up, as it stops all new ones, and never lets it go on.
    await expect(async () => {
      const isReady = () => restored.page.waitForFunction(() => window.isReady === true, undefined, { timeout: 10_000 });
      await isReady().catch(() => restored.page.reload().then(isReady));
    }).toPass();
    await restored.openChat();
    await expect(restored.box).toHaveValue('half a thought');
    await expect.poll(() => textsOf(restored.log)).toEqual(['one;', 'two;']);
    await expect.poll(() => textsOf(operator.log)).toEqual(['one;', 'two;']);
    await expect.poll(() => said(world)).toEqual(['one;', 'two;']);
    await expectAllSound(world, [restored], before.map(arrived));
    await driver.close();
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('[fault 31] ten tabs that speak at once agree on one order', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const tabs = [visitor, ...(await Promise.all(Array.from({ length: 9 }, () => world.page(visitor))))];
  await Promise.all(
    tabs.map((tab, n) =>
      tab.run((chat, n) => {
        for (const line of [1, 2, 3]) chat.sendChatMessage(`tab ${n} line ${line};`);
      }, n),
    ),
  );
  await expect.poll(() => said(world).length, { timeout: 30_000 }).toBe(30);
  const order = said(world);
  for (const tab of tabs) {
    await expect
      .poll(() => tab.call<{ text: string }[]>('getMessages').then((all) => all.map(({ text }) => text)), { timeout: 30_000 })
      .toEqual(order);
    // Told once of each that another tab sent, in the same order.
    const own = new RegExp(`^tab ${tabs.indexOf(tab)} `);
    await expect
      .poll(async () => (await tab.told<{ text: string }>('sendmessage')).map(({ text }) => text))
      .toEqual(order.filter((text) => !own.test(text)));
  }
  for (const n of tabs.keys())
    expect(order.filter((text) => text.startsWith(`tab ${n} `))).toEqual([1, 2, 3].map((line) => `tab ${n} line ${line};`));
  await expect.poll(() => textsOf(operator.log)).toEqual(order);
  await expectAllSound(world, tabs);
});

test('[fault 32] two tabs that start a chat together have started one', async ({ world }) => {
  const operator = await world.operator();
  const first = await world.visitor();
  const second = await world.page(first);
  await Promise.all(
    [first, second].map((tab) =>
      tab.run((chat) => {
        chat.startChat();
        chat.sendChatMessage('from both;');
      }),
    ),
  );
  await Promise.all([
    first.hears('startchat'),
    second.hears('startchat'),
    first.hears('messagedelivered'),
    second.hears('messagedelivered'),
  ]);
  await operator.sees('Waiting');
  const seen = (tab: VisitorPage) => tab.call<{ chat_id: string; text: string }[]>('getMessages');
  await expect.poll(async () => [(await seen(first)).length, (await seen(second)).length]).toEqual([2, 2]);
  expect(await seen(second)).toEqual(await seen(first));
  expect(said(world)).toEqual(['from both;', 'from both;']);
  await expectAllSound(world, [first, second]);
});

/** What a page that is gone had not sent, others must have sent for it. */
const arrived = (writing: Writing): Writing => ({ ...writing, outbox: [] });

/** Waits until the browser's own storage holds so many items of the outbox. */
async function keeps(visitor: VisitorPage, chat: string, count: number): Promise<void> {
  const frame = visitor.page.frames().find((each) => each.url().startsWith(chat));
  await expect
    .poll(() =>
      frame?.evaluate(async () => {
        const [found] = await indexedDB.databases();
        if (found?.name === undefined) return 0;
        const db = await new Promise<IDBDatabase>((resolve, reject) => {
          const request = indexedDB.open(found.name as string);
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error ?? new Error('not opened'));
        });
        const count = await new Promise<number>((resolve) => {
          const request = db.transaction('items').objectStore('items').count();
          request.onsuccess = () => resolve(request.result);
        });
        db.close();
        return count;
      }),
    )
    .toBe(count);
}
