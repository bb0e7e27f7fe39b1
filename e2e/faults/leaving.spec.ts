/** Pages that end while something is on its way: what their last request carries, and what the next page finds. */
import type { Page } from '@playwright/test';
import type { VisitorPage } from '../support/pages/visitor.ts';
import { expect, test, type World } from '../support/fixtures.ts';
import { expectAllSound, said } from './said.ts';
import { writingOf } from './pages.ts';

/** The socket works, but for what the page says: its commands never arrive. It is the page's own, not that of another tab. */
async function swallowCommands(page: Page): Promise<void> {
  await page.addInitScript(() => Object.defineProperty(window, 'BroadcastChannel', { value: undefined }));
  await page.routeWebSocket(/\/socket/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      if (!String(data).startsWith('{"t":"send"')) server.send(data);
    });
  });
}

/** A visitor in a chat with an operator, and a tab whose commands do not arrive. */
async function muteTab(
  world: World,
): Promise<{ visitor: VisitorPage; mute: VisitorPage; operator: Awaited<ReturnType<World['conversation']>>['operator'] }> {
  const { visitor, operator } = await world.conversation();
  const mute = await world.tab(visitor);
  await swallowCommands(mute.page);
  await mute.open();
  await expect.poll(() => mute.call('isOnline')).toBe(true);
  // What carries the last request comes last, when nobody waits for anything any more.
  const frame = mute.page.frames().find((each) => each.url().includes('/frame/'));
  await expect
    .poll(() => frame?.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('beacon'))))
    .toBe(true);
  return { visitor, mute, operator };
}

test('[fault 16] [SE.leave] a tab is closed with its message unanswered: the operator has it, although nobody comes back', async ({
  world,
}) => {
  const { visitor, mute, operator } = await muteTab(world);
  for (const text of ['one;', 'two;', 'three;']) await mute.call('sendChatMessage', text);
  await mute.hears('messagesent', 3);
  const written = await writingOf(mute, 'the closed tab');
  await mute.page.close();
  await operator.reads('three;');
  expect(said(world)).toEqual(['one;', 'two;', 'three;']);
  await expectAllSound(world, [visitor], [{ ...written, outbox: [] }]);
});

test('[fault 16] tabs closed right after sending: at the operator, or in the outbox on return, once and in order', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const texts = ['a;', 'b;', 'c;', 'd;', 'e;'];
  for (const text of texts) {
    const tab = await world.page(visitor);
    await tab.run((chat, text) => void chat.sendChatMessage(text), text);
    await tab.page.close();
  }
  const back = await world.page(visitor);
  await operator.reads('e;').catch(() => undefined);
  await back.done('sendChatMessage', 'back;');
  await expectAllSound(world, [visitor, back]);
  // A call of the page's script that the frame had not taken yet is gone with the page. The others are stored once, in order.
  const stored = said(world);
  expect(stored).toEqual([...texts, 'back;'].filter((text) => stored.includes(text)));
  expect(stored.at(-1)).toBe('back;');
});

test('[fault 17] [SE.leave] more is unsent than a closing page may send: the rest goes with the next load', async ({ world }) => {
  const { visitor, mute, operator } = await muteTab(world);
  const texts = Array.from({ length: 30 }, (_, at) => `${String(at).padStart(2, '0')} ${'x'.repeat(4_000)};`);
  await mute.run((chat, texts) => texts.forEach((text) => chat.sendChatMessage(text)), texts);
  await expect.poll(async () => (await mute.heard('messagesent')).length).toBe(30);
  const written = await writingOf(mute, 'the closed tab');
  await mute.page.close();
  await expect.poll(() => said(world).length).toBeGreaterThan(10);
  const early = said(world);
  expect(early).toEqual(texts.slice(0, early.length));

  const next = await world.page(visitor);
  await expect.poll(() => said(world).length).toBe(30);
  expect(said(world)).toEqual(texts);
  await operator.reads(texts[29] ?? '');
  await expectAllSound(world, [visitor, next], [{ ...written, outbox: [] }]);
});
