/** The header with its menu, and what stands in the corner of the page while the chat is closed. */
import { expect, test } from '../support/fixtures.ts';

test('[VI.header] [VI.menu] the header stays one line, and its menu is walked through by keyboard', async ({ world }) => {
  await world.set('chat.title', 'A title that is as long as titles may be, and much longer than this line');
  const operator = await world.operator('Maria Magdalena Wolfeschlegelsteinhausenbergerdorff', {
    position: 'Head of a very long department',
  });
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame, page } = visitor;
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  await operator.reply('Good day');
  await visitor.sees('Good day');
  const height = (): Promise<number> => frame.locator('#panel > header').evaluate((element) => element.getBoundingClientRect().height);
  for (const [size, most] of [
    [{ width: 1000, height: 700 }, 64],
    [{ width: 320, height: 640 }, 56],
    [{ width: 667, height: 375 }, 44],
    [{ width: 320, height: 256 }, 44],
  ] as const) {
    await page.setViewportSize(size);
    await expect.poll(height, { message: `${size.width} × ${size.height}` }).toBe(most);
  }
  await page.setViewportSize({ width: 1000, height: 700 });

  const menu = frame.getByRole('button', { name: 'Menu', exact: true });
  const isOpen = (is: boolean): Promise<void> => expect(menu).toHaveAttribute('aria-expanded', String(is));
  await menu.focus();
  await page.keyboard.press('Enter');
  await isOpen(true);
  await page.keyboard.press('End');
  await expect(frame.getByRole('button', { name: 'End chat' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(frame.getByRole('button', { name: '1', exact: true })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(frame.getByRole('group', { name: 'End this chat?' })).toBeVisible();
  await expect(frame.getByRole('button', { name: 'Keep chatting' })).toBeFocused();
  await page.keyboard.press('Escape');
  await isOpen(false);
  await expect(menu).toBeFocused();
  expect(await visitor.frame.getByRole('button', { name: 'Close chat' }).isVisible()).toBe(true);
  await operator.sees('In chat');

  // A step outside, with a key or a pointer.
  await page.keyboard.press('ArrowDown');
  await isOpen(true);
  await page.keyboard.press('Shift+Tab');
  await isOpen(false);
  await visitor.openMenu();
  // Where the menu, which tells the long names whole, does not lie over it.
  await visitor.box.click({ position: { x: 8, y: 8 } });
  await isOpen(false);

  await visitor.openMenu();
  const sound = frame.getByRole('switch', { name: 'Sound' });
  await expect(sound).toBeChecked();
  await sound.click();
  await expect(sound).not.toBeChecked();
  await page.reload();
  await visitor.openChat();
  await visitor.openMenu();
  await expect(sound).not.toBeChecked();

  await frame.getByRole('button', { name: /^Language/ }).click();
  await expect(frame.getByRole('button', { name: 'English' })).toBeFocused();
  await frame.getByRole('button', { name: 'Deutsch' }).click();
  await expect(frame.locator('html')).toHaveAttribute('lang', 'de');
  await expect(frame.locator('#panel > header button[aria-expanded]')).toBeFocused();
});

test('[VI.launcher] the launcher says whether somebody is there, and its label opens the chat', async ({ world }) => {
  await world.set('common.launcher_label', 'Ask a roaster');
  await world.set('common.launcher_icon', 'hand');
  const visitor = await (await world.stranger()).goto('plain.html');
  await expect(visitor.launcher).toHaveAccessibleDescription('We are away');
  const operator = await world.operator();
  await expect(visitor.launcher).toHaveAccessibleDescription('We are online');
  await visitor.frame.getByRole('button', { name: 'Ask a roaster' }).click();
  await expect(visitor.frame.getByRole('button', { name: 'Close chat' })).toBeVisible();
  await visitor.say('Hello');
  await operator.join();
  await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
  await operator.reply('Good day');
  await expect(visitor.launcher).toHaveAccessibleDescription('We are online 1 new message');
});

test('[VI.launcher] the launcher keeps from its corner what the site has set, in either corner, and the panel does not', async ({
  world,
}) => {
  await world.set('common.offset_x', 40);
  await world.set('common.offset_y', 90);
  for (const side of ['right', 'left'] as const) {
    await world.set('chat.h_position', side);
    const { page, frame, launcher } = await (await world.stranger()).goto('plain.html');
    await expect(launcher).toBeVisible();
    const away = () =>
      page.locator('iframe.callgear-widget').evaluate((element, isLeft) => {
        const { left, right, bottom } = element.getBoundingClientRect();
        return [isLeft ? left : innerWidth - right, innerHeight - bottom];
      }, side === 'left');
    await expect.poll(away).toEqual([40, 90]);
    await launcher.click();
    await expect(frame.getByRole('button', { name: 'Close chat' })).toBeVisible();
    await expect.poll(away).toEqual([0, 0]);
  }
});

test('[VI.preview] the newest unread message stands beside the launcher until it is dismissed or read', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame, page } = visitor;
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  await frame.getByRole('button', { name: 'Close chat' }).click();
  await page.evaluate(() => document.body.append(document.createElement('input')));
  await page.locator('input').focus();
  await operator.reply(`A first answer. ${'It has more to say than three lines can hold. '.repeat(8)}`.trim());
  const preview = frame.getByRole('button', { name: /A first answer/ });
  await expect(preview).toBeVisible();
  await expect(page.locator('input')).toBeFocused();
  expect(await preview.evaluate((element) => element.getBoundingClientRect().height)).toBeLessThan(130);
  await frame.getByRole('button', { name: 'Dismiss' }).click();
  await expect(preview).toBeHidden();
  await page.reload();
  await expect(visitor.launcher).toHaveAccessibleDescription(/1 new message/);
  await expect(preview).toBeHidden();
  await operator.reply('A second answer');
  await frame.getByRole('button', { name: /A second answer/ }).click();
  await visitor.sees('A second answer');
  await expect(frame.getByRole('button', { name: /A second answer/ })).toBeHidden();
});

test('[VI.looks] the document brings the site’s colours, and those that are chosen later are worked out in the frame', async ({
  world,
}) => {
  // Grey and red a little darker than chosen, for white text.
  await world.set('common.banner_color', '#808080');
  const visitor = await world.stranger();
  const fetched: string[] = [];
  visitor.page.on('request', (request) => fetched.push(request.url()));
  await visitor.goto('plain.html');
  await expect(visitor.launcher).toHaveCSS('background-color', 'rgb(118, 118, 118)');
  await visitor.openChat();
  await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
  expect(fetched.filter((address) => address.includes('/theme-'))).toEqual([]);
  await world.set('common.banner_color', '#ff0000');
  await expect(visitor.launcher).toHaveCSS('background-color', 'rgb(235, 0, 0)');
  expect(fetched.filter((address) => address.includes('/theme-'))).toHaveLength(1);
});

test('[VI.header] from right to left every line of the header begins at the right, in whatever language it is', async ({ world }) => {
  const operator = await world.operator('Eva Lindqvist', { position: '' });
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame, page } = visitor;
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  // Somebody without a position has a name all the same, and nothing after it.
  await expect(frame.locator('#panel > header h1 + span')).toHaveText('Eva Lindqvist');
  // By its class: its title is in the language.
  const arabic = page.frameLocator('iframe.callgear-widget');
  await page.evaluate(() => (window as unknown as { CallGear: { setLanguage(tag: string): void } }).CallGear.setLanguage('ar'));
  await expect(arabic.locator('html')).toHaveAttribute('dir', 'rtl');
  /** Where the letters of the two lines end, not their boxes. */
  const ends = (): Promise<number[]> =>
    arabic.locator('#panel > header').evaluate((header) =>
      [...header.querySelectorAll('h1, h1 + span')].map((line) => {
        const letters = document.createRange();
        letters.selectNodeContents(line);
        return Math.round(letters.getBoundingClientRect().right);
      }),
    );
  await expect.poll(async () => new Set(await ends()).size).toBe(1);
  expect(await ends()).toHaveLength(2);
});
