/** The chat under a finger: taps that open, choose and look closer, and the keyboard that takes half of the window. */
import type { Browser, BrowserContext, Locator } from '@playwright/test';
import sharp from 'sharp';
import { expect, test, type World } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';

const PHONE = { width: 390, height: 844 };

async function phone(world: World, browser: Browser): Promise<{ visitor: VisitorPage; context: BrowserContext }> {
  const context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });
  const visitor = new VisitorPage(await context.newPage(), `${world.system.shop}/${world.key}`);
  return { visitor: await visitor.goto('plain.html'), context };
}

/** Wholly in the window. */
async function expectInside(target: Locator, { height, width }: { height: number; width: number }): Promise<void> {
  await expect
    .poll(async () => {
      const box = await target.boundingBox();
      return box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1;
    })
    .toBe(true);
}

test('[VI.empty] [UI.viewer] by taps alone a visitor opens the chat, asks a question, looks at a picture and closes again', async ({
  world,
  browser,
}) => {
  await world.set('chat.questions', ['Where is my order?', 'Do you ship abroad?']);
  const operator = await world.operator();
  const { visitor, context } = await phone(world, browser);
  const { frame, page, log } = visitor;
  await visitor.launcher.tap();
  const close = frame.getByRole('button', { name: 'Close chat' });
  await expect(close).toBeVisible();
  await frame.getByRole('button', { name: 'Do you ship abroad?' }).tap();
  await visitor.sees('Do you ship abroad?');
  await operator.join();

  const buffer = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#0d5c63' } })
    .png()
    .toBuffer();
  const chooser = page.waitForEvent('filechooser');
  await frame.getByRole('button', { name: 'Attach file' }).tap();
  await (await chooser).setFiles([{ name: 'cup.png', mimeType: 'image/png', buffer }]);
  await frame.getByRole('button', { name: 'Send', exact: true }).tap();
  const picture = log.getByRole('link', { name: 'Picture: cup.png' });
  await picture.tap();
  const viewer = frame.getByRole('dialog', { name: 'Picture: cup.png' });
  await expect(viewer.getByRole('button', { name: 'Close picture' })).toBeVisible();
  await viewer.getByRole('button', { name: 'Close picture' }).tap();
  await expect(viewer).toHaveCount(0);
  await expect(log).toBeVisible();

  await close.tap();
  await expect(visitor.launcher).toBeVisible();
  await context.close();
});

test('[UI.follow] [UI.low] when the keyboard takes half of the window, header, last message and box stay in sight, and after it too', async ({
  world,
  browser,
}) => {
  const operator = await world.operator();
  const { visitor, context } = await phone(world, browser);
  const { frame, page } = visitor;
  // A page made for phones: the panel takes the whole of it.
  await page.evaluate(() =>
    document.head.append(
      Object.assign(document.createElement('meta'), { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    ),
  );
  await visitor.launcher.tap();
  await visitor.box.fill('Hello');
  await visitor.box.press('Enter');
  await operator.join();
  for (let n = 0; n < 12; n += 1) await operator.reply(`A reply that takes more than one line on a phone, number ${n}`);
  // Exactly: with the time of an hour behind it, "number 1" reads like more.
  const last = visitor.log.getByText('A reply that takes more than one line on a phone, number 11', { exact: true });
  await expect(last).toBeInViewport();

  await visitor.box.focus();
  const seen = [
    frame.getByRole('button', { name: 'Close chat' }),
    last,
    visitor.box,
    frame.getByRole('button', { name: 'Send', exact: true }),
  ];
  for (const height of [460, PHONE.height, 380]) {
    await page.setViewportSize({ width: PHONE.width, height });
    for (const one of seen) await expectInside(one, { ...PHONE, height });
    await expect(visitor.box).toBeFocused();
  }
  await page.keyboard.type('Typed with half of the window');
  await expect(visitor.box).toHaveValue('Typed with half of the window');
  await page.keyboard.press('Enter');
  await expect(visitor.log.getByText('Typed with half of the window')).toBeInViewport();
  await context.close();
});
