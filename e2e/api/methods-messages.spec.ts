/** Methods that send, show again and count messages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import { type VisitorPage } from '../support/pages/visitor.ts';
import type { Message } from '../../shared/chat.ts';

const texts = (messages: Message[] | false) => messages && messages.map(({ text }) => text);

/** Sends numbered messages, `from` to `to`, and waits until the server has them all. */
async function sendMany(visitor: VisitorPage, from: number, to: number): Promise<void> {
  await visitor.run(
    (chat, [from, to]) => {
      for (let n = from; n <= to; n++) chat.sendChatMessage(`message ${n}`);
    },
    [from, to] as const,
  );
  await visitor.hears('messagedelivered', to - from + 1);
}

const numbered = (from: number, to: number) =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, n) => `message ${from + (from < to ? n : -n)}`);

test('[ME.sendChatMessage] returns the optimistic message at once and starts a chat', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  const { message, state, now } = await visitor.run((chat) => ({
    message: chat.sendChatMessage('Hello'),
    state: chat.getState(),
    now: Date.now() / 1000,
  }));
  expect(message).toEqual({
    text: 'Hello',
    date: expect.any(Number),
    source: 'Visitor',
    from: 'Visitor',
    sender: 'visitor',
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    chat_id: null,
    message_id: null,
  });
  expect(Math.abs((message as Message).date - now)).toBeLessThan(2);
  expect(state).toBe('available');
  await visitor.hears('messagedelivered');
  expect(await visitor.order('statechange', 'startchat')).toEqual(['statechange']);
  expect(await visitor.state()).toBe('chat');
  await operator.open('Waiting');
  await operator.reads('Hello');
});

test('[ME.sendChatMessage] ends in messagedelivered with the server’s id, chat and date', async ({ world }) => {
  const visitor = await world.visitor();
  const message = (await visitor.call('sendChatMessage', 'Hello')) as Message;
  const { payload } = await visitor.hears('messagedelivered');
  const [stored] = await visitor.run((chat) => chat.getMessages());
  expect(payload).toEqual({ uid: message.uid, message_id: stored?.message_id, chat_id: stored?.chat_id, date: stored?.date });
  expect(stored?.message_id).toEqual(expect.any(String));
});

test('[ME.sendChatMessage] in an invitation it accepts', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await operator.open('On site');
  await operator.invite('Can we help?');
  await visitor.hears('invite');
  await visitor.call('sendChatMessage', 'Yes, please');
  await visitor.hears('messagedelivered');
  expect(texts(await visitor.run((chat) => chat.getMessages()))).toEqual(['Can we help?', 'Yes, please']);
  expect(await visitor.told('statechange')).toEqual(['invite', 'chat']);
  expect(await visitor.order('inviteaccept', 'startchat')).toEqual([]);
});

test('[ME.sendChatMessage] an empty text returns false and sends nothing', async ({ world }) => {
  const visitor = await world.visitor();
  expect(await visitor.run((chat) => ['', '   ', '\n\t', null, undefined].map((text) => chat.sendChatMessage(text)))).toEqual(
    Array(5).fill(false),
  );
  await visitor.settled();
  expect(await visitor.order('messagesent', 'statechange', 'error')).toEqual([]);
  expect(await visitor.call('getMessages')).toEqual([]);
});

test('[ME.sendChatMessage] counts code points: 4,096 are sent, one more throws a RangeError and sends nothing', async ({ world }) => {
  const visitor = await world.visitor();
  const thrown = await visitor.run((chat) => {
    try {
      chat.sendChatMessage('😀'.repeat(4097));
      return 'nothing';
    } catch (error) {
      return error instanceof RangeError ? 'RangeError' : String(error);
    }
  });
  expect(thrown).toBe('RangeError');
  await visitor.settled();
  expect(await visitor.order('messagesent')).toEqual([]);
  await visitor.run((chat) => chat.sendChatMessage('😀'.repeat(4096)));
  await visitor.hears('messagedelivered');
  expect(await visitor.run((chat) => [...(chat.getMessages()[0]?.text ?? '')].length)).toBe(4096);
});

test('[ME.resendMessage] [ME.sendChatMessage] a refused message fails with a reason and is sent again under its uid', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  line.refuse('unlucky');
  const { uid } = (await visitor.call('sendChatMessage', 'unlucky')) as Message;
  expect((await visitor.hears('messagefailed')).payload).toEqual({ uid, reason: 'storage_full' });
  await visitor.done('sendChatMessage', 'lucky');
  line.accept('unlucky');
  expect(await visitor.call('resendMessage', uid)).toBe('(undefined)');
  await visitor.hears('messagedelivered', 2);
  expect((await visitor.hears('messagedelivered')).payload.uid).toBe(uid);
  await operator.open('Waiting');
  await operator.reads('unlucky');
  expect(texts(await visitor.run((chat) => chat.getMessages()))).toEqual(['lucky', 'unlucky']);
});

test('[ME.resendMessage] a failed message can be discarded', async ({ world }) => {
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  line.refuse('unlucky');
  const { uid } = (await visitor.call('sendChatMessage', 'unlucky')) as Message;
  await visitor.hears('messagefailed');
  expect(texts(await visitor.run((chat) => chat.getMessages()))).toEqual(['unlucky']);
  await visitor.call('discardMessage', uid);
  await expect.poll(() => visitor.call('getMessages')).toEqual([]);
  line.accept('unlucky');
  await visitor.settled();
  expect(await visitor.order('messagedelivered')).toEqual([]);
});

test('[ME.hasHistory] false before anything was said; true promises an array', async ({ world }) => {
  const { visitor, operator } = await world.conversation('recorder.html?listen=operatorjoined,messagedelivered,historychange');
  expect(await visitor.run((chat) => [chat.hasHistory(), chat.getHistory()])).toEqual([false, false]);
  await operator.reply('Hello');
  await expect.poll(() => visitor.call('hasHistory')).toBe(true);
  expect(texts(await visitor.run((chat) => chat.getHistory()))).toEqual(['Hello']);
  expect(await visitor.run((chat) => [chat.hasHistory(), chat.getHistory()])).toEqual([false, false]);
});

test('[ME.getHistory] [ME.hasHistory] twenty at a time, newest first, each call further back, over all chats', async ({ world }) => {
  const visitor = await world.visitor();
  await sendMany(visitor, 1, 30);
  await visitor.done('closeChat');
  await visitor.forget();
  await sendMany(visitor, 31, 45);
  await visitor.open('recorder.html?listen=');
  const pages: (string[] | false)[] = [];
  for (let n = 0; n < 4; n++) {
    // Two pages are there at once; the third may still be on its way.
    if (n === 2) await expect.poll(() => visitor.call('hasHistory')).toBe(true);
    const [has, page] = await visitor.run((chat) => [chat.hasHistory(), chat.getHistory()] as const);
    expect(has).toBe(page !== false);
    pages.push(texts(page));
  }
  expect(pages).toEqual([numbered(45, 26), numbered(25, 6), numbered(5, 1), false]);
});

test('[ME.getHistory] two pages are there in one task, and two are always kept ahead', async ({ world }) => {
  const visitor = await world.visitor();
  await sendMany(visitor, 1, 70);
  await visitor.open('recorder.html?take&listen=');
  expect((await visitor.page.evaluate(() => window.taken)).slice(0, 2).map(texts)).toEqual([numbered(70, 51), numbered(50, 31)]);
  await expect.poll(() => visitor.call('hasHistory')).toBe(true);
  expect(texts(await visitor.run((chat) => chat.getHistory()))).toEqual(numbered(30, 11));
  await expect.poll(() => visitor.call('hasHistory')).toBe(true);
  expect(texts(await visitor.run((chat) => chat.getHistory()))).toEqual(numbered(10, 1));
  await visitor.settled();
  expect(await visitor.call('getHistory')).toBe(false);
});

test('[ME.getHistory] what a listener or a method was given does not come again, what nobody listened to does', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('sendChatMessage', 'returned by the method');
  await operator.reply('heard by the listener');
  await visitor.hears('sendmessage');
  expect(await visitor.call('getHistory')).toBe(false);

  const deaf = await world.page(visitor, 'recorder.html?listen=statechange');
  expect(texts(await deaf.run((chat) => chat.getHistory()))).toEqual(['heard by the listener', 'returned by the method']);
  await operator.reply('heard by nobody');
  await expect.poll(() => deaf.call('getUnreadCounter')).toBe(2);
  expect(await deaf.call('getHistory')).toBe(false);
});

test('[ME.getHistory] goes on before the oldest message that showhistory gave', async ({ world }) => {
  const visitor = await world.visitor();
  await sendMany(visitor, 1, 25);
  await visitor.open();
  expect(texts((await visitor.hears('showhistory')).payload as unknown as Message[])).toEqual(numbered(6, 25));
  expect(texts(await visitor.run((chat) => chat.getHistory()))).toEqual(numbered(5, 1));
  expect(await visitor.call('hasHistory')).toBe(false);
});

test('[ME.getHistory] [ME.getMessages] own messages that are not sent yet are included', async ({ world }) => {
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await visitor.done('sendChatMessage', 'stored');
  await line.cut();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  await visitor.call('sendChatMessage', 'waiting');
  const seen = await visitor.run((chat) => {
    const second = window.CallGear.UI.createWidget('consultant_chat', { launcher: false });
    return { history: second.getHistory(), messages: chat.getMessages() };
  });
  expect(seen.history).toMatchObject([
    { text: 'waiting', message_id: null },
    { text: 'stored', message_id: expect.any(String) },
  ]);
  expect(seen.messages).toMatchObject([
    { text: 'stored', message_id: expect.any(String) },
    { text: 'waiting', message_id: null },
  ]);
});

test('[ME.getMessages] the current chat only, oldest first; the cursor of history stays', async ({ world }) => {
  const visitor = await world.visitor();
  await sendMany(visitor, 1, 2);
  await visitor.done('closeChat');
  await visitor.forget();
  await sendMany(visitor, 3, 4);
  await visitor.open('recorder.html?listen=');
  const [before, history, after] = await visitor.run((chat) => [chat.getMessages(), chat.getHistory(), chat.getMessages()] as const);
  expect([texts(before), texts(history), texts(after)]).toEqual([numbered(3, 4), numbered(4, 1), numbered(3, 4)]);
});

test('[EV.additions] [ME.hasHistory] historychange tells when the answer of hasHistory changes without a call', async ({ world }) => {
  const { visitor, operator } = await world.conversation('recorder.html?listen=historychange,operatorjoined');
  expect(await visitor.told('historychange')).toEqual([]);
  await operator.reply('Hello');
  await visitor.hears('historychange');
  await visitor.call('getHistory');
  await visitor.settled();
  expect(await visitor.told('historychange')).toEqual([true]);
});

test('[ME.chatTyping] the operator reads the draft as it stands, and sending clears it', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const typing = operator.page.getByRole('status', { name: 'Typing' });
  await visitor.call('chatTyping', 'I was won');
  await expect(typing).toContainText('I was won');
  await visitor.call('chatTyping', 'I wonder');
  await expect(typing).toContainText('I wonder');
  await visitor.call('sendChatMessage', 'I wonder why');
  await operator.reads('I wonder why');
  await expect(typing).not.toContainText('I wonder');
});

test('[ME.chatTyping] many calls are few frames, and the latest wins', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await visitor.done('startChat');
  await operator.open('Waiting');
  await visitor.run((chat) => {
    for (let n = 1; n <= 40; n++) chat.chatTyping('x'.repeat(n));
  });
  await expect(operator.page.getByRole('status', { name: 'Typing' })).toContainText('x'.repeat(40));
  const drafts = line.sent.filter(({ t }) => t === 'typing');
  expect(drafts.length).toBeLessThan(10);
  expect(drafts[drafts.length - 1]).toEqual({ t: 'typing', text: 'x'.repeat(40) });
});

test('[ME.chatTyping] a draft is never stored and never logged', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.call('chatTyping', 'my secret draft');
  await expect(operator.page.getByRole('status', { name: 'Typing' })).toContainText('my secret draft');
  await visitor.done('sendChatMessage', 'what was meant');
  const files = readdirSync(world.system.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const stored = files.map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1')).join('\n');
  expect(stored).toContain('what was meant');
  expect(stored).not.toContain('my secret draft');
  expect(world.system.output()).not.toContain('my secret draft');
});

test('[ME.chatTyping] a site can switch it off, and its settings say so', async ({ world }) => {
  await world.set('chat.is_typing_preview', false);
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  expect(await visitor.page.evaluate(() => window.settings.chat['is_typing_preview'])).toBe(false);
  await visitor.done('startChat');
  await operator.open('Waiting');
  await visitor.call('chatTyping', 'not for your eyes');
  await visitor.done('sendChatMessage', 'sent');
  await operator.reads('sent');
  await expect(operator.page.getByText('not for your eyes')).toHaveCount(0);
  expect(line.sent.filter(({ t }) => t === 'typing')).toEqual([]);
});

test('[ME.unread] [EV.messageviewed] counted when sendmessage fires; clearing is done when it returns, and told on all pages', async ({
  world,
}) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  await operator.reply('one');
  await operator.reply('two');
  await visitor.hears('sendmessage', 2);
  expect((await visitor.heard('sendmessage')).map(({ unread }) => unread)).toEqual([1, 2]);
  await second.hears('sendmessage', 2);
  expect(await visitor.run((chat) => (chat.clearUnreadCounter(), chat.getUnreadCounter()))).toBe(0);
  await visitor.hears('messageviewed');
  expect(await second.hears('messageviewed')).toMatchObject({ unread: 0 });
  expect(await second.call('getUnreadCounter')).toBe(0);
});

test('[ME.unread] own and waiting texts are not counted, and a reload keeps the number', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('sendChatMessage', 'mine');
  await operator.reply('one');
  await visitor.hears('sendmessage');
  expect(await visitor.call('getUnreadCounter')).toBe(1);
  await visitor.open();
  expect(await visitor.call('getUnreadCounter')).toBe(1);
});

test('[ME.unread] the built-in interface reads what it shows, when it is open', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('one');
  await visitor.hears('sendmessage');
  expect(await visitor.call('getUnreadCounter')).toBe(1);
  await visitor.openChat();
  await visitor.hears('messageviewed');
  expect(await visitor.call('getUnreadCounter')).toBe(0);
});

test('[ME.unread] without the built-in interface only the method means that something was seen', async ({ world }) => {
  const { visitor, operator } = await world.conversation('recorder.html?headless');
  await visitor.call('show');
  await operator.reply('one');
  await visitor.hears('sendmessage');
  await visitor.settled();
  expect(await visitor.call('getUnreadCounter')).toBe(1);
  await visitor.open('recorder.html?headless');
  expect(await visitor.call('getUnreadCounter')).toBe(1);
  await visitor.call('clearUnreadCounter');
  await visitor.settled();
  await visitor.open('recorder.html?headless');
  expect(await visitor.call('getUnreadCounter')).toBe(0);
});
