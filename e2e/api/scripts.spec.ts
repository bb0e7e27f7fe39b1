/**
 * Eight scripts, and the manual's own sample, as somebody writes them who has read only the manual. Each is a page of
 * `e2e/site/`; here a person uses it, and it does what its author expects.
 */
import { expect, test, type World } from '../support/fixtures.ts';
import { type VisitorPage } from '../support/pages/visitor.ts';

/** Opens one of the scripts' pages and waits until its controller has made the chat. */
async function open(world: World, name: string, of?: VisitorPage): Promise<VisitorPage> {
  const visitor = of ?? (await world.stranger());
  await visitor.goto(`${name}.html`);
  await visitor.page.waitForFunction(
    () =>
      (window as unknown as { CallGear: { UI: { getWidget(name: string): unknown } } }).CallGear.UI.getWidget('consultant_chat') !==
      undefined,
  );
  return visitor;
}

test('[SC.seed] the sample of the manual runs as it stands', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await open(world, 'seed');
  await visitor.openChat();
  await operator.join();
  await operator.reply('Good morning');
  await visitor.sees('Good morning');
  await open(world, 'seed', visitor);
  await visitor.openChat();
  await expect(visitor.page.getByRole('list', { name: 'History' }).getByRole('listitem')).toHaveText(['Good morning']);
  await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
  await operator.sees('On site');
});

test('[SC.1] [FA.place] a chat that is hidden as soon as it is shown leaves nobody waiting', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await open(world, 'script-1');
  await operator.sees('On site');
  await visitor.page.evaluate(() => {
    const { chat } = window as unknown as { chat: { show(): void; hide(): void } };
    chat.show();
    chat.hide();
  });
  await visitor.settled();
  expect(await visitor.state()).toBe('available');
  await operator.sees('On site');
  await visitor.openChat();
  await operator.sees('Waiting');
});

test('[SC.2] after a navigation in mid-chat the last messages are there', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await open(world, 'script-2');
  await visitor.call('sendChatMessage', 'Is it in stock?');
  await operator.join();
  await operator.reply('It is');
  await expect.poll(() => visitor.call<unknown[]>('getMessages').then((all) => all.length)).toBe(2);
  await open(world, 'script-2', visitor);
  await visitor.openChat();
  await expect(visitor.page.getByRole('list', { name: 'History' }).getByRole('listitem')).toHaveText([
    'Visitor: Is it in stock?',
    'Olga Petrova: It is',
  ]);
});

test('[SC.3] stars are asked for at the end, a mark from the markup is a number, and thanks follow', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await open(world, 'script-3');
  await visitor.done('startChat');
  await operator.join();
  await visitor.done('closeChat');
  await visitor.page.getByRole('button', { name: 'five' }).click();
  await expect(visitor.page.getByRole('status')).toHaveText('Thank you for 5');
  expect(await visitor.call('getRating')).toBe(5);
});

test('[SC.4] a popup shows the invitation, and its buttons are the methods themselves', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await open(world, 'script-4');
  const popup = visitor.page.getByRole('dialog', { name: 'Invitation' });
  for (const [answer, state] of [
    ['No', 'available'],
    ['Yes', 'chat'],
  ] as const) {
    await operator.open('On site');
    await operator.invite('Can I help you?');
    await expect(popup).toContainText('Can I help you?');
    await popup.getByRole('button', { name: answer }).click();
    await expect(popup).toBeHidden();
    await visitor.becomes(state);
  }
});

test('[SC.5] [LO.headless] an interface of its own shows each message once', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await open(world, 'script-5');
  const { page } = visitor;
  await page.getByRole('button', { name: 'Talk to us' }).click();
  await page.getByRole('textbox', { name: 'Your text' }).fill('Hello?');
  await page.getByRole('button', { name: 'Post' }).click();
  await operator.join();
  await operator.reply('Hello!');
  await expect(page.getByRole('list', { name: 'Our messages' }).getByRole('listitem')).toHaveText([
    'Visitor: Hello?',
    'Olga Petrova: Hello!',
  ]);
});

test('[SC.6] a file is on its way although the input is reset in the next statement', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await open(world, 'script-6');
  await expect.poll(() => visitor.call('isReadyForFileTransfer')).toBe(true);
  await visitor.page.getByLabel('File').setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('measure twice') });
  expect(await visitor.page.getByLabel('File').inputValue()).toBe('');
  await operator.join();
  await expect(operator.log.getByRole('link', { name: /note\.txt/ })).toBeVisible();
});

test('[SC.7] the form is asked for, and once it is filled the message goes in the same statement', async ({ world }) => {
  await world.set('chat.fields', [
    { name: 'name', is_required: true, title: 'Name' },
    { name: 'email', is_required: true, title: 'Email' },
  ]);
  const operator = await world.operator();
  const visitor = await open(world, 'script-7');
  await visitor.page.getByRole('textbox', { name: 'Your name' }).fill('Vera');
  await visitor.page.getByRole('textbox', { name: 'Your mail' }).fill('vera@example.com');
  await visitor.page.getByRole('button', { name: 'Go on' }).click();
  await expect(visitor.page.getByRole('form', { name: 'Details' })).toBeHidden();
  await operator.join();
  await operator.reads('I would like an offer');
  await expect(operator.page.getByText('vera@example.com').first()).toBeVisible();
});

test('[SC.8] the other way closes the chat and opens the form', async ({ world }) => {
  await world.set('chat.retention', {
    is_alternate_communication_way_enabled: true,
    alternate_communication_way_timeout: 1,
    messages: [],
    alternate_communication_way: 'offline_message',
  });
  const operator = await world.operator();
  const visitor = await open(world, 'script-8');
  await visitor.done('startChat');
  await visitor.page.getByRole('button', { name: 'Leave a message instead' }).click();
  expect(await visitor.page.evaluate(() => (window as unknown as { opened: string }).opened)).toBe('offline_message');
  await operator.sees('On site');
  await expect(visitor.frame.getByRole('textbox', { name: /Email/ })).toBeVisible();
});
