/** The box that the visitor writes in: its size, its line below, its keys, what is pasted into it, and the forms beside it. */
import type { Locator } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';

test('[VI.composer] one line grows to five and then scrolls, in any width; the operator’s view of it is told with the first text', async ({
  world,
}) => {
  const { visitor } = await world.conversation();
  await visitor.openChat();
  const { frame, box, page } = visitor;
  await expect(frame.getByRole('button', { name: 'Attach file' })).toBeVisible();
  const height = (): Promise<number> => box.evaluate((area) => (area as HTMLElement).offsetHeight);
  const one = await height();
  const line = await box.evaluate((area) => parseFloat(getComputedStyle(area).lineHeight));
  expect(one).toBeLessThanOrEqual(48);

  const hint = frame.getByText('The operator can see what you type');
  await expect(hint).toHaveCount(0);
  const composer = (): Promise<number | undefined> => box.evaluate((area) => area.closest('form')?.offsetHeight);
  const before = await composer();
  await box.fill('a');
  await expect(hint).toBeVisible();
  await expect(frame.getByRole('status').filter({ hasText: 'The operator can see' })).toHaveCount(1);
  // Nothing moves when the visitor begins to write.
  expect(await composer()).toBe(before);

  await box.fill('a\nb\nc\nd\ne');
  await expect.poll(height).toBeCloseTo(one + 4 * line, 0);
  await box.fill('a\nb\nc\nd\ne\nf\ng');
  await expect.poll(height).toBeCloseTo(one + 4 * line, 0);
  await box.fill('');
  await expect.poll(height).toBe(one);
  await box.fill('again');
  await expect(hint).toBeVisible();
  await expect(frame.getByRole('status').filter({ hasText: 'The operator can see' })).toHaveCount(0);
  await page.setViewportSize({ width: 320, height: 568 });
  await box.fill('a few words that are wider than the box of a very small phone is');
  await expect.poll(height).toBeGreaterThan(one);
});

test('[VI.composer] ten thousand pasted characters stay in the box, with the number that is too many, and come back after a reload', async ({
  world,
}) => {
  const { visitor } = await world.conversation();
  await visitor.openChat();
  const { frame, box, page } = visitor;
  const text = 'word '.repeat(2_000);
  await expect(frame.getByRole('button', { name: 'Attach file' })).toBeVisible();
  await box.fill(text);
  await expect(box).toHaveAccessibleDescription('5,904 characters too long');
  await expect(box).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Enter');
  await expect(box).toHaveValue(text);
  await page.reload();
  await frame.getByRole('button', { name: /Open chat/ }).click();
  await expect(box).toHaveValue(text);
});

/** As an input method does it; the driver's keyboard has none. */
const compose = (box: Locator, keyCode: number, isComposing: boolean): Promise<boolean> =>
  box.evaluate(
    (area, [keyCode, isComposing]) =>
      area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode, isComposing, bubbles: true, cancelable: true })),
    [keyCode, isComposing] as const,
  );

test('[VI.composer] the Enter that ends a word of an input method sends nothing; the next one does', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.openChat();
  const { box } = visitor;
  await box.fill('こんにちは');
  expect(await compose(box, 13, true)).toBe(true);
  expect(await compose(box, 229, false)).toBe(true);
  await expect(box).toHaveValue('こんにちは');
  await box.press('Enter');
  await operator.reads('こんにちは');
  await expect(box).toHaveValue('');
});

test('[VI.composer] fields tell a browser what they are, name their problem, and give a small panel their room', async ({ world }) => {
  await world.set(
    'chat.fields',
    ['Name', 'Email', 'Phone'].map((title) => ({ name: title.toLowerCase(), is_required: true, title })),
  );
  await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame, page } = visitor;
  await visitor.openChat();
  const field = (name: string) => frame.getByRole('textbox', { name, exact: true });
  await expect(field('Name')).toHaveAttribute('autocomplete', 'name');
  for (const [name, attributes] of Object.entries({
    Email: { type: 'email', autocomplete: 'email', autocapitalize: 'off', spellcheck: 'false', enterkeyhint: 'next' },
    Phone: { type: 'tel', autocomplete: 'tel', enterkeyhint: 'send' },
  }))
    for (const [attribute, value] of Object.entries(attributes)) await expect(field(name)).toHaveAttribute(attribute, value);

  await field('Email').fill('nowhere');
  await frame.getByRole('button', { name: 'Start chat' }).click();
  await expect(field('Name')).toBeFocused();
  await expect(field('Name')).toHaveAccessibleDescription('Fill in: Name');
  await expect(field('Email')).toHaveAccessibleDescription('Enter an address like name@example.com');
  await expect(field('Phone')).toHaveAccessibleDescription('Fill in: Phone');
  await expect(visitor.box).toBeVisible();
  await page.setViewportSize({ width: 320, height: 568 });
  await expect(visitor.box).toBeHidden();
});

test('[VI.composer] another language leaves the draft, and the picker searches in it', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.openChat();
  const { frame } = visitor;
  await visitor.box.fill('half a sent');
  await visitor.openMenu();
  await frame.getByRole('button', { name: /^Language/ }).click();
  await frame.getByRole('button', { name: 'Deutsch' }).click();
  const box = frame.getByRole('textbox', { name: 'Nachricht' });
  await expect(box).toHaveValue('half a sent');
  await frame.getByRole('button', { name: 'Emoji', exact: true }).click();
  await frame.getByRole('searchbox').fill('kaffee');
  await expect(frame.getByRole('gridcell', { name: 'Heißgetränk', exact: true })).toBeVisible();
});
