/** The facts that shape everything a page may rely on, whatever method or event it uses. */
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';

test('[FA.sync] every query answers with a plain value in the same statement', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.done('sendChatMessage', 'one');
  await visitor.open('recorder.html?listen=');
  const answers = await visitor.run((chat) => ({
    isAvailable: chat.isChatAvailable(),
    hasHistory: chat.hasHistory(),
    history: Array.isArray(chat.getHistory()),
    messages: chat.getMessages().length,
    operator: chat.getOperatorVcard()?.name,
    card: chat.getVisitorCard(),
    canSendFile: chat.isReadyForFileTransfer(),
    required: chat.getRequiredInfo(),
    state: chat.getState(),
    invite: chat.getInvite(),
    rating: chat.getRating(),
    retention: chat.getRetentionAction(),
    isOnline: chat.isOnline(),
    unread: chat.getUnreadCounter(),
    isVisible: chat.isVisible(),
  }));
  expect(answers).toEqual({
    isAvailable: true,
    hasHistory: true,
    history: true,
    messages: 1,
    operator: 'Olga Petrova',
    card: {},
    canSendFile: true,
    required: [],
    state: 'chat',
    invite: null,
    rating: null,
    retention: null,
    isOnline: true,
    unread: 0,
    isVisible: false,
  });
});

test('[FA.sync] before the first snapshot queries give defaults, and commands wait in order', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('early.html');
  expect(await visitor.page.evaluate(() => window.notes)).toEqual([
    {
      state: 'available',
      isAvailable: false,
      operator: null,
      card: {},
      history: false,
      messages: ['early one', 'early two'],
      required: [],
      unread: 0,
      isOnline: false,
    },
  ]);
  await operator.open('Waiting');
  await operator.reads('early two');
  expect(await visitor.run((chat) => chat.getMessages().map(({ text }) => text))).toEqual(['early one', 'early two']);
  expect(await visitor.state()).toBe('chat');
});

test('[FA.controller] the controller runs once, with settings, templates and the state already there', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.done('sendChatMessage', 'before the reload');
  await visitor.open();
  await visitor.settled();
  const seen = await visitor.page.evaluate(() => ({
    runs: window.runs,
    title: window.settings.chat['title'],
    isAlias: window.tpls['chat'] === window.tpls['consultant_chat'],
    atStart: window.atStart,
  }));
  expect(seen).toEqual({
    runs: 1,
    title: 'Chat with us',
    isAlias: true,
    atStart: {
      state: 'chat',
      isAvailable: true,
      operator: { name: 'Olga Petrova', position: 'Consultant', avatar: null },
      hasHistory: true,
    },
  });
});

test('[FA.controller] a controller that is registered later runs at once', async ({ world }) => {
  const visitor = await (await world.stranger()).goto('plain.html');
  await expect(visitor.launcher).toBeVisible();
  const seen = await visitor.page.evaluate(() => {
    let state = 'did not run';
    window.CallGear.UI.registerViewController(
      'consultant',
      () => void (state = window.CallGear.UI.createWidget('consultant_chat').getState()),
    );
    return state;
  });
  expect(seen).toBe('available');
});

test('[FA.controller] with the server out of reach the controller runs, and nobody is available', async ({ world }) => {
  await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await line.cut();
  await visitor.open();
  expect(await visitor.page.evaluate(() => window.atStart)).toMatchObject({ state: 'available', isAvailable: false });
  line.mend();
  await visitor.hears('chatavailabilitychange');
  expect(await visitor.call('isChatAvailable')).toBe(true);
});

test('[FA.afterReturn] events from before the controller’s promise settles come afterwards, in order', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.tab(visitor);
  await second.goto('recorder.html?wait&headless');
  await second.page.waitForFunction(() => window.release !== undefined);
  await visitor.done('closeChat');
  await second.becomes('available');
  await operator.goOffline();
  await expect.poll(() => second.call('isChatAvailable')).toBe(false);
  expect(await second.heard()).toEqual([]);

  await second.page.evaluate(() => window.release?.());
  await second.hears('chatavailabilitychange');
  expect(await second.order('statechange', 'operatorleave', 'closechat', 'chatavailabilitychange')).toEqual([
    'statechange',
    'operatorleave',
    'chatavailabilitychange',
  ]);
});

test('[FA.afterReturn] no chat event comes in the task in which the controller runs', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.done('sendChatMessage', 'one');
  await visitor.open();
  const history = await visitor.hears('showhistory');
  expect(history.isLater).toBe(true);
});

test('[FA.copies] each listener and each query has an object of its own', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.run((chat) => {
    for (const event of ['sendmessage', 'messageviewed']) {
      chat.on(event, (message: { text: string; operator_info?: { name: string } }) => {
        if (message === undefined) return;
        window.notes.push(message.text, message.operator_info?.name);
        message.text = 'spoilt';
        if (message.operator_info) message.operator_info.name = 'spoilt';
      });
    }
    chat.on('sendmessage', (message: { text: string; operator_info?: { name: string } }) =>
      window.notes.push(message.text, message.operator_info?.name),
    );
  });
  await operator.reply('whole');
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual(['whole', 'Olga Petrova', 'whole', 'Olga Petrova']);

  const spoilt = await visitor.run((chat) => {
    const [message] = chat.getMessages();
    if (message) message.text = 'spoilt';
    chat.getMessages().length = 0;
    const operatorCard = chat.getOperatorVcard();
    if (operatorCard) operatorCard.name = 'spoilt';
    chat.getVisitorCard().name = 'spoilt';
    chat.getRequiredInfo().push('name');
    return {
      text: chat.getMessages()[0]?.text,
      operator: chat.getOperatorVcard()?.name,
      card: chat.getVisitorCard(),
      required: chat.getRequiredInfo(),
    };
  });
  expect(spoilt).toEqual({ text: 'whole', operator: 'Olga Petrova', card: {}, required: [] });
});

test('[FA.copies] what a method was given can be changed afterwards', async ({ world }) => {
  const visitor = await world.visitor();
  const name = await visitor.run((chat) => {
    const card = { name: 'Vera' };
    chat.setVisitorCard(card);
    card.name = 'spoilt';
    const message = chat.sendChatMessage('whole');
    if (message) message.text = 'spoilt';
    return chat.getVisitorCard().name;
  });
  expect(name).toBe('Vera');
  await visitor.hears('messagedelivered');
  expect(await visitor.run((chat) => [chat.getMessages()[0]?.text, chat.getVisitorCard().name])).toEqual(['whole', 'Vera']);
});

test('[FA.isolation] a listener that throws is reported and stops nobody', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.run((chat) => {
    chat.on('statechange', () => {
      throw new Error('a bug of the customer');
    });
    chat.on('statechange', (state: string) => window.notes.push(state));
  });
  await visitor.done('startChat');
  await operator.join();
  await visitor.hears('operatorjoined');
  expect(await visitor.page.evaluate(() => window.notes)).toEqual(['chat']);
  expect(visitor.console.filter((line) => line.includes('a bug of the customer'))).toHaveLength(1);
});

test('[FA.isolation] a callback that throws is reported and stops nobody', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.run((chat) =>
    chat.closeChat(() => {
      throw new Error('a bug in a callback');
    }),
  );
  await expect.poll(() => visitor.console.filter((line) => line.includes('a bug in a callback')).length).toBe(1);
  expect(await visitor.done('startChat')).toBe('ok');
});

test('[FA.place] [ME.startChat] a start overtaken by a close gives startchat, then closechat, and ends on site', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.run((chat) => {
    chat.startChat();
    chat.closeChat();
  });
  await visitor.hears('closechat');
  await visitor.settled();
  expect(await visitor.order('startchat', 'closechat', 'statechange', 'operatorjoined', 'operatorleave')).toEqual([
    'startchat',
    'closechat',
  ]);
  expect(await visitor.state()).toBe('available');
  await operator.sees('On site');
});

test('[FA.place] commands wait in order for a session that is not connected yet', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await line.cut();
  await visitor.open();
  await visitor.run((chat) => {
    chat.sendChatMessage('one');
    chat.closeChat();
    chat.sendChatMessage('two');
  });
  line.mend();
  await operator.sees('Waiting');
  await operator.open('Waiting');
  await operator.reads('two');
  await visitor.settled();
  expect((await visitor.run((chat) => chat.getMessages())).map(({ text }) => text)).toEqual(['two']);
});

test('[FA.input] what a visitor may have typed never throws', async ({ world }) => {
  const visitor = await world.visitor();
  const thrown = await visitor.run((chat) => {
    const calls: (() => unknown)[] = [
      () => chat.startChat(null),
      () => chat.startChat(undefined, 'more', 'arguments'),
      () => chat.startChat(''),
      () => chat.startChat(new MouseEvent('click')),
      () => chat.startChat({ type: 'click', target: null, preventDefault() {} }),
      () => chat.sendChatMessage('text', ''),
      () => chat.sendChatMessage('   '),
      () => chat.sendChatByMail(''),
      () => chat.sendChatByMail('not an address'),
      () => chat.setVisitorCard(null),
      () => chat.setVisitorCard({ name: '', email: 'not an address', phone: '---' }),
      () => chat.setOperatorRating('5'),
      () => chat.chatTyping(''),
      () => chat.chatTyping(null),
      () => chat.closeChat(null),
      () => chat.closeChat(new MouseEvent('click')),
    ];
    return calls.flatMap((call, index) => {
      try {
        call();
        return [];
      } catch (error) {
        return [`${index}: ${String(error)}`];
      }
    });
  });
  expect(thrown).toEqual([]);
});

test('[FA.input] what a programmer got wrong throws a TypeError that says what was expected', async ({ world }) => {
  const visitor = await world.visitor();
  const thrown = await visitor.run((chat) => {
    const { UI } = window.CallGear;
    const calls: (() => unknown)[] = [
      () => chat.on('sendmessage', 'not a function'),
      () => chat.on('sendmessage', undefined),
      () => UI.registerViewController('consultant', {}),
      () => chat.sendFile({}),
      () => chat.sendFile('file.txt'),
      () => chat.sendChatMessage({ text: 'an object' }),
      () => chat.startChat({ id: 1 }),
      () => chat.setVisitorCard('Vera' as never),
      () => chat.closeChat('not a function'),
    ];
    return calls.map((call) => {
      try {
        call();
        return 'nothing thrown';
      } catch (error) {
        return error instanceof TypeError && /expect|takes|must|needs/i.test(error.message) ? 'TypeError' : String(error);
      }
    });
  });
  expect(thrown).toEqual(Array(9).fill('TypeError'));
});

test('[FA.input] an event name nobody knows is accepted with one warning', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.run((chat) => {
    chat.on('sendmesage', () => undefined);
    chat.on('sendmesage', () => undefined);
    window.CallGear.UI.registerViewController('konsultant', () => undefined);
    window.CallGear.UI.createWidget('consultant_chatt');
  });
  for (const name of ['sendmesage', 'konsultant', 'consultant_chatt']) {
    await expect.poll(() => visitor.console.filter((line) => line.includes(name)).length, { message: name }).toBe(1);
  }
});
