/**
 * One walk by keyboard: from the page into the chat, through its menu and forms, and back to where it began. At each stop what has
 * the focus is in sight, free of what else is drawn, framed, and large enough for a finger.
 */
import type { Locator, Page } from '@playwright/test';
import { expect, test, type World } from '../support/fixtures.ts';
import { SOON } from '../support/pages/visitor.ts';

/** The doors of the walk, by the names that a screen reader says. */
const NAMES = {
  en: {
    frame: 'Chat with 127.0.0.1',
    open: 'Open chat',
    message: 'Message',
    emoji: 'Emoji',
    search: 'Search emoji',
    menu: 'Menu',
    mail: 'Email transcript',
    email: 'Email',
    badEmail: 'Enter an address like name@example.com',
    end: 'End chat',
    stay: 'Keep chatting',
    optional: 'Name (optional)',
    send: 'Send',
    missing: 'Fill in: Email',
  },
  ar: {
    frame: 'دردشة مع \u2068127.0.0.1\u2069',
    open: 'فتح الدردشة',
    message: 'الرسالة',
    emoji: 'رموز تعبيرية',
    search: 'بحث في الرموز',
    menu: 'القائمة',
    mail: 'إرسال المحادثة بالبريد الإلكتروني',
    email: 'البريد الإلكتروني',
    badEmail: 'يُرجى إدخال عنوان مثل name@example.com',
    end: 'إنهاء الدردشة',
    stay: 'متابعة الدردشة',
    optional: '\u2068الاسم\u2069 (اختياري)',
    send: 'إرسال',
    missing: 'حقل مطلوب: \u2068البريد الإلكتروني\u2069',
  },
} as const;

type Tag = keyof typeof NAMES;

/** CSS pixels (WCAG 2.2, 2.5.8). */
const TARGET = 24;

/** What is wrong with the element that has the focus, one word each. Runs in the frame and is handed to the browser as it stands. */
function faultsOf(element: Element, target: number): string[] {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const xs = [left + 2, (left + right) / 2, right - 2];
  const ys = [top + 2, (top + bottom) / 2, bottom - 2];
  const hits = ys.flatMap((y) => xs.map((x) => document.elementFromPoint(x, y))).filter((hit) => hit && element.contains(hit));
  const isFramed = (one: Element | null): boolean => {
    if (one === null) return false;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || (one !== element && boxShadow !== 'none');
  };
  const faults: string[] = [];
  if (hits.length === 0) faults.push('out of sight or covered');
  if (right - left < target || bottom - top < target) faults.push(`${right - left} × ${bottom - top}`);
  if (!element.matches(':focus-visible')) faults.push('not shown as focused');
  // The composer draws the frame of its text box.
  if (!isFramed(element) && !isFramed(element.parentElement)) faults.push('no frame');
  return faults;
}

/** The chat on a page, as its keyboard meets it. */
class Walk {
  readonly page: Page;
  readonly names: (typeof NAMES)[Tag];
  readonly frame;

  constructor(page: Page, tag: Tag) {
    this.page = page;
    this.names = NAMES[tag];
    this.frame = page.frameLocator('iframe.callgear-widget');
  }

  button(name: 'open' | 'emoji' | 'menu' | 'mail' | 'end' | 'stay' | 'send'): Locator {
    return this.frame.getByRole('button', { name: this.names[name], exact: true });
  }

  get box(): Locator {
    return this.frame.getByRole('textbox', { name: this.names.message, exact: true });
  }

  /** Presses a key until `target` has the focus, and looks at each stop on the way. */
  async go(key: string, target: Locator): Promise<void> {
    const stops: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const before = await this.frame.locator('body').evaluateHandle(() => document.activeElement);
      await this.page.keyboard.press(key);
      await expect
        .poll(() => this.frame.locator('body').evaluate((_, last) => document.activeElement !== last, before), { intervals: SOON })
        .toBe(true);
      const stop = this.frame.locator(':focus');
      stops.push((await stop.getAttribute('aria-label')) ?? (await stop.innerText()));
      expect(await stop.evaluate(faultsOf, TARGET), stops.join(' → ')).toEqual([]);
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`never reached: ${stops.join(' → ')}`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }
}

async function begin(world: World, tag: Tag): Promise<Walk> {
  await world.set('common.language', tag);
  const { page } = await (await world.stranger()).goto('keyboard.html');
  const walk = new Walk(page, tag);
  await expect(walk.button('open')).toBeVisible();
  await expect(walk.frame.locator('html')).toHaveAttribute('dir', tag === 'ar' ? 'rtl' : 'ltr');
  return walk;
}

for (const tag of ['en', 'ar'] as const) {
  test(`[VI.keyboard] [UI.focus] keys lead from the page into the chat, through menu and forms, and back: ${tag}`, async ({ world }) => {
    test.slow();
    const operator = await world.operator();
    const walk = await begin(world, tag);
    const { page, frame, names, box } = walk;
    const button = walk.button.bind(walk);

    await expect(page.locator('iframe.callgear-widget')).toHaveAttribute('title', names.frame);
    expect(await frame.locator('body').evaluate(() => document.title)).toBe(names.frame);

    // The page's own comes first.
    await page.getByRole('link').focus();
    await walk.press('Tab', 'Tab');
    const own = page.getByRole('button', { name: 'Ask us' });
    await expect(own).toBeFocused();
    await walk.press('Tab');
    await expect(button('open')).toBeFocused();
    expect(await button('open').evaluate(faultsOf, TARGET)).toEqual([]);

    await walk.press('Enter');
    await expect(box).toBeFocused();
    await page.keyboard.type('Hello');
    await walk.press('Enter');
    await operator.join();
    await operator.reply('Good day');
    await expect(frame.getByText('Good day').first()).toBeVisible();
    await expect(button('emoji')).toBeVisible();

    // A small window in the window: Escape closes it and nothing else.
    await walk.go('Tab', button('emoji'));
    await walk.press('Enter');
    await expect(frame.getByRole('searchbox', { name: names.search })).toBeFocused();
    await walk.press('Escape');
    await expect(button('emoji')).toBeFocused();

    // Backwards through the whole panel to its menu, and through that to a form.
    await walk.go('Shift+Tab', button('menu'));
    await walk.press('Enter');
    await walk.go('Tab', button('mail'));
    await walk.press('Enter');
    const email = frame.getByRole('textbox', { name: names.email, exact: true });
    await expect(email).toBeFocused();
    await page.keyboard.type('nobody');
    await walk.press('Enter');
    await expect(email).toHaveAttribute('aria-invalid', 'true');
    await expect(email).toHaveAccessibleDescription(names.badEmail);
    await expect(email).toBeFocused();
    await walk.press('Escape');
    await expect(email).toBeHidden();
    await expect(box).toBeFocused();

    // The form again, to its end: the field has gone by then, and the focus stays in the chat.
    await walk.go('Shift+Tab', button('menu'));
    await walk.press('ArrowDown');
    await walk.go('ArrowDown', button('mail'));
    await walk.press('Enter');
    await expect(email).toBeFocused();
    await page.keyboard.type('vera@example.com');
    await walk.press('Enter');
    await expect.poll(() => world.system.mails.filter(({ to }) => to.includes('vera@example.com')).length).toBeGreaterThan(0);
    await expect(email).toBeHidden();
    await expect(frame.locator('form :focus')).toHaveCount(1);
    await walk.press('Enter');
    await expect(box).toBeFocused();

    // The end of the chat is asked for and not taken.
    await walk.go('Shift+Tab', button('menu'));
    await walk.press('ArrowDown', 'End');
    await expect(button('end')).toBeFocused();
    await walk.press('Enter');
    await expect(button('stay')).toBeFocused();
    await walk.press('Escape');
    await expect(button('menu')).toBeFocused();

    await walk.press('Escape');
    await expect(button('open')).toBeFocused();
    await walk.press('Shift+Tab');
    await expect(own).toBeFocused();

    // A button of the page opens it as well, and gets the focus back.
    await walk.press('Enter');
    await expect(box).toBeFocused();
    await walk.press('Escape');
    await expect(own).toBeFocused();
    const request = page.getByRole('button', { name: 'Write to us' });
    await walk.press('Shift+Tab');
    await expect(request).toBeFocused();
    await walk.press('Enter');
    await expect(frame.getByRole('textbox', { name: names.optional, exact: true })).toBeFocused();
    await walk.go('Tab', button('send'));
    await walk.press('Enter');
    await expect(email).toBeFocused();
    await expect(email).toHaveAccessibleDescription(names.missing);
    await walk.press('Escape');
    await expect(request).toBeFocused();
  });
}

test('[VI.keyboard] [VI.emoji] [UI.viewer] from right to left the arrow keys walk the other way through emoji and pictures', async ({
  world,
}) => {
  const operator = await world.operator();
  const walk = await begin(world, 'ar');
  const { page, frame, box } = walk;
  await walk.button('open').press('Enter');
  await expect(box).toBeFocused();
  await page.keyboard.type('Hello');
  await walk.press('Enter');
  await operator.join();

  await walk.go('Tab', walk.button('emoji'));
  await walk.press('Enter');
  const cells = frame.getByRole('gridcell');
  await expect(cells.nth(20)).toBeVisible();
  const [first, second] = [(await cells.nth(0).boundingBox())?.x ?? 0, (await cells.nth(1).boundingBox())?.x ?? 0];
  expect(second).toBeLessThan(first);
  await walk.press('ArrowDown');
  await expect(cells.nth(0)).toBeFocused();
  await walk.press('ArrowLeft', 'ArrowLeft');
  await expect(cells.nth(2)).toBeFocused();
  await walk.press('ArrowRight');
  await expect(cells.nth(1)).toBeFocused();
  await walk.press('Shift+Tab');
  const tabs = frame.getByRole('tab');
  await expect(tabs.nth(0)).toBeFocused();
  await walk.press('ArrowLeft');
  await expect(tabs.nth(1)).toBeFocused();
  await walk.press('Escape');
  await expect(walk.button('emoji')).toBeFocused();

  const buffer = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  await frame.locator('input[type=file]').setInputFiles(['one.png', 'two.png'].map((name) => ({ name, mimeType: 'image/png', buffer })));
  await walk.button('send').press('Enter');
  const pictures = frame.getByRole('log').getByRole('link');
  await expect(pictures).toHaveCount(2);
  await pictures
    .filter({ has: page.locator('img') })
    .first()
    .focus();
  await walk.press('Enter');
  const viewer = frame.getByRole('dialog');
  await expect(viewer).toHaveAccessibleName(/one\.png/);
  await walk.press('ArrowLeft');
  await expect(viewer).toHaveAccessibleName(/two\.png/);
  await walk.press('ArrowRight');
  await expect(viewer).toHaveAccessibleName(/one\.png/);
  await walk.press('Escape');
  await expect(viewer).toHaveCount(0);
  await expect(pictures.first()).toBeFocused();
  await walk.press('Escape');
  await expect(walk.button('open')).toBeFocused();
});

test('[VI.input] arrow keys pass the groups, and the chat with another one begins with a press', async ({ world }) => {
  for (const name of ['Sales', 'Service', 'Repair']) await world.group(name);
  await world.set('chat.is_groups_enabled', true);
  await world.set('chat.retention', {
    is_alternate_communication_way_enabled: true,
    alternate_communication_way_timeout: 1,
    messages: [],
    alternate_communication_way: 'chat',
  });
  const operator = await world.operator('Rita Moss', { group: 'repair' });
  const walk = await begin(world, 'en');
  const { page, frame, box } = walk;
  await walk.button('open').press('Enter');
  await expect(box).toBeFocused();
  await page.keyboard.type('Hello');
  await walk.press('Enter');
  const other = frame.getByRole('button', { name: 'Choose someone else' });
  await other.press('Enter');
  const [first, last] = [frame.getByRole('radio').first(), frame.getByRole('radio').last()];
  await expect(first).toBeFocused();
  await walk.press('ArrowDown', 'ArrowDown');
  await expect(last).toBeChecked();
  await expect(last).toBeFocused();
  await walk.press('Tab');
  await expect(frame.getByRole('button', { name: 'Continue' })).toBeFocused();
  await walk.press('Enter');
  await expect(frame.getByRole('radio')).toHaveCount(0);
  await expect(box).toBeFocused();
  await operator.sees('Waiting');
});
