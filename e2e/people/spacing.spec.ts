/**
 * Letters, words and lines that a reader has spaced wider, as WCAG 1.4.12 names the values: nothing is cut, covered or out of reach.
 */
import { measure } from '../looks/measure.ts';
import { expect, test } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

/** As a reader's own style sheet does it. */
async function space({ frame }: VisitorPage): Promise<void> {
  await frame.locator('body').evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      p { margin-bottom: 2em !important; }`);
    document.adoptedStyleSheets = [sheet];
  });
}

/** Whether the time that a pointer brings out lies over the text it belongs to. Runs in the frame. */
function isUnderItsTime(message: Element): boolean {
  const aside = message.closest('[role=listitem]')?.querySelector('.aside');
  const time = aside?.querySelector('time');
  if (!aside || !time) throw new Error('no time');
  const [clip, box] = [aside.getBoundingClientRect(), time.getBoundingClientRect()];
  if (box.top >= clip.bottom || getComputedStyle(aside).opacity === '0') return false;
  const range = document.createRange();
  range.selectNodeContents(message);
  return [...range.getClientRects()].some(
    (line) => line.left < box.right && box.left < line.right && line.top < box.bottom && box.top < line.bottom,
  );
}

for (const width of [320, 1000]) {
  test(`[UI.looks] with wide spacing nothing is lost, and what the header has no room for stands in its menu: ${width} px`, async ({
    world,
  }) => {
    test.slow();
    const title = 'Ask one of our coffee roasters';
    await world.set('chat.title', title);
    await world.set('chat.questions', ['Where is my order?', 'Do you ship abroad?']);
    const operator = await world.operator('Maria Magdalena Lindqvist', { position: 'Head of roasting' });
    const visitor = await world.stranger();
    const { frame, page } = visitor;
    await page.setViewportSize({ width, height: 640 });
    await visitor.goto('plain.html');
    await expect(visitor.launcher).toBeVisible();
    await space(visitor);
    const isWhole = (state: string): Promise<void> =>
      expect.poll(() => frame.locator('body').evaluate(measure), { message: state }).toEqual([]);
    await isWhole('launcher');
    await visitor.openChat();
    await visitor.hasExtras();
    await isWhole('first view');
    await visitor.say('Hello, which of your coffees is good for filter?');
    await operator.join();
    await operator.reply('Good day! The Guji Highland is what I would take.');
    await visitor.sees('Good day! The Guji Highland is what I would take.');
    await isWhole('talking');
    await operator.reply('A second word, which is as long as the first one was, and some more.');
    const message = visitor.log.getByText('Good day! The Guji Highland is what I would take.');
    await message.hover();
    expect(await message.evaluate(isUnderItsTime)).toBe(false);

    const menu = await visitor.openMenu();
    await isWhole('menu');
    const header = frame.getByRole('region').locator('header');
    for (const text of [title, 'Maria Magdalena Lindqvist · Head of roasting']) {
      const own = header.getByText(text, { exact: true }).first();
      const isCut = await own.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
      if (isCut) await expect(menu.getByText(text, { exact: true })).toBeInViewport();
      else await expect(menu.getByText(text, { exact: true })).toHaveCount(0);
    }
    // The longer line has room in none of these panels, so that something was looked at.
    await expect(menu.getByText('Maria Magdalena Lindqvist · Head of roasting', { exact: true })).toBeInViewport();
    await page.keyboard.press('Escape');
    await visitor.choose('Email transcript');
    await isWhole('transcript by mail');
    await frame.getByRole('button', { name: 'Cancel' }).click();
    await operator.closeChat();
    await expect(frame.getByRole('group', { name: 'Rate the operator' })).toBeVisible();
    await isWhole('ended');
  });
}
