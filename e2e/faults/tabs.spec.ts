/**
 * Several tabs of one visitor, some of which stop or believe that they are alone. Every page has a connection of its own and none
 * leads; what is shared is the outbox, and whose items may be taken over.
 */
import type { Message } from '../../shared/chat.ts';
import { expect, test } from '../fixtures.ts';
import { layLine } from '../line.ts';
import { writingOf } from './pages.ts';
import { expectAllSound, said } from './said.ts';

const WITHIN = { timeout: 5_000 };

test('[fault 29] the tab that was there first is frozen, then crashes: the others hear and speak within five seconds', async ({ world }) => {
  const { visitor: first, operator } = await world.conversation();
  const [second, third] = [await world.page(first), await world.page(first)];
  const heard = async (tab: typeof first): Promise<string[]> => (await tab.told<Message>('sendmessage')).map(({ text }) => text);

  const devtools = await first.page.context().newCDPSession(first.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await operator.reply('while it is frozen;');
  for (const tab of [second, third]) await expect.poll(() => heard(tab), WITHIN).toEqual(['while it is frozen;']);
  await second.call('sendChatMessage', 'from the second;');
  await expect.poll(() => heard(third), WITHIN).toEqual(['while it is frozen;', 'from the second;']);

  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await expect.poll(() => heard(first), WITHIN).toEqual(['while it is frozen;', 'from the second;']);
  await first.call('sendChatMessage', 'thawed;');
  await operator.reads('thawed;');
  const written = await writingOf(first, 'the first tab');

  await first.page.goto('chrome://crash').catch(() => undefined);
  await operator.reply('after the crash;');
  for (const tab of [second, third]) await expect.poll(async () => (await heard(tab)).at(-1), WITHIN).toBe('after the crash;');
  await third.call('sendChatMessage', 'from the third;');
  await expect.poll(async () => (await heard(second)).at(-1), WITHIN).toBe('from the third;');
  await expectAllSound(world, [second, third], [written]);
});

test('[fault 30] every tab is told that it alone is there and may take everything over: nothing is doubled', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  // Each lock is granted to whoever asks, also while another holds it.
  await visitor.page.context().addInitScript(() => {
    Object.defineProperty(navigator, 'locks', {
      value: { request: async (name: string, ...rest: unknown[]) => (rest[rest.length - 1] as (lock: { name: string }) => unknown)({ name }) },
    });
  });
  const tabs = [await world.tab(visitor), await world.tab(visitor)] as const;
  const lines = [await layLine(tabs[0].page), await layLine(tabs[1].page)];
  for (const tab of tabs) await tab.open();
  for (const line of lines) await line.cut();
  for (const [at, tab] of tabs.entries()) {
    await expect.poll(() => tab.call('isOnline')).toBe(false);
    for (const n of [1, 2, 3]) await tab.call('sendChatMessage', `tab ${at + 1}, ${n};`);
    await expect.poll(async () => (await tab.heard('messagesent')).length).toBe(3);
  }

  const heir = await world.page(visitor);
  await expect.poll(() => said(world).length).toBe(6);
  for (const line of lines) line.mend();
  for (const tab of tabs) await tab.hears('messagedelivered', 3);
  await heir.done('sendChatMessage', 'the last;');
  await operator.reads('the last;');
  await expectAllSound(world, [visitor, heir, ...tabs]);
  expect(said(world)).toHaveLength(7);
});
