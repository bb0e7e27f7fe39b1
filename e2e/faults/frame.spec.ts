/** What befalls the frame and the loader in a page that is not ours: removed by the page's script, or late. */
import { expect, test } from '../fixtures.ts';
import { expectAllSound, said } from './said.ts';

test('[fault 20] a frame that the page removes is put back; the page’s copy answers meanwhile, and what was said arrives', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('before;');
  await visitor.hears('sendmessage');
  const seen = await visitor.run((chat) => {
    document.querySelector('iframe.callgear-widget')?.remove();
    const sent = chat.sendChatMessage('while it was away;');
    return {
      isSent: sent !== false,
      state: chat.getState(),
      isAvailable: chat.isChatAvailable(),
      operator: chat.getOperatorVcard()?.name,
      texts: chat.getMessages().map(({ text }) => text),
    };
  });
  expect(seen).toEqual({ isSent: true, state: 'chat', isAvailable: true, operator: 'Olga Petrova', texts: ['before;', 'while it was away;'] });
  await operator.reads('while it was away;');
  await operator.reply('after;');
  await expect.poll(async () => (await visitor.told<{ text: string }>('sendmessage')).map(({ text }) => text)).toEqual(['before;', 'after;']);
  expect(said(world)).toEqual(['before;', 'while it was away;', 'after;']);
  await expectAllSound(world, [visitor]);
});

test('[fault 22] a loader that comes late keeps nothing waiting and carries out what was asked before', async ({ world }) => {
  const visitor = await world.stranger();
  const { page } = visitor;
  let arrive = (): void => undefined;
  const late = new Promise<void>((resolve) => (arrive = resolve));
  await page.route('**/loader.js', async (route) => {
    await late;
    await route.continue();
  });
  await visitor.page.clock.install();
  await page.goto(`${world.system.shop}/${world.key}/stub.html`, { waitUntil: 'domcontentloaded' });
  await expect(page.getByRole('heading')).toBeVisible();
  await page.clock.fastForward(30_000);
  expect(await page.evaluate(() => ({ isParsed: document.readyState !== 'loading', order: (window as unknown as { order: string[] }).order }))).toEqual({ isParsed: true, order: [] });
  expect(visitor.console).toEqual([]);
  arrive();
  await expect.poll(() => page.evaluate(() => [...(window as unknown as { order: string[] }).order].sort())).toEqual(['controller', 'pushed']);
});
