/**
 * Waiting: texts that come by themselves, and the other way that is offered after them. Real seconds, few of them. That something
 * does *not* come is known when it has come to somebody who began to wait later, on a neighbouring site with settings of its own.
 */
import { expect, test, type World } from '../support/fixtures.ts';
import { type VisitorPage } from '../support/pages/visitor.ts';

const RETENTION = {
  is_alternate_communication_way_enabled: true,
  alternate_communication_way_timeout: 1,
  messages: [
    { timeout: 1, text: 'One' },
    { timeout: 1, text: 'Two' },
  ],
  alternate_communication_way: 'sitephone',
};
const ACTION = { alternate_communication_way: 'sitephone' };

const texts = async (visitor: VisitorPage) => (await visitor.told<{ text: string }>('sendmessage')).map(({ text }) => text);

/** Somebody on another site begins to wait now; resolves when their whole wait has passed. */
async function beginsToWait(world: World): Promise<() => Promise<void>> {
  const neighbour = await world.neighbour();
  await neighbour.set('chat.retention', RETENTION);
  const visitor = await neighbour.visitor();
  return async () => {
    await visitor.done('startChat');
    await visitor.hears('showchatretentionaction');
  };
}

test('[RE.texts] [EV.sendmessage] [EV.showchatretentionaction] texts one after the other as a bot’s messages, then the other way', async ({
  world,
}) => {
  await world.set('chat.retention', RETENTION);
  const visitor = await world.visitor();
  await visitor.done('startChat');
  const action = await visitor.hears('showchatretentionaction');
  const heard = await visitor.heard('sendmessage', 'showchatretentionaction');
  expect(heard.map(({ name, payload }) => [name, payload.text])).toEqual([
    ['sendmessage', 'One'],
    ['sendmessage', 'Two'],
    ['showchatretentionaction', undefined],
  ]);
  expect(heard[0]?.payload).toMatchObject({ sender: 'bot', source: 'System', from: 'System', message_id: expect.any(String) });
  expect(heard[0]?.payload).not.toHaveProperty('operator_info');
  expect(action.payload).toEqual(ACTION);
  expect(await visitor.call('getRetentionAction')).toEqual(ACTION);
  expect(await visitor.call('getUnreadCounter')).toBe(0);
});

test('[RE.texts] the wait begins with the first message too', async ({ world }) => {
  await world.set('chat.retention', RETENTION);
  const visitor = await world.visitor();
  await visitor.call('sendChatMessage', 'Is anybody there?');
  await visitor.hears('showchatretentionaction');
  expect(await texts(visitor)).toEqual(['One', 'Two']);
});

test('[RE.end] [EV.showchatretentionaction.not] an operator’s joining ends the wait', async ({ world }) => {
  await world.set('chat.retention', RETENTION);
  const waitPasses = await beginsToWait(world);
  const { visitor } = await world.conversation();
  await waitPasses();
  await visitor.settled();
  const after = await visitor.heard('operatorjoined', 'sendmessage', 'showchatretentionaction');
  expect(after[after.length - 1]?.name).toBe('operatorjoined');
  expect(await visitor.call('getRetentionAction')).toBeNull();
});

test('[RE.end] [EV.showchatretentionaction.not] the close ends the wait', async ({ world }) => {
  await world.set('chat.retention', RETENTION);
  const waitPasses = await beginsToWait(world);
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.done('closeChat');
  await waitPasses();
  await visitor.settled();
  expect(await visitor.order('sendmessage', 'showchatretentionaction')).toEqual([]);
});

test('[RE.end] [ME.standing] what was offered stands until an operator comes or the chat ends', async ({ world }) => {
  await world.set('chat.retention', { ...RETENTION, messages: [] });
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.hears('showchatretentionaction');
  expect(await visitor.call('getRetentionAction')).toEqual(ACTION);
  await operator.join();
  await visitor.hears('operatorjoined');
  expect(await visitor.call('getRetentionAction')).toBeNull();
  await visitor.open();
  await visitor.settled();
  expect(await visitor.order('showchatretentionaction')).toEqual([]);
});

test('[EV.showchatretentionaction] on a new page again, replayed, while it stands', async ({ world }) => {
  await world.set('chat.retention', { ...RETENTION, messages: [] });
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.hears('showchatretentionaction');
  const second = await world.page(visitor);
  expect((await second.hears('showchatretentionaction')).payload).toEqual({ ...ACTION, replayed: true });
  expect(await second.call('getRetentionAction')).toEqual(ACTION);
  await visitor.settled();
  expect(await visitor.order('showchatretentionaction')).toHaveLength(1);
  await visitor.done('closeChat');
  await visitor.open();
  await visitor.settled();
  expect(await visitor.order('showchatretentionaction')).toEqual([]);
});

test('[EV.showchatretentionaction.not] not when switched off; the texts come all the same', async ({ world }) => {
  await world.set('chat.retention', { ...RETENTION, is_alternate_communication_way_enabled: false });
  const waitPasses = await beginsToWait(world);
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await waitPasses();
  await visitor.settled();
  expect(await texts(visitor)).toEqual(['One', 'Two']);
  expect(await visitor.order('showchatretentionaction')).toEqual([]);
});

test('[RE.once] one wait however many pages, and a reload does not start it again', async ({ world }) => {
  await world.set('chat.retention', RETENTION);
  const visitor = await world.visitor();
  await visitor.settled();
  const second = await world.page(visitor);
  await visitor.done('startChat');
  await second.hears('sendmessage');
  await visitor.open();
  await visitor.done('startChat');
  await second.hears('showchatretentionaction');
  await visitor.hears('showchatretentionaction');
  expect(await texts(second)).toEqual(['One', 'Two']);
  expect(await second.order('showchatretentionaction')).toHaveLength(1);
  expect((await visitor.run((chat) => chat.getMessages())).map(({ text }) => text)).toEqual(['One', 'Two']);
});

test('[RE.once] a restart of the server neither loses nor repeats anything', async ({ world }) => {
  await world.set('chat.retention', RETENTION);
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.hears('sendmessage');
  await world.system.stopServer();
  await world.system.startServer();
  await visitor.hears('showchatretentionaction');
  await visitor.settled();
  expect(await texts(visitor)).toEqual(['One', 'Two']);
  expect(await visitor.order('showchatretentionaction')).toHaveLength(1);
});

test('[RE.settings] a change beside the running server reaches page, frame and server', async ({ world }) => {
  const visitor = await world.visitor();
  expect(await visitor.call('isReadyForFileTransfer')).toBe(true);
  await world.set('chat.title', 'Ask the tailor');
  await world.set('chat.is_file_transfer', false);
  await world.set('chat.is_consultant_operator_rating', false);
  await visitor.open();
  expect(await visitor.page.evaluate(() => [window.settings.chat['title'], window.settings.chat['is_file_transfer']])).toEqual([
    'Ask the tailor',
    false,
  ]);
  expect(await visitor.call('isReadyForFileTransfer')).toBe(false);
  await visitor.openChat();
  await expect(visitor.frame.getByText('Ask the tailor').first()).toBeVisible();
  await expect(visitor.frame.getByRole('button', { name: 'Attach file' })).toBeHidden();
});

test('[RE.settings] a page that is open already hears of it', async ({ world }) => {
  const visitor = await world.visitor();
  await world.set('chat.is_file_transfer', false);
  await expect.poll(() => visitor.call('isReadyForFileTransfer')).toBe(false);
});

test('[RE.settings] a value the schema does not know is refused, and nothing changes', async ({ world }) => {
  await expect(world.system.admin('site', 'set', world.key, 'chat.retention', '{"messages":"soon"}')).rejects.toThrow(/retention/);
  const visitor = await world.visitor();
  expect(await visitor.page.evaluate(() => window.settings.chat['retention'])).toMatchObject({
    alternate_communication_way: 'offline_message',
  });
});
