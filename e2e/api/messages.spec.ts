/** What a message is made of, wherever a page meets one. */
import { expect, test } from '../support/fixtures.ts';
import type { Message } from '../../shared/chat.ts';

const KEYS = ['chat_id', 'date', 'from', 'message_id', 'sender', 'source', 'text', 'uid'];
const MARKUP = '<b>bold</b> & <img src=x onerror="document.title=\'run\'"> {{1+1}} https://example.com/?a=1&b=2';

test('[MS.shape] exactly the documented fields; operators’ with their card, files with theirs', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('sendChatMessage', 'mine');
  await operator.reply('theirs');
  await visitor.hears('sendmessage');
  await visitor.run((chat) => chat.sendFile(new File(['bytes'], 'note.txt')));
  await visitor.hears('sendmessage', 2);
  const messages = await visitor.run((chat) => chat.getMessages());
  expect(messages.map((message) => Object.keys(message).sort())).toEqual([
    KEYS,
    [...KEYS, 'operator_info'].sort(),
    [...KEYS, 'fx_link', 'fx_name', 'fx_size_info'].sort(),
  ]);
  expect(messages.map(({ source, from, sender }) => [source, from, sender])).toEqual([
    ['Visitor', 'Visitor', 'visitor'],
    ['Operator', 'Olga Petrova', 'operator'],
    ['Visitor', 'Visitor', 'visitor'],
  ]);
  expect(messages[1]?.operator_info).toEqual({ name: 'Olga Petrova', position: 'Consultant', avatar: null });
  expect(messages[2]).toMatchObject({ text: 'note.txt', fx_name: 'note.txt', fx_size_info: '5 B' });
  expect(new Set(messages.map(({ chat_id }) => chat_id)).size).toBe(1);
  expect(new Set(messages.map(({ message_id }) => message_id)).size).toBe(3);
});

test('[MS.shape] date is unix seconds of the server, the same wherever the message is met', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('now');
  const { payload } = await visitor.hears('sendmessage');
  expect(Number.isInteger(payload['date'])).toBe(true);
  expect(Math.abs(Number(payload['date']) - Date.now() / 1000)).toBeLessThan(30);
  await visitor.open();
  expect((await visitor.told<Message[]>('showhistory'))[0]?.[0]).toEqual(payload);
  expect((await visitor.run((chat) => chat.getMessages()))[0]).toEqual(payload);
});

test('[MS.plain] markup is text on the page, in the frame and in the workplace', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.openChat();
  await visitor.call('sendChatMessage', MARKUP);
  await operator.reads(MARKUP);
  const answer = `${MARKUP} too`;
  await operator.reply(answer);
  expect((await visitor.hears('sendmessage')).payload.text).toBe(answer);
  await visitor.sees(MARKUP);
  await visitor.sees(answer);
  for (const log of [visitor.log, operator.log]) await expect(log.locator('b, img[src="x"]')).toHaveCount(0);
  await expect(operator.page).not.toHaveTitle('run');
  const frame = visitor.page.frames().find((each) => each.url().startsWith(world.system.chat));
  expect(await frame?.title()).not.toBe('run');
});

test('[MS.plain] white space, emoji and right-to-left text arrive as they were written', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const text = 'first line\n  second  line\t👩‍👩‍👧 שלום';
  await visitor.done('sendChatMessage', text);
  const second = await world.page(visitor);
  expect((await second.told<Message[]>('showhistory'))[0]?.[0]?.text).toBe(text);
  await expect(operator.log).toContainText('שלום');
});

test('[MS.plain] a name with markup is a name', async ({ world }) => {
  const operator = await world.operator('<i>Olga</i>', { position: '<u>Boss</u>' });
  const visitor = await world.visitor();
  await visitor.done('setVisitorCard', { name: '<s>Vera</s>' });
  await visitor.done('startChat');
  await operator.join();
  expect((await visitor.hears('operatorjoined')).payload).toMatchObject({ name: '<i>Olga</i>', position: '<u>Boss</u>' });
  await visitor.openChat();
  await expect(visitor.frame.getByText('<i>Olga</i>').first()).toBeVisible();
  await expect(operator.page.getByText('<s>Vera</s>').first()).toBeVisible();
});

test('[MS.links] addresses in a message can be followed, dangerous ones cannot', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.openChat();
  await operator.reply('see https://example.com/a?b=c and javascript:alert(1)');
  const link = visitor.log.getByRole('link', { name: 'https://example.com/a?b=c' });
  await expect(link).toHaveAttribute('href', 'https://example.com/a?b=c');
  await expect(link).toHaveAttribute('rel', /noopener/);
  await expect(visitor.log.getByRole('link')).toHaveCount(1);
});
