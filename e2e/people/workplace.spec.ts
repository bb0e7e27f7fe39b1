/** The operator workplace, used by names, with real visitors on the other side. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type World } from '../support/fixtures.ts';
import {
  anotherWindow,
  type CallsOptions,
  clickNotification,
  hide,
  isSilent,
  locksOf,
  notifications,
  recordCalls,
  rung,
} from '../support/pages/calls.ts';
import { Workplace } from '../support/pages/workplace.ts';

test('[OP.signIn] a wrong password shows an error, the right one opens, and signing out ends it', async ({ world }) => {
  const { system } = world;
  const page = (await world.stranger()).page;
  await page.goto(`${system.chat}/operator/`);
  await page.getByRole('textbox', { name: 'Email' }).fill('first@example.com');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('switch', { name: 'Online' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('switch', { name: 'Online' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('[OP.list] visitors are listed by page and state, and go when they leave', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await operator.sees('On site');
  await expect(operator.visitors()).toContainText(['Recorder']);
  await visitor.done('startChat');
  await operator.sees('Waiting');
  await operator.join();
  await visitor.done('closeChat');
  await operator.sees('On site');
  await visitor.page.close();
  await expect(operator.visitors()).toHaveCount(0);
});

test('[OP.invite] an operator invites with a text, and the visitor accepts it in the bubble', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  await operator.open('On site');
  await operator.invite('Shall I help you choose?');
  await expect(visitor.frame.getByText('Shall I help you choose?', { exact: true })).toBeVisible();
  await visitor.frame.getByRole('button', { name: 'Accept invitation' }).click();
  await operator.sees('In chat');
  await visitor.sees('Shall I help you choose?');
});

test('[OP.conversation] the operator reads the visitor’s draft, answers, leaves and closes', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await operator.join();
  await visitor.call('chatTyping', 'I was wondering');
  await expect(operator.page.getByRole('status', { name: 'Typing' })).toContainText('I was wondering');
  await visitor.call('sendChatMessage', 'I was wondering about the price');
  await operator.reads('I was wondering about the price');
  await expect(operator.page.getByRole('status', { name: 'Typing' })).not.toContainText('I was wondering');
  await operator.reply('It is 20');
  await operator.button('Leave').click();
  await operator.sees('Waiting');
  await operator.join();
  await operator.closeChat();
  await operator.sees('On site');
  await visitor.becomes('available');
});

test('[OP.transfer] a chat goes to another operator, who sees it and answers', async ({ world }) => {
  const first = await world.operator('Anna First');
  const second = await world.operator('Boris Second');
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await first.join();
  await first.button('Transfer').click();
  await first.page.getByRole('button', { name: /Boris Second/ }).click();
  await second.sees('In chat');
  await second.open('In chat');
  await second.reply('Boris here');
  expect((await visitor.hears('sendmessage')).payload).toMatchObject({ text: 'Boris here', from: 'Boris Second' });
  expect(await visitor.order('operatorjoined', 'operatorleave')).toEqual(['operatorjoined', 'operatorleave', 'operatorjoined']);
});

test('[OP.two] [RO.one] of two operators who join one wins, and each keeps several chats apart', async ({ world }) => {
  const first = await world.operator('Anna First');
  const second = await world.operator('Boris Second');
  const [one, two] = [await world.visitor(), await world.visitor()];
  await one.call('sendChatMessage', 'I am one');
  await two.call('sendChatMessage', 'I am two');
  await expect(first.visitors('Waiting')).toHaveCount(2);
  for (const text of ['I am one', 'I am two']) {
    await first.visitors().filter({ hasText: text }).getByRole('button').first().click();
    await first.button('Join').click();
    await expect(first.button('Leave')).toBeVisible();
    await first.reply(`answer to ${text}`);
  }
  expect((await one.hears('sendmessage')).payload.text).toBe('answer to I am one');
  expect((await two.hears('sendmessage')).payload.text).toBe('answer to I am two');
  await expect(second.visitors('In chat')).toHaveCount(2);
  await second.open('In chat');
  await expect(second.button('Join')).toBeHidden();
});

test('[OP.alert] the title counts who waits, and a sound can be switched on', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await expect(operator.page).toHaveTitle(/^(?!\(\d)/);
  await visitor.done('startChat');
  await expect(operator.page).toHaveTitle(/^\(1\)/);
  await expect(operator.page.getByRole('switch', { name: 'Sound' })).toBeVisible();
});

/** How often an alert repeats; an operator who connects later gets the setting. */
const repeat = (world: World, seconds: number) => world.system.admin('site', 'set', world.key, 'alert.repeat_seconds', String(seconds));

/** An operator who has taken what was offered at the first *Online*. */
async function onCall(world: World, options: Parameters<typeof recordCalls>[1] = {}): Promise<Workplace> {
  const operator = await world.operator();
  await recordCalls(operator, options);
  await operator.button('Yes').click();
  await expect.poll(() => rung('message', operator)).toEqual([1]); // so that it is known how it sounds
  return operator;
}

test('[FF.C4] [OP.alert] of two windows of one operator exactly one rings, and the other when that is closed', async ({ world }) => {
  await repeat(world, 0);
  const first = await onCall(world);
  const second = await anotherWindow(first);
  await expect(second.page.getByRole('switch', { name: 'Sound' })).toBeChecked();
  for (const count of [1, 2]) {
    await (await world.visitor()).done('startChat');
    await expect(second.visitors('Waiting')).toHaveCount(count);
    await expect.poll(() => rung('waiting', first, second)).toEqual([count, 0]);
    // While a call still sounds, the next of its kind adds nothing to it.
    await expect.poll(() => isSilent(first)).toBe(true);
  }
  await first.page.close();
  await expect.poll(() => locksOf(second, ':sound')).toBe(1);
  await (await world.visitor()).done('startChat');
  await expect.poll(() => rung('waiting', second)).toEqual([1]);
});

test('[FF.C4] [OP.alert] no window rings about a chat that one of them shows to somebody who looks', async ({ world }) => {
  const first = await onCall(world);
  const second = await anotherWindow(first);
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await expect.poll(() => rung('waiting', first, second)).toEqual([1, 0]);
  await second.join();
  const looks = () => locksOf(first, ':shows ');
  await expect.poll(looks).toBe(1);
  await visitor.call('sendChatMessage', 'You see this');
  await second.reads('You see this');
  await hide(second);
  await expect.poll(looks).toBe(0);
  await visitor.call('sendChatMessage', 'This you do not');
  await second.reads('This you do not');
  // One note was the demonstration.
  await expect.poll(() => rung('message', first, second)).toEqual([2, 0]);
  // Of a rating hears only the window that has opened the chat; it is the other one that rings.
  await visitor.call('setOperatorRating', 5);
  await expect.poll(() => rung('rating', first, second)).toEqual([1, 0]);
});

test('[FF.C5] [OP.alert] the call is repeated while somebody waits', async ({ world }) => {
  await repeat(world, 1);
  const first = await onCall(world);
  const second = await anotherWindow(first);
  await (await world.visitor()).done('startChat');
  await expect.poll(async () => (await rung('waiting', first))[0]).toBeGreaterThan(2);
  expect(await rung('waiting', second)).toEqual([0]);
});

test('[FF.C3] [FF.C5] a chat handed over and a request call out of sight as well: the one until it is opened, the other until it is seen', async ({
  world,
}) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.operator('Boris Second');
  await recordCalls(second);
  await second.button('Yes').click();
  await hide(second);
  await operator.button('Transfer').click();
  await operator.page.getByRole('button', { name: /Boris Second/ }).click();
  await expect.poll(() => rung('arrival', second)).toEqual([1]);
  await visitor.page.evaluate(() =>
    (window as unknown as { CallGear: { addOfflineRequest(request: object): void } }).CallGear.addOfflineRequest({
      name: 'Vera',
      message: 'Call me',
    }),
  );
  const told = async () => (await notifications(second)).map(({ title, body, isOpen }) => [title, body, isOpen]);
  await expect.poll(told).toEqual([
    ['Visitor', 'Has come to you', true],
    ['Vera', 'New among the requests', true],
  ]);
  await hide(second, false);
  await expect.poll(told).toEqual([
    ['Visitor', 'Has come to you', true],
    ['Vera', 'New among the requests', false],
  ]);
  await second.open('In chat');
  await expect.poll(told).toEqual([
    ['Visitor', 'Has come to you', false],
    ['Vera', 'New among the requests', false],
  ]);
});

test('[FF.C5] [OP.alert] sound and notifications are offered at the first Online, once, and told apart from no', async ({ world }) => {
  const operator = await world.operator('Olga Petrova', { isOnline: false });
  await recordCalls(operator);
  const offer = operator.page.getByRole('status', { name: 'Calls' });
  const sound = operator.page.getByRole('switch', { name: 'Sound' });
  await expect(sound).not.toBeChecked();
  await expect(offer).toBeEmpty();
  await operator.goOnline();
  await expect(offer).toContainText('Call you when somebody waits?');
  await offer.getByRole('button', { name: 'No' }).click();
  await expect(offer).toBeEmpty();
  await operator.page.reload();
  await operator.goOnline();
  await expect(offer).toBeEmpty();
  await expect(sound).not.toBeChecked();
  expect(await operator.page.evaluate(() => Notification.permission)).toBe('default');
  // Who thinks better of it is asked for the notifications too.
  await sound.click();
  await expect.poll(() => operator.page.evaluate(() => Notification.permission)).toBe('granted');
  await expect(sound).toBeChecked();
});

test('[FF.C5] [OP.alert] a window out of sight calls by a notification that names who and never what was written', async ({ world }) => {
  await repeat(world, 1);
  const operator = await onCall(world);
  const visitor = await world.visitor();
  await visitor.call('setVisitorCard', { name: 'Vera' });
  await visitor.call('sendChatMessage', 'My card number is 4111');
  await operator.sees('Waiting');
  await expect.poll(async () => (await rung('waiting', operator))[0]).toBeGreaterThan(0);
  expect(await notifications(operator)).toEqual([]);
  await hide(operator);
  // It is repeated in place of the one before.
  await expect.poll(async () => (await notifications(operator)).length).toBeGreaterThan(1);
  const told = await notifications(operator);
  expect(new Set(told.map(({ tag }) => tag)).size).toBe(1);
  expect(told[0]).toMatchObject({ title: 'Vera', body: 'Waits for an answer', silent: true });
  await clickNotification(operator, told.length - 1);
  await expect(operator.page.getByRole('main')).toContainText('My card number is 4111');
  await hide(operator, false);
  await expect.poll(async () => (await notifications(operator)).some(({ isOpen }) => isOpen)).toBe(false);
});

test('[FF.C4] [FF.C5] a notification goes when a colleague takes the chat, and when another window shows it; in sight of one there is none', async ({
  world,
}) => {
  const first = await onCall(world);
  const second = await anotherWindow(first);
  const colleague = await world.operator('Boris Second');
  await hide(first);
  const visible = await world.visitor();
  await visible.done('startChat');
  await expect.poll(() => rung('waiting', first)).toEqual([1]);
  await hide(second);
  const open = async () => (await notifications(first)).map(({ isOpen }) => isOpen);
  const one = await world.visitor();
  await one.call('sendChatMessage', 'I am one');
  await expect.poll(open).toEqual([true]);
  await colleague.visitors().filter({ hasText: 'I am one' }).getByRole('button').first().click();
  await colleague.button('Join').click();
  await expect.poll(open).toEqual([false]);
  const two = await world.visitor();
  await two.call('sendChatMessage', 'I am two');
  await expect.poll(open).toEqual([false, true]);
  await second.visitors().filter({ hasText: 'I am two' }).getByRole('button').first().click();
  expect(await open()).toEqual([false, true]);
  await hide(second, false);
  await expect.poll(open).toEqual([false, false]);
  expect(await notifications(second)).toEqual([]);
});

test('[FF.C5] a browser that holds the sound back says so, another window rings meanwhile, and a click lets it be heard', async ({
  world,
}) => {
  const first = await onCall(world, { isSilent: true });
  const silent = await anotherWindow(first);
  await expect(silent.page.getByText('as soon as you click or press a key here')).toBeVisible();
  await first.page.reload();
  await expect(first.page.getByText('as soon as you click or press a key here')).toBeVisible();
  await silent.page.getByRole('heading', { name: 'Visitors' }).click();
  await expect(silent.page.getByText('as soon as you click or press a key here')).toHaveCount(0);
  await (await world.visitor()).done('startChat');
  await expect.poll(() => rung('waiting', first, silent)).toEqual([0, 1]);
});

for (const [what, options] of Object.entries({
  permission: { permission: 'denied' },
  notifications: { permission: null },
  locks: { hasLocks: false },
} satisfies Record<string, CallsOptions>))
  test(`[FF.C5] without ${what} the workplace still rings`, async ({ world }) => {
    const operator = await onCall(world, options);
    await hide(operator);
    await (await world.visitor()).done('startChat');
    await expect.poll(() => rung('waiting', operator)).toEqual([1]);
    await expect
      .poll(async () => (await notifications(operator)).map(({ body }) => body))
      .toEqual(what === 'locks' ? ['Waits for an answer'] : []);
  });

test('[FF.C4] [FF.C5] who signs out is called no more, and nothing of it is left on the screen', async ({ world }) => {
  await repeat(world, 1);
  const operator = await onCall(world);
  const colleague = await world.operator('Boris Second');
  await hide(operator);
  await (await world.visitor()).done('startChat');
  await expect.poll(async () => (await notifications(operator)).length).toBeGreaterThan(0);
  await operator.button('Sign out').click();
  await expect(operator.button('Sign in')).toBeVisible();
  await expect(operator.page).toHaveTitle(/^(?!\(\d)/);
  expect((await notifications(operator)).some(({ isOpen }) => isOpen)).toBe(false);
  const [before] = await rung('waiting', operator);
  await (await world.visitor()).done('startChat');
  await expect(colleague.visitors('Waiting')).toHaveCount(2);
  expect([await rung('waiting', operator), await locksOf(operator, ':sound')]).toEqual([[before], 0]);
});

test('[OP.requests] [UI.offline] the workplace lists offline requests, and an operator marks one done', async ({ world }) => {
  const operator = await world.operator('Olga Petrova', { isOnline: false });
  const visitor = await (await world.stranger()).goto('plain.html');
  await expect(visitor.launcher).toBeVisible();
  await visitor.page.evaluate(() => (window as unknown as { CallGear: { openChatWindow(): void } }).CallGear.openChatWindow());
  await visitor.frame.getByRole('textbox', { name: /Name/ }).fill('Vera');
  await visitor.frame.getByRole('textbox', { name: /Email/ }).fill('vera@example.com');
  await visitor.frame.getByRole('textbox', { name: /Message/ }).fill('Call me about the blue one');
  await visitor.frame.getByRole('button', { name: 'Send' }).click();
  const request = operator.page.getByRole('list', { name: 'Requests' }).getByRole('listitem');
  await expect(request).toContainText('Call me about the blue one');
  await expect(request).toContainText('vera@example.com');
  await request.getByRole('button', { name: 'Done' }).click();
  await expect(request).toHaveCount(0);
});

test('[OP.conversation] a file of the operator arrives byte for byte', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const bytes = Buffer.from([0, 1, 2, 253, 254, 255]);
  const chooser = operator.page.waitForEvent('filechooser');
  await operator.button('Attach file').click();
  await (await chooser).setFiles({ name: 'plan.bin', mimeType: 'application/octet-stream', buffer: bytes });
  const { payload } = await visitor.hears('sendmessage');
  expect(payload).toMatchObject({ text: 'plan.bin', fx_name: 'plan.bin', sender: 'operator' });
  const answer = await fetch(String(payload['fx_link']));
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
});

test('[SV.admin] [fault 35] an operator who is revoked is out', async ({ world }) => {
  const operator = await world.operator('Olga Petrova');
  const list = await world.system.admin('operator', 'list');
  const email = list
    .split('\n')
    .find((line) => line.includes(world.key))
    ?.match(/\S+@example\.com/)?.[0];
  await world.system.admin('operator', 'revoke', String(email));
  await expect(operator.page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('[UI.axe] the workplace has no accessibility violations', async ({ world }) => {
  const signIn = new Workplace((await world.stranger()).page, world.system.chat);
  await signIn.page.goto(`${world.system.chat}/operator/`);
  await expect(signIn.page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  const { operator } = await world.conversation();
  await operator.reply('Hello');
  for (const { page } of [signIn, operator]) {
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  }
});
