/** The emoji picker: by keyboard and by mouse, in the visitor's language, fetched when it is first opened. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';

test('[VI.emoji] by keyboard: opened, searched, walked through, taken at the caret, undone and closed', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const { frame, box, page } = visitor;
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  await visitor.openChat();
  const opener = frame.getByRole('button', { name: 'Emoji', exact: true });
  await expect(opener).toHaveAttribute('aria-expanded', 'false');
  expect(fetched.filter((url) => url.includes('Picker'))).toEqual([]);
  await box.fill('Good day');
  await box.press('Home');
  for (let n = 0; n < 4; n += 1) await page.keyboard.press('ArrowRight');

  await opener.focus();
  await page.keyboard.press('Enter');
  const picker = frame.getByRole('dialog', { name: 'Emoji' });
  const search = picker.getByRole('searchbox', { name: 'Search emoji' });
  const cell = (name: string) => picker.getByRole('gridcell', { name, exact: true });
  await expect(search).toBeFocused();
  await expect(cell('grinning face')).toBeVisible();

  // Escape closes the picker alone, and gives the focus back.
  await page.keyboard.press('Escape');
  await expect(picker).toHaveCount(0);
  await expect(opener).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(cell('grinning face')).toBeVisible();

  // The grid is one stop of Tab, and the arrows walk through it; whoever types is searching again.
  await page.keyboard.press('ArrowDown');
  await expect(cell('grinning face')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(cell('grinning face with big eyes')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(search).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.type('coffee');
  await expect(search).toBeFocused();
  await expect(search).toHaveValue('coffee');
  await expect(cell('hot beverage')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(picker).toHaveCount(0);
  await expect(box).toBeFocused();
  await expect(box).toHaveValue('Good☕ day');
  await page.keyboard.press('Control+z');
  await expect(box).toHaveValue('Good day');
  await page.keyboard.press('Control+Shift+z');
  await expect(box).toHaveValue('Good☕ day');
  await page.keyboard.press('Enter');
  await operator.reads('Good☕ day');

  // What was used last comes first, also after the page has been left.
  await page.reload();
  await frame.getByRole('button', { name: /Open chat/ }).click();
  await opener.click();
  await expect(picker.getByRole('tab', { name: 'Recently used' })).toHaveAttribute('aria-selected', 'true');
  await expect(picker.getByRole('gridcell')).toHaveCount(1);

  await search.fill('no such thing');
  await expect(picker.getByRole('status')).toHaveText('No emoji found');
});

test('[VI.emoji] by mouse: the groups are tabs, Shift takes several, and a press elsewhere closes; phones have their own', async ({
  world,
  browser,
}) => {
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame, box, page } = visitor;
  await visitor.openChat();
  const opener = frame.getByRole('button', { name: 'Emoji', exact: true });
  const picker = frame.getByRole('dialog', { name: 'Emoji' });
  await opener.click();
  const tabs = picker.getByRole('tab');
  await expect(tabs).toHaveCount(9);
  const { violations } = await new AxeBuilder({ page }).include(['iframe[title^="Chat"]', '.picker']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  await tabs.nth(1).click();
  await expect(tabs.nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(tabs.nth(2)).toBeFocused();
  await expect(tabs.nth(2)).toHaveAttribute('aria-selected', 'true');
  const cells = picker.getByRole('gridcell');
  const chars = [await cells.nth(0).textContent(), await cells.nth(9).textContent()];
  await cells.nth(0).click({ modifiers: ['Shift'] });
  await expect(picker).toBeVisible();
  await cells.nth(9).click();
  await expect(picker).toHaveCount(0);
  await expect(box).toHaveValue(chars.join(''));

  await opener.click();
  await expect(picker).toBeVisible();
  await frame.getByRole('heading', { level: 1 }).click();
  await expect(picker).toHaveCount(0);
  // Nothing is stored before the visitor has acted.
  expect(await frame.locator('body').evaluate(() => Object.keys(localStorage).filter((key) => key.includes('emoji')))).toEqual([]);

  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const phone = await new VisitorPage(await context.newPage(), `${world.system.shop}/${world.key}`).goto('plain.html');
  await phone.openChat();
  await expect(phone.frame.getByRole('button', { name: 'Attach file' })).toBeVisible();
  await expect(phone.frame.getByRole('button', { name: 'Emoji', exact: true })).toHaveCount(0);
  await context.close();
});
