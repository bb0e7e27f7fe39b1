/**
 * Whose keys they are. A visitor writes in a field of the customer's page while our frame comes, goes and comes back: every
 * character stays there, and nobody sees one. Only the click that opened the chat moves the focus into it, once.
 */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';

const RETURNS = 20;
const SECRET = 'correct horse battery staple on a page';

/** More than three new frames a minute would be an unstable one: for the loader a minute passes each time. */
const skewClock = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const now = Date.now.bind(Date);
    let ahead = 0;
    Date.now = () => now() + ahead;
    Object.assign(window, { skew: () => void (ahead += 61_000) });
  });

test('[FF.E1] [UI.focus] [WI.putBack] a password typed while the open chat comes back stays whole and unseen', async ({ world }) => {
  test.slow();
  const operator = await world.operator();
  const visitor = await world.stranger();
  const { page, frame } = visitor;
  const line = await layLine(page);
  await skewClock(page);
  await visitor.open();
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  await expect(visitor.box).toBeFocused();
  await page.keyboard.type('seen');
  await expect(operator.page.getByRole('status', { name: 'Typing' })).toContainText('seen');
  await visitor.box.press('Control+A');
  await page.keyboard.press('Delete');
  await expect(operator.page.getByRole('status', { name: 'Typing' })).toHaveText('');
  const before = line.sent.filter(({ t }) => t === 'typing').length;

  const field = page.getByLabel('Field of the page');
  await field.evaluate((input: HTMLInputElement) => (input.type = 'password'));
  await field.click();
  let typed = '';
  const type = async (): Promise<void> => {
    for (let n = 0; n < 2; n += 1) {
      const character = SECRET[typed.length % SECRET.length] ?? '.';
      typed += character;
      await page.keyboard.type(character);
    }
  };
  const isNew = (n: number) => page.waitForFunction((n) => (window as unknown as { greetings?: number }).greetings === n, n);
  await page.evaluate(() => {
    const notes = Object.assign(window as unknown as { greetings: number }, { greetings: 0 });
    addEventListener('message', () => void (notes.greetings += 1));
  });
  for (let n = 1; n <= RETURNS + 2; n += 1) {
    await type();
    const isReload = n > RETURNS;
    await page.evaluate((isReload) => {
      (window as unknown as { skew(): void }).skew();
      if (!isReload) document.querySelector('iframe.callgear-widget')?.remove();
    }, isReload);
    if (isReload)
      await page
        .frames()
        .find((candidate) => candidate.url().startsWith(world.system.chat))
        ?.evaluate(() => location.reload());
    await isNew(n);
    await type();
    // The panel is there again, with everything that could want the focus.
    await expect(visitor.box).toBeVisible();
    await expect(frame.getByRole('button', { name: 'Attach file' })).toBeVisible();
    await type();
  }
  await expect(field).toHaveValue(typed);
  await expect(field).toBeFocused();
  await expect(visitor.box).toHaveValue('');
  expect(line.sent.filter(({ t }) => t === 'typing').length).toBe(before);
  expect(await page.evaluate(() => window.errors)).toEqual([]);
});

test('[FF.E1] [UI.focus] only clicks move the focus into the chat and back, not while the visitor writes', async ({ world }) => {
  const visitor = await world.visitor();
  const { page, frame } = visitor;
  const field = page.getByLabel('Field of the page');
  await visitor.openChat();
  await expect(visitor.box).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(visitor.launcher).toBeFocused();

  // A page that opens it by script, or somebody who has gone on: the focus stays where it is.
  await field.focus();
  await visitor.run((chat) => void chat.show());
  await expect(visitor.box).toBeVisible();
  await expect(field).toBeFocused();
  await visitor.run((chat) => void chat.hide());
  await expect(visitor.launcher).toBeVisible();
  await visitor.run((chat) => void chat.on('show', () => document.querySelector('input')?.focus()));
  // The launcher is back before the panel has left. Nobody presses it so soon as that.
  await expect.poll(() => page.evaluate(() => document.querySelector('iframe.callgear-widget')?.clientWidth)).toBeLessThan(200);
  // As slow as a hand: by the time it lets go, the browser has told the page that the press took the focus from it. Told later, a page
  // that has asked for the focus meanwhile would lose it again.
  await visitor.launcher.hover();
  await page.mouse.down();
  await expect.poll(() => page.evaluate(() => document.activeElement?.localName)).toBe('iframe');
  await page.mouse.up();
  await expect(frame.getByRole('button', { name: 'Close chat' })).toBeVisible();
  await page.keyboard.type('mine');
  await expect(frame.getByRole('button', { name: 'Attach file' })).toBeVisible();
  await page.keyboard.type(' only');
  await expect(field).toHaveValue('mine only');
  await expect(visitor.box).toHaveValue('');
});

test('[FF.E1] [ME.chatTyping] nobody sees draft text from before the visitor’s first key or click', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await visitor.done('startChat');
  await operator.open('Waiting');
  await visitor.run((chat) => void chat.show());
  await visitor.box.evaluate((area: HTMLTextAreaElement) => {
    area.value = 'not by hand';
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await visitor.settled();
  expect(line.sent.filter(({ t }) => t === 'typing')).toEqual([]);
  await visitor.box.click();
  await visitor.page.keyboard.press('End');
  await visitor.page.keyboard.type('!');
  await expect(operator.page.getByRole('status', { name: 'Typing' })).toContainText('not by hand!');
});
