/** What a page hears of the visitor's state, of answers to its own commands, and of who is there. */
import { expect, test } from '../support/fixtures.ts';

test('[EV.statechange] the new state, on all pages of the visitor', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.settled();
  const second = await world.page(visitor);
  await visitor.done('startChat');
  await visitor.done('closeChat');
  for (const page of [visitor, second]) {
    await page.hears('statechange', 2);
    const heard = await page.heard('statechange');
    expect(heard.map(({ payload, state }) => [payload as unknown, state])).toEqual([
      ['chat', 'chat'],
      ['available', 'available'],
    ]);
  }
});

test('[EV.statechange.not] not for the state at load', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.open();
  await visitor.settled();
  expect(await visitor.page.evaluate(() => window.atStart.state)).toBe('chat');
  expect(await visitor.order('statechange')).toEqual([]);
});

test('[EV.statechange.not] not for the same value again', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.done('startChat');
  await visitor.done('sendChatMessage', 'still here');
  await visitor.settled();
  expect(await visitor.told('statechange')).toEqual(['chat']);
});

test('[EV.answers] startchat and closechat answer on the calling page alone', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.settled();
  const second = await world.page(visitor);
  await visitor.done('startChat');
  await visitor.done('closeChat');
  await second.hears('statechange', 2);
  await second.settled();
  expect(await visitor.order('startchat', 'closechat')).toEqual(['startchat', 'closechat']);
  expect(await visitor.hears('startchat')).toMatchObject({ payload: null, state: 'chat' });
  expect(await second.order('startchat', 'closechat')).toEqual([]);
});

test('[EV.answers] the calling page is also the one whose interface gave the command', async ({ world }) => {
  await world.operator();
  const visitor = await world.visitor();
  await visitor.settled();
  const second = await world.page(visitor);
  await visitor.openChat();
  await visitor.frame.getByRole('button', { name: 'Start chat' }).click();
  await visitor.hears('startchat');
  await visitor.endChat();
  await visitor.hears('closechat');
  await second.hears('statechange', 2);
  await second.settled();
  expect(await second.order('startchat', 'closechat')).toEqual([]);
});

test('[EV.answers.not] a chat that a message started fires statechange alone', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.call('sendChatMessage', 'Hello');
  await visitor.hears('messagedelivered');
  await visitor.settled();
  expect(await visitor.order('statechange', 'startchat')).toEqual(['statechange']);
});

test('[EV.answers.not] a chat that the operator ended fires statechange alone, on all pages', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  await operator.closeChat();
  for (const page of [visitor, second]) {
    await page.becomes('available');
    await page.settled();
    expect(await page.order('closechat')).toEqual([]);
    expect((await page.told('statechange')).slice(-1)).toEqual(['available']);
  }
});

test('[EV.chatavailabilitychange] a boolean, whenever the answer of isChatAvailable changes', async ({ world }) => {
  const visitor = await world.visitor();
  const operator = await world.operator();
  await visitor.hears('chatavailabilitychange');
  await operator.goOffline();
  await visitor.hears('chatavailabilitychange', 2);
  const heard = await visitor.heard('chatavailabilitychange');
  expect(heard.map(({ payload, isAvailable }) => [payload as unknown, isAvailable])).toEqual([
    [true, true],
    [false, false],
  ]);
});

test('[EV.chatavailabilitychange] an operator who closes the workplace is gone', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await operator.page.close();
  await visitor.hears('chatavailabilitychange');
  expect(await visitor.told('chatavailabilitychange')).toEqual([false]);
});

test('[EV.chatavailabilitychange] within a chat the answer is that of its group', async ({ world }) => {
  const [sales, service] = [await world.group('Sales'), await world.group('Service')];
  await world.operator('Sam Seller', { group: sales });
  const visitor = await world.visitor();
  await visitor.done('startChat', service);
  await visitor.settled();
  expect(await visitor.told('chatavailabilitychange')).toEqual([false]);
  await visitor.done('closeChat');
  await visitor.hears('chatavailabilitychange', 2);
  expect(await visitor.told('chatavailabilitychange')).toEqual([false, true]);
});

test('[EV.chatavailabilitychange.not] not at load', async ({ world }) => {
  await world.operator();
  const visitor = await world.visitor();
  await visitor.settled();
  expect(await visitor.call('isChatAvailable')).toBe(true);
  expect(await visitor.order('chatavailabilitychange')).toEqual([]);
});

test('[EV.chatavailabilitychange.not] not while the answer stays: a second operator, a neighbour’s operator', async ({ world }) => {
  const neighbour = await world.neighbour();
  const first = await world.operator('Anna First');
  const visitor = await world.visitor();
  const second = await world.operator('Boris Second');
  await (await neighbour.operator('Nora Neighbour')).goOffline();
  await first.goOffline();
  await visitor.settled();
  expect(await visitor.order('chatavailabilitychange')).toEqual([]);
  await second.goOffline();
  await visitor.hears('chatavailabilitychange');
  expect(await visitor.told('chatavailabilitychange')).toEqual([false]);
});
