/** What befalls the frame and the loader in a page that is not ours: removed by the page's script, or late. */
import { expect, test } from '../support/fixtures.ts';
import { expectAllSound, said } from './said.ts';

test('[fault 20] a frame that the page removes is put back; the page’s copy answers meanwhile, and what was said arrives', async ({
  world,
}) => {
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
  expect(seen).toEqual({
    isSent: true,
    state: 'chat',
    isAvailable: true,
    operator: 'Olga Petrova',
    texts: ['before;', 'while it was away;'],
  });
  await operator.reads('while it was away;');
  await operator.reply('after;');
  await expect
    .poll(async () => (await visitor.told<{ text: string }>('sendmessage')).map(({ text }) => text))
    .toEqual(['before;', 'after;']);
  expect(said(world)).toEqual(['before;', 'while it was away;', 'after;']);
  await expectAllSound(world, [visitor]);
});

test('[fault 20] no frame for over five seconds: the page’s copy answers, and calls fail for good', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('before;');
  await visitor.hears('sendmessage');
  let isAway = true;
  await visitor.page.route(`${world.system.chat}/frame/**`, (route) => (isAway ? route.abort('internetdisconnected') : route.continue()));

  // The page takes the frame away and closes the chat in the same breath; what it gets back is an error page.
  const closing = visitor.run((chat) => {
    document.querySelector('iframe.callgear-widget')?.remove();
    chat.sendChatMessage('into the void;');
    return chat.promise['closeChat']?.().then(
      () => 'ok',
      ({ code }: { code: string }) => code,
    );
  });
  expect(await closing).toBe('frame_unavailable');
  expect((await visitor.hears('messagefailed')).payload).toMatchObject({ reason: 'frame_unavailable' });
  expect((await visitor.told<{ command: string }>('error')).map(({ command }) => command).sort()).toEqual(['closeChat', 'sendChatMessage']);
  expect(await visitor.run((chat) => [chat.getState(), chat.getOperatorVcard()?.name, chat.getMessages().map(({ text }) => text)])).toEqual(
    ['chat', 'Olga Petrova', ['before;', 'into the void;']],
  );

  // The frame comes back by itself, into the chat that goes on; a message that was given back can be sent again.
  isAway = false;
  await operator.reply('after;');
  await expect
    .poll(async () => (await visitor.told<{ text: string }>('sendmessage')).map(({ text }) => text), { timeout: 30_000 })
    .toEqual(['before;', 'after;']);
  expect(await visitor.state()).toBe('chat');
  expect(said(world)).toEqual(['before;', 'after;']);
  const [failed] = await visitor.told<{ uid: string }>('messagefailed');
  expect(await visitor.done('resendMessage', failed?.uid)).toBe('ok');
  await operator.reads('into the void;');
  await expectAllSound(world, [visitor]);
  // It was away for longer than the page waits for it: the page reports that, and nothing else.
  expect((await visitor.page.evaluate(() => window.errors)).filter(({ code }) => code !== 'frame_blocked')).toEqual([]);
});

test('[fault 20] the page loads the frame again: it is had again, with the chat and what was said', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('before;');
  await visitor.hears('sendmessage');
  expect(
    await visitor.run((chat) => {
      const frame = document.querySelector<HTMLIFrameElement>('iframe.callgear-widget');
      if (frame) frame.src = frame.src.replace('#', '&again#');
      chat.sendChatMessage('meanwhile;');
      return [chat.getState(), chat.getMessages().map(({ text }) => text)];
    }),
  ).toEqual(['chat', ['before;', 'meanwhile;']]);
  await expect(operator.log.getByText('meanwhile;', { exact: true })).toBeVisible({ timeout: 40_000 });
  await operator.reply('after;');
  await expect
    .poll(async () => (await visitor.told<{ text: string }>('sendmessage')).map(({ text }) => text))
    .toEqual(['before;', 'after;']);
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
  expect(
    await page.evaluate(() => ({ isParsed: document.readyState !== 'loading', order: (window as unknown as { order: string[] }).order })),
  ).toEqual({ isParsed: true, order: [] });
  expect(visitor.console).toEqual([]);
  arrive();
  await expect
    .poll(() => page.evaluate(() => [...(window as unknown as { order: string[] }).order].sort()))
    .toEqual(['controller', 'pushed']);
});
