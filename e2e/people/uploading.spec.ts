/** A file on its way: how far it is, and the way back; and what is offered where trying again is in vain. */
import { expect, test } from '../support/fixtures.ts';

test('[VI.conversation] [UI.failed] a file under way says how far it is and can be discarded', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.openChat();
  // The network holds the file until the test ends.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await visitor.page.route(/\/files\?/, async (route) => {
    await held;
    await route.abort();
  });
  await visitor.frame
    .locator('input[type=file]')
    .setInputFiles([{ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('a plan') }]);
  await visitor.frame.getByRole('button', { name: 'Send', exact: true }).click();
  const row = visitor.log.getByRole('listitem').filter({ hasText: 'plan.txt' });
  await expect(row.getByRole('progressbar', { name: 'Sending plan.txt' })).toBeVisible();
  await expect(row).toContainText(/\d+%/);
  await row.getByRole('button', { name: 'Discard' }).click();
  await expect(row).toHaveCount(0);
  release();
});

test('[VI.conversation] [UI.failed] a file that never goes through offers another one in place of trying again', async ({ world }) => {
  await world.set('chat.file.max_size', 1024);
  const { visitor } = await world.conversation();
  await visitor.openChat();
  await visitor.run((chat) => void chat.sendFile(new File(['x'.repeat(2048)], 'large.txt', { type: 'text/plain' })));
  const row = visitor.log.getByRole('listitem').filter({ hasText: 'large.txt' });
  await expect(row).toContainText('Not sent: the file is too large (1');
  await expect(row.getByRole('button', { name: 'Retry' })).toHaveCount(0);
  const chooser = visitor.page.waitForEvent('filechooser');
  await row.getByRole('button', { name: 'Attach file' }).click();
  expect((await chooser).isMultiple()).toBe(true);
  await expect(row).toHaveCount(0);
});
