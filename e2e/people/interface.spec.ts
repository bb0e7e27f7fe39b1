/** The visitor's interface, used by keyboard and by name. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

/** No violation of WCAG 2.2 AA in page and frame; the customer's own page is not ours to judge. */
async function expectAccessible(visitor: VisitorPage): Promise<void> {
  const { violations } = await new AxeBuilder({ page: visitor.page })
    .include(['iframe[title^="Chat"]', 'body'])
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

test('[UI.flow] a visitor opens, writes, rates, mails and ends by keyboard and by name', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame, page } = visitor;
  await visitor.launcher.focus();
  await page.keyboard.press('Enter');
  await expect(visitor.box).toBeFocused();
  await page.keyboard.type('Hello');
  await page.keyboard.press('Enter');
  await visitor.sees('Hello');
  await operator.join();
  await operator.reply('Good day');
  await visitor.sees('Good day');

  await visitor.openMenu();
  await frame.getByRole('group', { name: 'Rate the operator' }).getByRole('button', { name: '5' }).click();
  await expect(operator.page.getByText(/\b5\b.*\/ ?5|★{5}|Rating/).first()).toBeVisible();

  await visitor.choose('Email transcript');
  await frame.getByRole('textbox', { name: /mail/i }).fill('vera@example.com');
  await page.keyboard.press('Enter');
  await expect.poll(() => world.system.mails.filter(({ to }) => to.includes('vera@example.com')).length).toBe(1);
  await expect(frame.getByRole('textbox', { name: /mail/i })).toBeHidden();

  await visitor.endChat();
  await operator.sees('On site');
  await page.keyboard.press('Escape');
  await expect(visitor.launcher).toBeVisible();
});

test('[UI.flow] closing hides the chat and ends nothing; what came meanwhile is counted', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  await visitor.openChat();
  await visitor.say('I am here');
  await operator.join();
  await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
  await operator.reply('Still there?');
  await expect(visitor.frame.getByRole('button', { name: /Open chat/ })).toContainText('1');
  await operator.sees('In chat');
  await visitor.frame.getByRole('button', { name: /Open chat/ }).click();
  await visitor.sees('Still there?');
});

test('[UI.offline] with nobody online the form is plain, and its answer is shown', async ({ world }) => {
  const visitor = await (await world.stranger()).goto('plain.html');
  await expect(visitor.launcher).toBeVisible();
  await visitor.page.evaluate(() => (window as unknown as { CallGear: { openChatWindow(): void } }).CallGear.openChatWindow());
  await visitor.frame.getByRole('button', { name: 'Send' }).click();
  await expect(visitor.frame.getByRole('textbox', { name: /Email/ })).toHaveAttribute('aria-invalid', 'true');
  await visitor.frame.getByRole('textbox', { name: /Email/ }).fill('vera@example.com');
  await visitor.frame.getByRole('textbox', { name: /Message/ }).fill('Hello');
  await visitor.frame.getByRole('button', { name: 'Send' }).click();
  await expect(visitor.frame.getByRole('status').filter({ hasText: /.+/ }).first()).toBeVisible();
  await expect(visitor.frame.getByRole('textbox', { name: /Message/ })).toBeHidden();
});

test('[UI.failed] [FF.E13] a file that is refused for good says why and can be discarded; trying again is not offered in vain', async ({
  world,
}) => {
  await world.set('chat.file', { max_size: 10, accept: [] });
  const { visitor } = await world.conversation();
  await visitor.openChat();
  await visitor.page.evaluate(() =>
    (window as unknown as { chat: { sendFile(file: File): void } }).chat.sendFile(new File(['more than ten bytes'], 'big.txt')),
  );
  expect((await visitor.hears('messagefailed')).payload['reason']).toBe('file_too_large');
  await expect(visitor.log.getByText('the file is too large')).toBeVisible();
  await expect(visitor.frame.getByRole('button', { name: 'Retry' })).toHaveCount(0);
  await visitor.frame.getByRole('button', { name: 'Discard' }).click();
  await visitor.page.evaluate(() =>
    (window as unknown as { chat: { sendFile(file: File): void } }).chat.sendFile(new File([], 'nothing.txt')),
  );
  expect((await visitor.hears('messagefailed', 2)).payload['reason']).toBe('file_empty');
  await expect(visitor.log.getByText('the file is empty')).toBeVisible();
  await expect(visitor.frame.getByRole('button', { name: 'Retry' })).toHaveCount(0);
  await visitor.frame.getByRole('button', { name: 'Discard' }).click();
  // The upload of the bytes fails: another try may succeed.
  await world.set('chat.file', { max_size: 1000, accept: [] });
  await visitor.page.context().route(/\/files\?/, (route) => route.abort());
  await visitor.page.evaluate(() =>
    (window as unknown as { chat: { sendFile(file: File): void } }).chat.sendFile(new File(['lost'], 'lost.txt')),
  );
  expect((await visitor.hears('messagefailed', 3)).payload['reason']).toBe('upload_failed');
  await expect(visitor.frame.getByRole('button', { name: 'Retry' })).toBeVisible();
});

test('[UI.flow] required information is asked for once, by label, and goes to the operator', async ({ world }) => {
  await world.set('chat.fields', [
    { name: 'name', is_required: true, title: 'Your name' },
    { name: 'email', is_required: true, title: 'Your email' },
  ]);
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  await visitor.openChat();
  const details = visitor.frame.getByRole('group', { name: 'Your details' });
  await details.getByRole('textbox', { name: /Your name/ }).fill('Vera');
  await details.getByRole('textbox', { name: /Your email/ }).fill('vera@example.com');
  await visitor.frame.getByRole('button', { name: 'Start chat' }).click();
  await operator.join();
  await expect(operator.page.getByText('vera@example.com').first()).toBeVisible();
  await visitor.page.reload();
  await visitor.frame.getByRole('button', { name: /Open chat/ }).click();
  await expect(visitor.box).toBeVisible();
  await expect(details).toBeHidden();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`[UI.axe] no accessibility violations, ${colorScheme}`, async ({ world }) => {
    const operator = await world.operator();
    const visitor = await (await world.stranger()).goto('plain.html');
    await visitor.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(visitor.launcher).toBeVisible();
    await expectAccessible(visitor);
    await visitor.openChat();
    await expectAccessible(visitor);
    await visitor.say('Hello');
    await operator.join();
    await operator.reply('Good day');
    await visitor.sees('Good day');
    await expectAccessible(visitor);
    await visitor.openMenu();
    await expectAccessible(visitor);
    await visitor.endChat();
    await operator.sees('On site');
    await expectAccessible(visitor);
  });
}
