/** The operator workplace, used by names, with real visitors on the other side. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures.ts';
import { Workplace } from './pages/workplace.ts';

test('[OP.signIn] a wrong password is told, the right one opens, and signing out ends it', async ({ world }) => {
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
  await expect(visitor.frame.getByText('Shall I help you choose?')).toBeVisible();
  await visitor.frame.getByRole('button', { name: 'Accept invitation' }).click();
  await operator.sees('In chat');
  await visitor.sees('Shall I help you choose?');
});

test('[OP.conversation] the operator reads what is typed, answers, leaves and closes', async ({ world }) => {
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

test('[OP.requests] [UI.offline] what is left in the offline form is listed and can be done', async ({ world }) => {
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
  const email = list.split('\n').find((line) => line.includes(world.key))?.match(/\S+@example\.com/)?.[0];
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
