/** Small and low windows: a phone, its keyboard, a phone on its side, a page at 400 %. */
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';

const LOW = [
  { width: 320, height: 256 },
  { width: 360, height: 220 },
  { width: 640, height: 360 },
  { width: 640, height: 449 },
];

/** In every low window *Close chat* is wholly in sight, and so is `target` once it has been scrolled to where it can be. */
async function expectReachable(page: Page, close: Locator, ...targets: Locator[]): Promise<void> {
  for (const size of LOW) {
    await page.setViewportSize(size);
    for (const target of [close, ...targets]) {
      if (target !== close) await target.scrollIntoViewIfNeeded();
      for (const one of [close, target]) {
        await expect
          .poll(
            async () => {
              const box = await one.boundingBox();
              return (
                box !== null && box.y >= 0 && box.x >= 0 && box.y + box.height <= size.height + 1 && box.x + box.width <= size.width + 1
              );
            },
            { message: `${size.width} × ${size.height}: ${one.toString()}` },
          )
          .toBe(true);
      }
      // Not only within the window: nothing lies over it either.
      const isFree = (): Promise<boolean> =>
        target.evaluate((element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        });
      await expect.poll(isFree, { message: `${size.width} × ${size.height}: ${target.toString()} is free` }).toBe(true);
    }
  }
  await page.setViewportSize({ width: 1000, height: 700 });
}

test('[FF.E7] [UI.low] header and way out stay in every view of a low window, and all of it can be reached', async ({ world }) => {
  test.slow();
  await world.set('chat.is_consultant_operator_rating', true);
  await world.set(
    'chat.fields',
    ['Name', 'Email', 'Phone'].map((title) => ({ name: title.toLowerCase(), is_required: true, title })),
  );
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame, page } = visitor;
  const close = frame.getByRole('button', { name: 'Close chat' });
  const button = (name: string): Locator => frame.getByRole('button', { name, exact: true });

  // Nobody is there: the form of requests.
  await visitor.openChat();
  await button('Leave a message').click();
  await expectReachable(page, close, frame.getByRole('textbox').first(), button('Send'));
  await frame.getByRole('button', { name: 'Back to the chat' }).click();

  // Details are asked for, with the mistakes in them.
  const operator = await world.operator();
  const details = frame.getByRole('group', { name: 'Your details' });
  await expect(details).toBeVisible();
  await button('Start chat').click();
  await expectReachable(page, close, details.getByRole('textbox').first(), details.getByRole('textbox').last(), button('Start chat'));

  // Waiting, then a conversation, then its transcript.
  for (const [at, value] of ['Vera', 'vera@example.com', '+31 20 123 45 67'].entries())
    await details.getByRole('textbox').nth(at).fill(value);
  await button('Start chat').click();
  await expect(details).toHaveCount(0);
  await visitor.say('Hello');
  await expectReachable(page, close, visitor.box, button('Send'));
  await operator.join();
  for (let n = 0; n < 6; n += 1) await operator.reply(`A reply that takes more than one line in any of these windows, ${n}`);
  await visitor.sees('A reply that takes more than one line in any of these windows, 5');
  await expectReachable(page, close, visitor.log.getByText('windows, 5'), visitor.box, button('Send'));
  await visitor.openMenu();
  await expectReachable(page, close, button('5'), button('Email transcript'), button('End chat'));
  await visitor.choose('Email transcript');
  await expectReachable(page, close, frame.getByRole('textbox', { name: /mail/i }), button('Send'), button('Cancel'));
  await button('Cancel').click();

  await page.setViewportSize({ width: 320, height: 256 });
  await visitor.box.fill('one\ntwo\nthree\nfour\nfive\nsix\nseven');
  await expectReachable(page, close, visitor.box, button('Send'));
  await visitor.box.fill('');
  await operator.closeChat();
  await expect(visitor.log.getByText('ended the chat')).toBeVisible();
  await expectReachable(page, close, button('5'), button('Start chat'), visitor.box);
});

test('[FF.E7] [UI.low] an invitation beside the launcher keeps its head and its way out, too', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  await expect(visitor.launcher).toBeVisible();
  await operator.open('On site');
  await operator.invite(`May I help you? ${'There is much to be said about coffee. '.repeat(12)}`);
  const decline = visitor.frame.getByRole('button', { name: 'Decline invitation' });
  await expect(decline).toBeVisible();
  await expectReachable(visitor.page, decline, visitor.frame.getByRole('button', { name: 'Accept invitation' }), visitor.launcher);
});

/** Resolves when the page has not moved for some frames: what a finger has thrown goes on by itself. Handed to the browser as it stands. */
function rest(): Promise<void> {
  return new Promise((resolve) => {
    let [last, still] = [scrollY, 0];
    const look = (): void => {
      still = scrollY === last ? still + 1 : 0;
      last = scrollY;
      if (still < 12) requestAnimationFrame(look);
      else resolve();
    };
    requestAnimationFrame(look);
  });
}

test('[FF.E6] [UI.swipe] no swipe in the full-screen panel of a phone moves the page, whose styles stay its own', async ({
  world,
  browser,
}) => {
  const operator = await world.operator();
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  const visitor = await new VisitorPage(page, `${world.system.shop}/${world.key}`).goto('plain.html');
  const { frame } = visitor;
  await page.evaluate(() => {
    const tall = document.createElement('div');
    tall.style.height = '5000px';
    document.body.append(tall);
    scrollTo(0, 800);
  });
  const styles = (): Promise<string> =>
    page.evaluate(() => `${document.documentElement.outerHTML.split('>')[0]} ${document.body.outerHTML.split('>')[0]}`);
  const untouched = await styles();
  const cdp = await context.newCDPSession(page);
  const swipe = async (target: Locator | { x: number; y: number }): Promise<number> => {
    const box = 'x' in target ? { ...target, width: 0, height: 0 } : await target.boundingBox();
    if (box === null) throw new Error('nothing to swipe on');
    const [x, middle] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
    for (const [from, to] of [
      [0, -200],
      [0, 200],
      [0, 300],
    ] as const) {
      const touch = (type: string, at?: number): Promise<unknown> =>
        cdp.send('Input.dispatchTouchEvent', {
          type: type as 'touchStart',
          touchPoints: at === undefined ? [] : [{ x, y: Math.min(630, Math.max(10, middle + at)) }],
        });
      await touch('touchStart', from);
      for (let step = 1; step <= 8; step += 1) await touch('touchMove', from + ((to - from) * step) / 8);
      await touch('touchEnd');
      await page.evaluate(rest);
    }
    return page.evaluate(() => Math.round(scrollY));
  };

  // The same swipe does move the page while nothing lies over it.
  expect(await swipe({ x: 100, y: 300 })).not.toBe(800);
  await visitor.openChat();
  await page.evaluate(() => scrollTo(0, 800));
  const stays = async (what: string, target: Locator): Promise<void> => expect(await swipe(target), what).toBe(800);
  const title = frame.getByRole('heading', { level: 1 });

  await stays('start screen', frame.getByRole('heading', { level: 2 }));
  await stays('header', title);
  await stays('composer', visitor.box);
  await visitor.box.fill('one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten');
  await stays('a long draft', visitor.box);
  await visitor.say('Hello');
  await operator.join();
  await operator.reply('A short log');
  await visitor.sees('A short log');
  await stays('short log', visitor.log);
  for (let n = 0; n < 12; n += 1) await operator.reply(`A log that is longer than the panel, line ${n}`);
  await visitor.sees('A log that is longer than the panel, line 11');
  await stays('long log, over its end and back', visitor.log);
  await visitor.choose('Email transcript');
  await stays('form', frame.getByText('We will send you this conversation.'));
  expect(await styles()).toBe(untouched);
  await frame.getByRole('button', { name: 'Close chat' }).click();
  await expect(visitor.launcher).toBeVisible();
  expect(await styles()).toBe(untouched);
  expect(await swipe({ x: 100, y: 300 })).not.toBe(800);
  await context.close();
});
