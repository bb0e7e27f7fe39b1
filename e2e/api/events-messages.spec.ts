/** What a page hears of messages: whose, on which pages, and never twice. */
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import type { Message } from '../../shared/chat.ts';

const texts = (payloads: { text: string }[]) => payloads.map(({ text }) => text);

test('[EV.sendmessage] an operator’s message is heard on all pages, counted already @firefox', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  await operator.reply('Good morning');
  for (const page of [visitor, second]) {
    expect(await page.hears('sendmessage')).toMatchObject({
      payload: { text: 'Good morning', source: 'Operator', from: 'Olga Petrova' },
      arguments: 1,
      unread: 1,
    });
  }
});

test('[EV.sendmessage] own text comes on the visitor’s other pages', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  const second = await world.page(visitor);
  const { uid } = (await visitor.call('sendChatMessage', 'from the first page')) as Message;
  expect((await second.hears('sendmessage')).payload).toMatchObject({
    text: 'from the first page',
    source: 'Visitor',
    from: 'Visitor',
    uid,
    message_id: expect.any(String),
  });
  expect(await second.call('getUnreadCounter')).toBe(0);
});

test('[EV.sendmessage.not] own text is not echoed on the page that sent it, by script or by hand', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.call('sendChatMessage', 'by script');
  await visitor.openChat();
  await visitor.say('by hand');
  await operator.reads('by hand');
  await operator.reply('a sign');
  await visitor.hears('sendmessage');
  expect(texts(await visitor.told('sendmessage'))).toEqual(['a sign']);
});

test('[EV.sendmessage.not] what was said before a page opened is history, not news', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('sendChatMessage', 'a question');
  await operator.reply('an answer');
  await visitor.hears('sendmessage');
  await visitor.open();
  await visitor.settled();
  expect(await visitor.told('sendmessage')).toEqual([]);
  expect(texts((await visitor.told<Message[]>('showhistory')).flat())).toEqual(['a question', 'an answer']);
});

test('[EV.sendmessage.not] never twice for one message, though the connection breaks', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  const second = await world.page(visitor);
  await visitor.done('startChat');
  await operator.join();
  await operator.reply('one');
  await visitor.hears('sendmessage');
  await line.cut();
  await operator.reply('two');
  await visitor.call('sendChatMessage', 'mine');
  line.mend();
  await operator.reads('mine');
  await operator.reply('three');
  await expect.poll(async () => texts(await visitor.told('sendmessage'))).toEqual(['one', 'two', 'three']);
  await visitor.settled();
  expect(texts(await visitor.told('sendmessage'))).toEqual(['one', 'two', 'three']);
  await expect.poll(async () => texts(await second.told('sendmessage'))).toEqual(['one', 'two', 'mine', 'three']);
});

test('[EV.messagesent] every own message of this page, with who sent it', async ({ world }) => {
  const visitor = await world.visitor();
  const message = (await visitor.call('sendChatMessage', 'by script')) as Message;
  expect((await visitor.hears('messagesent')).payload).toEqual({
    message: expect.objectContaining({ text: 'by script', uid: message.uid, sender: 'visitor' }),
    via: 'api',
  });
  await visitor.hears('messagedelivered');
  await visitor.openChat();
  await visitor.say('by hand');
  expect((await visitor.hears('messagesent', 2)).payload).toMatchObject({ message: { text: 'by hand', sender: 'visitor' }, via: 'ui' });
});

test('[EV.messagesent.not] not on other pages', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  const second = await world.page(visitor);
  await visitor.call('sendChatMessage', 'from the first page');
  await second.hears('sendmessage');
  await second.settled();
  expect(await second.order('messagesent', 'messagedelivered')).toEqual([]);
  expect(await visitor.order('messagesent', 'messagedelivered')).toEqual(['messagesent', 'messagedelivered']);
});

test('[EV.showhistory] the last twenty of the current chat, oldest first, once, after the controller has returned @firefox', async ({
  world,
}) => {
  const visitor = await world.visitor();
  await visitor.run((chat) => {
    for (let n = 1; n <= 25; n++) chat.sendChatMessage(String(n));
  });
  await visitor.hears('messagedelivered', 25);
  await visitor.open();
  const { payload, isLater } = await visitor.hears('showhistory');
  expect(texts(payload as unknown as Message[])).toEqual(Array.from({ length: 20 }, (_, n) => String(n + 6)));
  expect(isLater).toBe(true);
  await visitor.done('sendChatMessage', 'more');
  await visitor.settled();
  expect(await visitor.order('showhistory')).toEqual(['showhistory']);
});

test('[EV.showhistory] each widget has its own', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('sendChatMessage', 'said');
  await visitor.run(() => {
    window.CallGear.UI.createWidget('consultant_chat', { launcher: false }).on('showhistory', (messages: { text: string }[]) =>
      window.notes.push(messages.map(({ text }) => text)),
    );
  });
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual([['said']]);
  expect(await visitor.order('showhistory')).toEqual([]);
});

test('[EV.showhistory.not] not when there is nothing, nor when the chat is over', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.settled();
  expect(await visitor.order('showhistory')).toEqual([]);
  await visitor.done('sendChatMessage', 'over');
  await visitor.done('closeChat');
  await visitor.open();
  await visitor.settled();
  expect(await visitor.order('showhistory')).toEqual([]);
  expect(await visitor.call('hasHistory')).toBe(true);
});

test('[EV.showhistory.not] not when the controller has taken everything itself', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('sendChatMessage', 'said');
  await visitor.open('recorder.html?take');
  await visitor.settled();
  expect(await visitor.page.evaluate(() => window.taken.flat().map(({ text }) => text))).toEqual(['said']);
  expect(await visitor.order('showhistory')).toEqual([]);
});

test('[EV.messageviewed.not] not when nothing was unread', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.call('clearUnreadCounter');
  await visitor.settled();
  expect(await visitor.order('messageviewed')).toEqual([]);
  await operator.reply('one');
  await visitor.hears('sendmessage');
  await visitor.call('clearUnreadCounter');
  await visitor.call('clearUnreadCounter');
  await visitor.settled();
  expect(await visitor.order('messageviewed')).toEqual(['messageviewed']);
});

test('[EV.additions] messagedelivered and messagefailed tell the fate of every message', async ({ world }) => {
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  line.refuse('bad');
  const good = (await visitor.call('sendChatMessage', 'good')) as Message;
  const bad = (await visitor.call('sendChatMessage', 'bad')) as Message;
  expect((await visitor.hears('messagedelivered')).payload).toEqual({
    uid: good.uid,
    message_id: expect.any(String),
    chat_id: expect.any(String),
    date: expect.any(Number),
  });
  expect((await visitor.hears('messagefailed')).payload).toEqual({ uid: bad.uid, reason: 'storage_full' });
  expect((await visitor.hears('error')).payload).toMatchObject({ code: 'storage_full', command: 'sendChatMessage' });
});

test('[EV.additions] connectionchange tells when the session goes and comes back', async ({ world }) => {
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await expect.poll(() => visitor.call('isOnline')).toBe(true);
  await visitor.forget();
  await line.cut();
  await visitor.hears('connectionchange');
  expect(await visitor.call('isOnline')).toBe(false);
  line.mend();
  await visitor.hears('connectionchange', 2);
  expect(await visitor.told('connectionchange')).toEqual([{ online: false }, { online: true }]);
});
