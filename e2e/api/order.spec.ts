/** In which order a page hears things, and in which its commands are carried out. */
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import type { Message } from '../../shared/chat.ts';

test('[OR.1] the mirror says already what the event tells', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('one');
  await visitor.hears('sendmessage');
  await visitor.done('setOperatorRating', 4);
  await operator.button('Leave').click();
  await visitor.hears('operatorleave');
  await visitor.done('closeChat');
  await operator.goOffline();
  await visitor.hears('chatavailabilitychange');
  const heard = await visitor.heard(
    'statechange',
    'operatorjoined',
    'sendmessage',
    'ratingchange',
    'operatorleave',
    'closechat',
    'chatavailabilitychange',
  );
  const seen = heard.map(({ name, payload, state, operator, unread, rating, isAvailable }) => {
    if (name === 'statechange') return [name, state === (payload as unknown)];
    if (name === 'operatorjoined') return [name, operator?.name === payload['name']];
    if (name === 'sendmessage') return [name, unread === 1];
    if (name === 'ratingchange') return [name, rating === (payload as unknown)];
    if (name === 'operatorleave') return [name, operator === null];
    if (name === 'closechat') return [name, state === 'available'];
    return [name, isAvailable === (payload as unknown)];
  });
  expect(seen.map(([name]) => name)).toEqual([
    'statechange',
    'operatorjoined',
    'ratingchange',
    'sendmessage',
    'ratingchange',
    'operatorleave',
    'statechange',
    'closechat',
    'chatavailabilitychange',
  ]);
  expect(
    seen.every(([, isThere]) => isThere === true),
    JSON.stringify(seen),
  ).toBe(true);
});

test('[OR.1] the mirror knows a message when sendmessage tells it', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.run((chat) => {
    chat.on('sendmessage', (message: Message) =>
      window.notes.push(chat.getMessages().some(({ message_id }) => message_id === message.message_id)),
    );
  });
  await operator.reply('one');
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual([true]);
});

test('[OR.3] the opening: history, then the mark, then what happens now', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('before');
  await visitor.done('setOperatorRating', 5);
  await visitor.open();
  await visitor.hears('ratingchange');
  await operator.reply('after');
  await visitor.hears('sendmessage');
  expect(await visitor.order('showhistory', 'ratingchange', 'showchatretentionaction', 'invite', 'sendmessage')).toEqual([
    'showhistory',
    'ratingchange',
    'sendmessage',
  ]);
  expect(await visitor.told('ratingchange')).toEqual([5]);
});

test('[OR.3] the opening: ratingchange carries null for an operator without a mark', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.done('sendChatMessage', 'said');
  await visitor.open();
  await visitor.hears('ratingchange');
  expect(await visitor.order('showhistory', 'ratingchange')).toEqual(['showhistory', 'ratingchange']);
  expect(await visitor.told('ratingchange')).toEqual([null]);
});

test('[OR.3] the opening: history, then the way out that stands', async ({ world }) => {
  await world.set('chat.retention', {
    is_alternate_communication_way_enabled: true,
    alternate_communication_way_timeout: 0,
    messages: [],
    alternate_communication_way: 'chat',
  });
  const visitor = await world.visitor();
  await visitor.done('sendChatMessage', 'hello?');
  await visitor.hears('showchatretentionaction');
  await visitor.open();
  await visitor.hears('showchatretentionaction');
  await visitor.settled();
  expect(await visitor.order('showhistory', 'ratingchange', 'showchatretentionaction')).toEqual(['showhistory', 'showchatretentionaction']);
});

test('[OR.3] events from while the controller still works come after the opening, each text once', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('sendChatMessage', 'before');
  const second = await world.tab(visitor);
  await second.goto('recorder.html?wait&headless');
  await second.page.waitForFunction(() => window.release !== undefined);
  await operator.reply('meanwhile');
  await expect.poll(() => second.call('getUnreadCounter')).toBe(1);
  expect(await second.heard()).toEqual([]);
  await second.page.evaluate(() => window.release?.());
  await operator.reply('after');
  await expect.poll(async () => (await second.told<Message>('sendmessage')).map(({ text }) => text)).toContain('after');
  expect((await second.order('showhistory', 'ratingchange', 'sendmessage')).slice(0, 2)).toEqual(['showhistory', 'ratingchange']);
  const told = [...(await second.told<Message[]>('showhistory')).flat(), ...(await second.told<Message>('sendmessage'))];
  expect(told.map(({ text }) => text)).toEqual(['before', 'meanwhile', 'after']);
});

test('[OR.4] messages of a chat come in the server’s order on every page', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const [second, third] = [await world.page(visitor), await world.page(visitor)];
  await Promise.all(
    [1, 2, 3, 4, 5].map((n) => Promise.all([visitor.call('sendChatMessage', `first ${n}`), second.call('sendChatMessage', `second ${n}`)])),
  );
  await operator.reply('operator');
  await expect.poll(async () => (await third.told('sendmessage')).length).toBe(11);
  const order = (await third.told<Message>('sendmessage')).map(({ text }) => text);
  for (const page of [visitor, second, third])
    expect((await page.run((chat) => chat.getMessages())).map(({ text }) => text)).toEqual(order);
  for (const page of ['first', 'second'])
    expect(order.filter((text) => text.startsWith(page))).toEqual([1, 2, 3, 4, 5].map((n) => `${page} ${n}`));
});

test('[OR.4] the page gets the events of a gap before anything newer', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await visitor.done('startChat');
  await operator.join();
  await visitor.hears('operatorjoined');
  line.loseMessage('lost on the way');
  await operator.reply('lost on the way');
  await operator.reply('newer');
  await visitor.hears('sendmessage', 2);
  expect((await visitor.told<Message>('sendmessage')).map(({ text }) => text)).toEqual(['lost on the way', 'newer']);
  expect(line.sent.filter(({ t }) => t === 'sync')).toHaveLength(1);
});

test('[OR.5] commands of one page are carried out in the order they were called', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.run((chat) => {
    chat.startChat();
    chat.sendChatMessage('one');
    chat.setVisitorCard({ name: 'Vera' });
    chat.sendChatMessage('two');
    chat.closeChat();
    chat.sendChatMessage('three');
    chat.inviteReject();
    chat.closeChat();
    chat.startChat();
  });
  await visitor.hears('startchat', 2);
  await visitor.settled();
  expect(await visitor.order('startchat', 'closechat', 'invitereject', 'messagedelivered')).toEqual([
    'startchat',
    'messagedelivered',
    'messagedelivered',
    'closechat',
    'messagedelivered',
    'invitereject',
    'closechat',
    'startchat',
  ]);
  await visitor.open('recorder.html?listen=');
  const history = await visitor.run((chat) => chat.getHistory());
  const chats = (history || []).map(({ text, chat_id }) => [text, chat_id] as const);
  expect(chats.map(([text]) => text)).toEqual(['three', 'two', 'one']);
  expect(chats[1]?.[1]).toBe(chats[2]?.[1]);
  expect(chats[0]?.[1]).not.toBe(chats[1]?.[1]);
  expect(await visitor.state()).toBe('chat');
  await operator.sees('Waiting');
});
