/** Lists that follow their newest message, while everything around them changes its size. */
import type { Locator } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';

const gapOf = (log: Locator): Promise<number> => log.evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
const atEnd = (log: Locator): Promise<void> => expect.poll(() => gapOf(log)).toBeLessThan(3);

test('[FF.E15] [UI.follow] where nothing can be stored, replies in quick succession stay in sight under a notice that comes once and stays', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  await visitor.page.addInitScript(() => {
    IDBObjectStore.prototype.put = (): never => {
      throw new DOMException('Nothing is stored here.', 'UnknownError');
    };
    // Each time a notice comes into the document or leaves it, as the visitor would see it flash.
    const changes: string[] = [];
    new MutationObserver((records) => {
      for (const { addedNodes, removedNodes } of records) {
        for (const node of addedNodes) if (node instanceof Element && node.matches('.notice, .loss')) changes.push('came');
        for (const node of removedNodes) if (node instanceof Element && node.matches('.notice, .loss')) changes.push('went');
      }
    }).observe(document, { childList: true, subtree: true });
    Object.assign(window, { changes });
  });
  await visitor.goto('plain.html');
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  const reply = operator.page.getByRole('textbox', { name: 'Reply' });
  for (let n = 1; n <= 24; n += 1) {
    await reply.fill(`Reply ${n}, and a few words more so that it takes two lines of the list`);
    await reply.press('Enter');
    if (n % 4 !== 0) continue;
    await expect(visitor.log.getByText(`Reply ${n},`)).toBeVisible();
    await atEnd(visitor.log);
  }
  await expect(visitor.frame.getByText(/does not let us save this chat/)).toBeVisible();
  expect(await visitor.log.evaluate(() => (window as unknown as { changes: string[] }).changes)).toEqual(['came']);

  // A reader is left where they read.
  await visitor.log.evaluate((box) => (box.scrollTop = 100));
  await expect(visitor.log.getByText('Reply 24,')).not.toBeInViewport();
  await reply.fill('While reading');
  await reply.press('Enter');
  await expect(visitor.frame.getByRole('button', { name: '1 new message' })).toBeVisible();
  expect(await gapOf(visitor.log)).toBeGreaterThan(100);
});

test('[FF.E15] [UI.follow] the workplace’s list stays at its end in a window that becomes smaller while messages come', async ({
  world,
}) => {
  const { visitor, operator } = await world.conversation();
  for (const height of [700, 420, 640, 380]) {
    await operator.page.setViewportSize({ width: 1100, height });
    for (let n = 0; n < 6; n += 1)
      await visitor.run((chat, text) => void chat.sendChatMessage(text), `At ${height}: ${n}, which is long enough to take its room`);
    await operator.reads(`At ${height}: 5, which is long enough to take its room`);
    await atEnd(operator.log);
  }
});
