/** The first thing that must work: somebody asks, somebody answers, both see it, and the page hears about it. */
import { expect, test } from '../support/fixtures.ts';

test('[LO.oneLine] [UI.flow] one line on a page is enough for a conversation @firefox', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');

  await visitor.openChat();
  await visitor.say('Do you ship to Norway?');
  await operator.join();
  await operator.reads('Do you ship to Norway?');
  await operator.reply('Yes, in three days.');
  await visitor.sees('Yes, in three days.');
});

test('[SV.restart] a restart in the middle of a conversation loses nothing', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.call('sendChatMessage', 'before');
  await operator.reads('before');

  await world.system.stopServer();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  await visitor.call('sendChatMessage', 'while it was away');
  await world.system.startServer();

  await operator.reads('while it was away');
  await operator.reply('after');
  expect((await visitor.hears('sendmessage')).payload.text).toBe('after');
  expect((await visitor.call<{ text: string }[]>('getMessages')).map(({ text }) => text)).toEqual(['before', 'while it was away', 'after']);
});
