/** Methods that begin, end and ask about a chat. */
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';

const COMMANDS = [
  'startChat',
  'sendChatByMail',
  'setOperatorRating',
  'setVisitorCard',
  'inviteAccept',
  'inviteReject',
  'sendFile',
  'chatTyping',
  'clearUnreadCounter',
  'resendMessage',
  'discardMessage',
  'closeChat',
];

test('[ME.undefined] commands return undefined, and chat is no promise', async ({ world }) => {
  const visitor = await world.visitor();
  const types = await visitor.run((chat, commands) => {
    const methods = chat as unknown as Record<string, (argument?: unknown) => unknown>;
    const argument: Record<string, unknown> = {
      sendChatByMail: 'vera@example.com',
      setOperatorRating: 5,
      setVisitorCard: { name: 'Vera' },
      sendFile: [],
      chatTyping: 'I',
    };
    return [...commands.map((name) => typeof methods[name]?.(argument[name])), typeof methods['then']];
  }, COMMANDS);
  expect(types).toEqual(Array(COMMANDS.length + 1).fill('undefined'));
});

test('[ME.undefined] chat.promise returns ordinary promises that end as the command does', async ({ world }) => {
  const visitor = await world.visitor();
  const results = await visitor.run(async (chat) => {
    const start = chat.promise['startChat']?.();
    const isPromise = start instanceof Promise;
    await start;
    const rating = await chat.promise['setOperatorRating']?.(5).catch((error: { code: string; message: string }) => [
      error instanceof Error,
      error.code,
    ]);
    return { isPromise, state: chat.getState(), rating };
  });
  expect(results).toEqual({ isPromise: true, state: 'chat', rating: [true, 'no_operator'] });
});

test('[ME.undefined] every failure is also one error event that names the command', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  expect(await visitor.done('setOperatorRating', 9)).toBe('invalid_argument');
  await visitor.call('setOperatorRating', 3);
  await visitor.hears('error', 2);
  await visitor.settled();
  expect(await visitor.told('error')).toEqual([
    { code: 'invalid_argument', message: expect.any(String), command: 'setOperatorRating' },
    { code: 'no_operator', message: expect.any(String), command: 'setOperatorRating' },
  ]);
});

test('[ME.startChat] the visitor is waiting in the workplace; the state changes, then startchat answers', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await operator.sees('On site');
  expect(await visitor.run((chat) => (chat.startChat(), chat.getState()))).toBe('available');
  await visitor.hears('startchat');
  expect(await visitor.order('statechange', 'startchat')).toEqual(['statechange', 'startchat']);
  expect(await visitor.state()).toBe('chat');
  await operator.sees('Waiting');
});

test('[ME.startChat] a second start makes no second chat and is answered all the same', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.done('sendChatMessage', 'first');
  await visitor.forget();
  await visitor.done('startChat');
  await visitor.done('sendChatMessage', 'second');
  await visitor.settled();
  expect(await visitor.order('statechange', 'startchat', 'error')).toEqual(['startchat']);
  const messages = await visitor.run((chat) => chat.getMessages());
  expect(messages.map(({ text }) => text)).toEqual(['first', 'second']);
  expect(new Set(messages.map(({ chat_id }) => chat_id)).size).toBe(1);
  await operator.sees('Waiting');
});

test('[ME.startChat] in an invitation it accepts it', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await operator.open('On site');
  await operator.invite('Can we help?');
  await visitor.becomes('invite');
  await visitor.call('startChat');
  await visitor.hears('startchat');
  await visitor.settled();
  expect((await visitor.told('statechange')).slice(-1)).toEqual(['chat']);
  expect(await visitor.order('inviteaccept', 'invitereject')).toEqual([]);
  expect(await visitor.run((chat) => [chat.getInvite(), chat.getMessages()[0]?.text])).toEqual([null, 'Can we help?']);
});

test('[ME.startChat] [ME.isChatAvailable] with a group, the chat is that group’s, and so is the answer who is there', async ({ world }) => {
  const sales = await world.group('Sales');
  const service = await world.group('Service');
  const seller = await world.operator('Sam Seller', { group: sales });
  const visitor = await world.visitor();
  expect(await visitor.call('isChatAvailable')).toBe(true);
  await visitor.done('startChat', service);
  expect(await visitor.call('isChatAvailable')).toBe(false);
  await visitor.done('closeChat');
  await expect.poll(() => visitor.call('isChatAvailable')).toBe(true);
  await visitor.done('startChat', sales);
  expect(await visitor.call('isChatAvailable')).toBe(true);
  await seller.join();
  await visitor.hears('operatorjoined');
});

test('[ME.startChat] [ME.sendChatMessage] a group may be a number, and a message that starts a chat may name one', async ({ world }) => {
  const [first, second] = [await world.group('1'), await world.group('2')];
  expect([first, second]).toEqual(['1', '2']);
  await world.operator('Olga Petrova', { group: first });
  const visitor = await world.visitor();
  await visitor.done('startChat', 2);
  expect(await visitor.call('isChatAvailable')).toBe(false);
  await visitor.done('closeChat');
  await visitor.done('sendChatMessage', 'to the first', 1);
  expect(await visitor.call('isChatAvailable')).toBe(true);
  await visitor.done('closeChat');
  await visitor.done('sendChatMessage', 'to the second', '2');
  expect(await visitor.call('isChatAvailable')).toBe(false);
});

test('[ME.closeChat] the order is state, operatorleave, closechat, callback; the visitor is on site again', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.forget();
  const isLater = await visitor.run((chat) => {
    let isSynchronous = true;
    chat.on('closechat', () => window.notes.push('closechat'));
    chat.closeChat(() => window.notes.push(isSynchronous ? 'callback at once' : 'callback', chat.getState()));
    isSynchronous = false;
    return window.notes.length === 0;
  });
  expect(isLater).toBe(true);
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual(['closechat', 'callback', 'available']);
  expect(await visitor.order('statechange', 'operatorleave', 'closechat')).toEqual(['statechange', 'operatorleave', 'closechat']);
  expect((await visitor.heard('statechange'))[0]?.state).toBe('available');
  await operator.sees('On site');
});

test('[ME.closeChat] without a chat there is no event, and the callback all the same', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.run((chat) => chat.closeChat(() => window.notes.push('callback')));
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual(['callback']);
  await visitor.settled();
  expect(await visitor.order('statechange', 'operatorleave', 'closechat', 'error')).toEqual([]);
});

test('[ME.closeChat] the callback comes once, even when the chat is closed twice', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.run((chat) => {
    chat.closeChat(() => window.notes.push('first'));
    chat.closeChat(() => window.notes.push('second'));
  });
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual(['first', 'second']);
  await visitor.settled();
  expect(await visitor.page.evaluate(() => window.notes)).toEqual(['first', 'second']);
  expect(await visitor.order('closechat')).toEqual(['closechat']);
});

test('[ME.closeChat] offline it is applied at once and delivered later', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await visitor.done('startChat');
  await operator.join();
  await visitor.hears('operatorjoined');
  await line.cut();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  await visitor.forget();
  await visitor.run((chat) => chat.closeChat(() => window.notes.push('callback')));
  await visitor.hears('closechat');
  expect(await visitor.order('statechange', 'operatorleave', 'closechat')).toEqual(['statechange', 'operatorleave', 'closechat']);
  expect(await visitor.state()).toBe('available');
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual(['callback']);
  await operator.sees('In chat');
  line.mend();
  await operator.sees('On site');
  await visitor.settled();
  expect(await visitor.order('closechat')).toEqual(['closechat']);
});

test('[ME.isChatAvailable] true while an operator of this site is online, false else', async ({ world }) => {
  const neighbour = await world.neighbour();
  await neighbour.operator('Nora Neighbour');
  const visitor = await world.visitor();
  expect(await visitor.call('isChatAvailable')).toBe(false);
  const operator = await world.operator();
  await expect.poll(() => visitor.call('isChatAvailable')).toBe(true);
  await operator.goOffline();
  await expect.poll(() => visitor.call('isChatAvailable')).toBe(false);
});

test('[ME.getState] available, invite and chat, as the visitor goes through them', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  expect(await visitor.state()).toBe('available');
  await operator.open('On site');
  await operator.invite('Can we help?');
  await visitor.becomes('invite');
  await visitor.done('inviteAccept');
  expect(await visitor.state()).toBe('chat');
  await visitor.done('closeChat');
  expect(await visitor.state()).toBe('available');
  expect(await visitor.told('statechange')).toEqual(['invite', 'chat', 'available']);
});

test('[ME.getState] lead while a widget whose name begins with lead is visible', async ({ world }) => {
  const visitor = await world.visitor();
  const states = await visitor.run((chat) => {
    const lead = window.CallGear.UI.createWidget('lead_generator', { template: document.body.appendChild(document.createElement('div')) });
    lead.render();
    const seen = [chat.getState()];
    lead.show();
    seen.push(chat.getState());
    lead.hide();
    return [...seen, chat.getState()];
  });
  expect(states).toEqual(['available', 'lead', 'available']);
  await expect.poll(() => visitor.told('statechange')).toEqual(['lead', 'available']);
});

test('[ME.getState] in a chat, a lead widget changes nothing', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  const state = await visitor.run((chat) => {
    const lead = window.CallGear.UI.createWidget('lead_generator', { template: document.body.appendChild(document.createElement('div')) });
    lead.render();
    lead.show();
    return chat.getState();
  });
  expect(state).toBe('chat');
});

test('[ME.standing] what an event said last can be asked for later', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  expect(await visitor.run((chat) => [chat.getInvite(), chat.getRating(), chat.getRetentionAction(), chat.isOnline()])).toEqual([
    null,
    null,
    null,
    true,
  ]);
  await operator.open('On site');
  await operator.invite('Can we help?');
  const invite = await visitor.hears('invite');
  expect(await visitor.call('getInvite')).toEqual(invite.payload);
  await visitor.done('inviteAccept');
  expect(await visitor.call('getInvite')).toBeNull();
});

test('[ME.printCurrentChat] prints the conversation from the document of the frame', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('sendChatMessage', 'a question');
  await operator.reply('an answer');
  await visitor.hears('sendmessage');
  const frame = visitor.page.frames().find((each) => each.url().startsWith(world.system.chat));
  await frame?.evaluate(() => {
    // As a browser does it, without a printer: code that prepares the document hears of it first.
    window.print = () => {
      window.dispatchEvent(new Event('beforeprint'));
      window.notes = [document.body.textContent];
      window.dispatchEvent(new Event('afterprint'));
    };
  });
  expect(await visitor.call('printCurrentChat')).toBe('(undefined)');
  await expect.poll(() => frame?.evaluate(() => String(window.notes))).toMatch(/a question[^]*an answer/);
});

test('[ME.printCurrentChat] the page itself is not printed', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.done('sendChatMessage', 'a question');
  await visitor.page.evaluate(() => {
    window.print = () => void window.notes.push('page');
  });
  const frame = visitor.page.frames().find((each) => each.url().startsWith(world.system.chat));
  await frame?.evaluate(() => {
    window.print = () => void (window.notes = ['frame']);
  });
  await visitor.call('printCurrentChat');
  await expect.poll(() => frame?.evaluate(() => window.notes)).toEqual(['frame']);
  expect(await visitor.page.evaluate(() => window.notes)).toEqual([]);
});
