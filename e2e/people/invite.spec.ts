/** Invitations: by an operator or by themselves, for pages that can show them, accepted, rejected, withdrawn, overtaken. */
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import type { Workplace } from '../support/pages/workplace.ts';
import type { Message } from '../../shared/chat.ts';

const TEXT = 'Can we help you choose?';

/** A visitor who has not acted, and has just been invited. */
async function invited(world: World): Promise<{ operator: Workplace; visitor: VisitorPage }> {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await operator.open('On site');
  await operator.invite(TEXT);
  await visitor.hears('invite');
  return { operator, visitor };
}

/** A visitor who has acted, with two pages open, invited on both. */
async function invitedOnTwoPages(world: World): Promise<{ operator: Workplace; visitor: VisitorPage; second: VisitorPage }> {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.settled();
  const second = await world.page(visitor);
  await operator.open('On site');
  await operator.invite(TEXT);
  await visitor.hears('invite');
  await second.hears('invite');
  return { operator, visitor, second };
}

test('[EV.invite] [OR.2] the message with its text twice, after statechange, with the operator’s card', async ({ world }) => {
  const operator = await world.operator('Olga Petrova', { position: 'Consultant' });
  const visitor = await world.visitor();
  await visitor.run((chat) => {
    chat.on('statechange', () => void setTimeout(() => window.notes.push('next task')));
    chat.on('invite', () => window.notes.push('invite'));
  });
  await operator.open('On site');
  await operator.invite(TEXT);
  const heard = await visitor.hears('invite');
  expect(heard).toMatchObject({ state: 'invite', arguments: 1 });
  expect(heard.payload).toMatchObject({
    invite_message: TEXT,
    text: TEXT,
    date: expect.any(Number),
    source: 'Operator',
    from: 'Olga Petrova',
    sender: 'operator',
    operator_info: { name: 'Olga Petrova', position: 'Consultant', avatar: null },
  });
  expect(heard.payload).not.toHaveProperty('replayed');
  expect(await visitor.order('statechange', 'invite')).toEqual(['statechange', 'invite']);
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual(['invite', 'next task']);
});

test('[EV.invite] a visitor who has acted hears it on all pages, and again on a new one, replayed', async ({ world }) => {
  const { visitor } = await invitedOnTwoPages(world);
  const third = await world.page(visitor);
  expect((await third.hears('invite')).payload).toMatchObject({ invite_message: TEXT, replayed: true });
  await third.settled();
  expect(await third.order('statechange', 'invite')).toEqual(['invite']);
  expect(await third.page.evaluate(() => window.atStart.state)).toBe('invite');
  expect(await third.run((chat) => chat.getInvite()?.invite_message)).toBe(TEXT);
});

test('[EV.invite] an anonymous page view is invited for itself alone', async ({ world }) => {
  const { operator, visitor } = await invited(world);
  const second = await world.page(visitor);
  await expect(operator.visitors()).toHaveCount(2);
  expect(await second.run((chat) => [chat.getState(), chat.getInvite()])).toEqual(['available', null]);
  await visitor.open();
  await expect(operator.visitors('On site')).toHaveCount(2);
  expect(await visitor.state()).toBe('available');
  expect(await visitor.order('invite')).toEqual([]);
  expect(await second.order('invite')).toEqual([]);
});

test('[EV.invite] the automatic invitation fires by itself while somebody is online', async ({ world }) => {
  await world.set('chat.invite', { is_enabled: true, timeout: 1, text: 'Hello! Can I help?', name: 'Shop assistant' });
  await world.operator();
  const visitor = await world.visitor();
  const { payload } = await visitor.hears('invite');
  expect(payload).toMatchObject({
    invite_message: 'Hello! Can I help?',
    text: 'Hello! Can I help?',
    from: 'Shop assistant',
    sender: 'operator',
    operator_info: { name: 'Shop assistant' },
  });
  expect(await visitor.order('statechange', 'invite')).toEqual(['statechange', 'invite']);
});

test('[EV.invite.not] not in a chat: the automatic one keeps still and the workplace offers none', async ({ world }) => {
  await world.set('chat.invite', { is_enabled: true, timeout: 1, text: TEXT, name: 'Assistant' });
  const operator = await world.operator();
  const visitor = await world.visitor('recorder.html');
  await visitor.done('startChat');
  await visitor.forget();
  await operator.open('Waiting');
  await expect(operator.button('Join')).toBeVisible();
  await expect(operator.button('Invite')).toBeHidden();
  const later = await world.visitor();
  await later.hears('invite');
  await visitor.settled();
  expect(await visitor.order('invite', 'statechange')).toEqual([]);
});

test('[EV.invite.not] not while one stands', async ({ world }) => {
  const { visitor } = await invited(world);
  // Who comes later is invited by itself; who was there for longer and has an invitation is not.
  await world.set('chat.invite', { is_enabled: true, timeout: 1, text: 'by itself', name: 'Assistant' });
  const later = await world.visitor();
  await later.hears('invite');
  expect((await visitor.told<{ text: string }>('invite')).map(({ text }) => text)).toEqual([TEXT]);
  expect(await visitor.told('statechange')).toEqual(['invite']);
});

test('[EV.invite.not] a headless page without a listener can’t be invited, and the operator sees it', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor('recorder.html?headless&listen=sendmessage');
  await operator.open('On site');
  await expect(operator.button('Invite').and(operator.page.locator(':enabled'))).toHaveCount(0);
  await visitor.open('recorder.html?headless&listen=invite');
  await expect(operator.visitors('On site')).toHaveCount(1);
  await operator.open('On site');
  await operator.invite(TEXT);
  await visitor.hears('invite');
});

test('[EV.sendmessage.not] an invitation is no sendmessage, and does not count as unread', async ({ world }) => {
  const { visitor } = await invited(world);
  await visitor.done('inviteAccept');
  await visitor.settled();
  expect(await visitor.told<Message>('sendmessage')).toEqual([]);
});

test('[ME.inviteAccept] [EV.answers] statechange, then inviteaccept; the invitation is the chat’s first message', async ({ world }) => {
  const { operator, visitor } = await invited(world);
  await visitor.forget();
  await visitor.run((chat) => {
    // As `yes.onclick = chat.inviteAccept` calls it.
    const { inviteAccept } = chat;
    (inviteAccept as (event: Event) => void)(new MouseEvent('click'));
  });
  await visitor.hears('inviteaccept');
  expect(await visitor.order('statechange', 'inviteaccept', 'startchat')).toEqual(['statechange', 'inviteaccept']);
  expect(await visitor.state()).toBe('chat');
  expect(await visitor.run((chat) => [chat.getInvite(), chat.getMessages().map(({ text, from }) => [text, from])])).toEqual([
    null,
    [[TEXT, 'Olga Petrova']],
  ]);
  await expect(operator.visitors(/Waiting|In chat/)).toHaveCount(1);
});

test('[ME.inviteAccept] an automatic invitation that is accepted makes the visitor wait', async ({ world }) => {
  await world.set('chat.invite', { is_enabled: true, timeout: 1, text: TEXT, name: 'Assistant' });
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.hears('invite');
  await visitor.done('inviteAccept');
  await operator.join();
  await visitor.hears('operatorjoined');
  expect((await visitor.run((chat) => chat.getMessages())).map(({ text }) => text)).toEqual([TEXT]);
});

test('[ME.inviteAccept] one that is gone starts a chat, and answers', async ({ world }) => {
  const { operator, visitor } = await invited(world);
  await operator.button('Withdraw').click();
  await visitor.becomes('available');
  await visitor.forget();
  await visitor.call('inviteAccept');
  await visitor.hears('inviteaccept');
  expect(await visitor.order('statechange', 'inviteaccept', 'startchat', 'error')).toEqual(['statechange', 'inviteaccept']);
  await operator.sees('Waiting');
  expect(await visitor.call('getMessages')).toEqual([]);
});

test('[ME.inviteReject] [EV.answers] statechange, then invitereject; the visitor is on site again', async ({ world }) => {
  const { operator, visitor } = await invited(world);
  await visitor.forget();
  await visitor.call('inviteReject');
  await visitor.hears('invitereject');
  expect(await visitor.order('statechange', 'invitereject')).toEqual(['statechange', 'invitereject']);
  expect((await visitor.heard('statechange'))[0]).toMatchObject({ payload: 'available', state: 'available' });
  expect(await visitor.run((chat) => [chat.getState(), chat.getInvite(), chat.hasHistory()])).toEqual(['available', null, false]);
  await operator.sees('On site');
});

test('[ME.inviteReject] outside an invitation it answers and changes nothing', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.forget();
  await visitor.call('inviteReject');
  await visitor.hears('invitereject');
  await visitor.settled();
  expect(await visitor.order('statechange', 'invitereject', 'error')).toEqual(['invitereject']);
  expect(await visitor.state()).toBe('chat');
  await operator.sees('In chat');
});

test('[EV.answers] inviteaccept and invitereject are heard on the calling page alone; all hear statechange', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.settled();
  const second = await world.page(visitor);
  for (const [command, answer, state] of [
    ['inviteReject', 'invitereject', 'available'],
    ['inviteAccept', 'inviteaccept', 'chat'],
  ] as const) {
    await operator.open('On site');
    await operator.invite(TEXT);
    await visitor.becomes('invite');
    await second.becomes('invite');
    await visitor.call(command);
    await visitor.hears(answer);
    await second.becomes(state);
    await second.settled();
    expect(await second.order(answer)).toEqual([]);
  }
  expect(await second.told('statechange')).toEqual(['invite', 'available', 'invite', 'chat']);
});

test('[EV.statechange] [EV.invite] a withdrawn invitation ends on all pages', async ({ world }) => {
  const { operator, visitor, second } = await invitedOnTwoPages(world);
  await operator.button('Withdraw').click();
  for (const page of [visitor, second]) {
    await page.becomes('available');
    expect(await page.told('statechange')).toEqual(['invite', 'available']);
    expect(await page.call('getInvite')).toBeNull();
  }
});

test('[EV.statechange] a chat that starts on another page ends the invitation', async ({ world }) => {
  const { visitor, second } = await invitedOnTwoPages(world);
  await visitor.done('sendChatMessage', 'Yes');
  await second.becomes('chat');
  expect(await second.told('statechange')).toEqual(['invite', 'chat']);
  expect(await second.run((chat) => [chat.getInvite(), chat.getMessages().map(({ text }) => text)])).toEqual([null, [TEXT, 'Yes']]);
});
