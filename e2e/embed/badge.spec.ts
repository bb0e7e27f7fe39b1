/** Unread messages on the customer's page: a number before its title, an icon where the site wants one, and nothing left of either. */
import type { Page } from '@playwright/test';
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import type { Workplace } from '../support/pages/workplace.ts';
import { watch } from './watch.ts';

/** The page's title, and its icons in their order. */
const marks = (page: Page) =>
  page.evaluate(() => ({
    title: document.title,
    icons: [...document.querySelectorAll<HTMLLinkElement>('link[rel~=icon]')].map(({ href }) => href),
  }));

const isPicture: unknown = expect.stringMatching(/^data:image\/png;base64,/);

/** A page of the customer's with this in its head, in a conversation, with the chat closed. */
async function converse(world: World, head: string): Promise<{ visitor: VisitorPage; operator: Workplace }> {
  const { chat, pages } = world.system;
  pages.set(
    `/${world.key}/badge.html`,
    `<!doctype html><html lang="en"><meta charset="utf-8">${head}<body><h1>A page</h1><script async src="${chat}/loader.js" data-site="${world.key}"></script></html>`,
  );
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('badge.html');
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
  await expect(visitor.launcher).toBeVisible();
  return { visitor, operator };
}

test('[VI.badge] the number comes with each message and goes when they are read, with the widget, and with the page', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const { page } = visitor;
  await operator.reply('One');
  await expect(page).toHaveTitle('(1) Recorder');
  await operator.reply('Two');
  await expect(page).toHaveTitle('(2) Recorder');
  await visitor.openChat();
  await expect(page).toHaveTitle('Recorder');
  await visitor.run((chat) => void chat.hide());
  await operator.reply('Three');
  await expect(page).toHaveTitle('(1) Recorder');

  // A title of the page's stays, also under the number and after it.
  await page.evaluate(() => void (document.title = 'Checkout'));
  await operator.reply('Four');
  await expect(page).toHaveTitle('(2) Checkout');
  await page.evaluate(() => void (document.title = 'Thank you'));
  await visitor.call('clearUnreadCounter');
  await visitor.settled();
  await expect(page).toHaveTitle('Thank you');

  await operator.reply('Five');
  await expect(page).toHaveTitle('(1) Thank you');
  await visitor.run((chat) => void chat.destroy());
  await expect(page).toHaveTitle('Thank you');
  expect(await page.evaluate(() => window.errors)).toEqual([]);
});

test('[VI.badge] the site chooses title, icon, both or none, also while the page is open', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('One');
  await expect(visitor.page).toHaveTitle('(1) Recorder');
  for (const [choice, title, icons] of [
    ['icon', 'Recorder', [isPicture]],
    ['both', '(1) Recorder', [isPicture]],
    ['none', 'Recorder', []],
    ['title', '(1) Recorder', []],
  ] as const) {
    await world.set('common.badge', choice);
    await expect.poll(() => marks(visitor.page), { message: choice }).toEqual({ title, icons });
  }
});

const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

for (const [page, head, title] of [
  ['without an icon', '<title>Tea</title>', 'Tea'],
  ['without a title', '', ''],
  ['whose icon is a data: address', `<title>Tea</title><link rel="icon" href="${PIXEL}">`, 'Tea'],
  ['whose icon is an SVG', '<title>Tea</title><link rel="icon" type="image/svg+xml" sizes="any" href="icon.svg">', 'Tea'],
  [
    'whose icon is of another origin that shares nothing',
    '<title>Tea</title><link rel="shortcut icon" href="http://localhost:9/i.ico" crossorigin>',
    'Tea',
  ],
  [
    'with ten icons',
    `<title>Tea</title>${Array.from({ length: 10 }, (_, n) => `<link rel="icon" sizes="${n}x${n}" href="${n}.png">`).join('')}`,
    'Tea',
  ],
  ['with a title of 10,000 characters', `<title>${'long '.repeat(2_000)}</title>`, 'long '.repeat(2_000).trim()],
  ['with emoji and writing from right to left', '<title>🫖 שלום עולם 👩‍👩‍👧</title>', '🫖 שלום עולם 👩‍👩‍👧'],
] as const)
  test(`[VI.badge] a page ${page} gets both marks and loses both`, async ({ world }) => {
    await world.set('common.badge', 'both');
    const { visitor, operator } = await converse(world, head);
    const before = await marks(visitor.page);
    expect(before.title).toBe(title);
    await operator.reply('One');
    await operator.reply('Two');
    // Of several icons browsers take the last one. The page's stay where they are.
    await expect.poll(() => marks(visitor.page)).toEqual({ title: `(2) ${title}`.trim(), icons: [...before.icons, isPicture] });
    await visitor.openChat();
    await expect.poll(() => marks(visitor.page)).toEqual(before);
  });

test('[VI.badge] a page without a head gets the number, and the chat goes on', async ({ world }) => {
  await world.set('common.badge', 'both');
  const { visitor, operator } = await converse(world, '<title>Tea</title>');
  const complaints = await watch(visitor.page, world.system.chat);
  await visitor.page.evaluate(() => document.head.remove());
  await operator.reply('One');
  await expect(visitor.launcher).toHaveAccessibleDescription(/1 new message/);
  await visitor.openChat();
  await visitor.sees('One');
  expect(await complaints.all()).toEqual([]);
});

test('[VI.badge] under a policy without pictures the title alone is complained about by nobody @whole-browser', async ({ world }) => {
  const policy = encodeURIComponent("default-src 'none'; img-src 'none'; script-src CHAT 'self'; frame-src CHAT; style-src CHAT");
  const operator = await world.operator();
  const visitor = await world.stranger();
  const complaints = await watch(visitor.page, world.system.chat);
  await visitor.open(`recorder.html?csp=${policy}`);
  await visitor.done('sendChatMessage', 'Hello');
  await operator.join();
  await operator.reply('One');
  await expect(visitor.page).toHaveTitle('(1) Recorder');
  await visitor.openChat();
  await expect(visitor.page).toHaveTitle('Recorder');
  expect(await complaints.all()).toEqual([]);
});
