/** What a page hears about the operator: who comes, who goes, who types. */
import { expect, test } from '../support/fixtures.ts';
import { type Workplace } from '../support/pages/workplace.ts';

const NOBODY = { name: null, position: null, avatar: null };

async function transfer(from: Workplace, name: string): Promise<void> {
  await from.button('Transfer').click();
  await from.page.getByRole('button', { name: new RegExp(name) }).click();
}

test('[EV.operatorjoined] the card of the operator who joins, on all pages of the visitor', async ({ world }) => {
  const operator = await world.operator('Olga Petrova', { position: 'Consultant' });
  const visitor = await world.visitor();
  const second = await world.page(visitor);
  await visitor.done('startChat');
  await second.becomes('chat');
  await operator.join();
  const card = { name: 'Olga Petrova', position: 'Consultant', avatar: null };
  for (const page of [visitor, second])
    expect(await page.hears('operatorjoined')).toMatchObject({ payload: card, arguments: 1, operator: card, state: 'chat' });
});

test('[EV.operatorjoined] [EV.operatorleave] on a transfer the one leaves before the other joins', async ({ world }) => {
  const [first, second] = [await world.operator('Anna First'), await world.operator('Boris Second')];
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await first.join();
  await visitor.hears('operatorjoined');
  await transfer(first, 'Boris Second');
  await second.sees('In chat');
  await visitor.hears('operatorjoined', 2);
  const heard = await visitor.heard('operatorjoined', 'operatorleave');
  expect(heard.map(({ name, payload }) => [name, payload['name']])).toEqual([
    ['operatorjoined', 'Anna First'],
    ['operatorleave', null],
    ['operatorjoined', 'Boris Second'],
  ]);
  expect(await visitor.call('getOperatorVcard')).toMatchObject({ name: 'Boris Second' });
});

test('[EV.operatorjoined.not] not after a reload: the card is in the mirror', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.open();
  await visitor.settled();
  expect(await visitor.page.evaluate(() => window.atStart.operator?.name)).toBe('Olga Petrova');
  expect(await visitor.order('operatorjoined', 'operatorleave')).toEqual([]);
});

test('[EV.operatorleave] all keys are null when the operator leaves; the chat goes on', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  await operator.button('Leave').click();
  for (const page of [visitor, second])
    expect(await page.hears('operatorleave')).toMatchObject({ payload: NOBODY, operator: null, state: 'chat' });
  await operator.sees('Waiting');
  await visitor.settled();
  expect(await visitor.order('closechat')).toEqual([]);
});

test('[EV.operatorleave] comes before closechat, on all pages', async ({ world }) => {
  const { visitor } = await world.conversation();
  const second = await world.page(visitor);
  await visitor.call('closeChat');
  await visitor.hears('closechat');
  expect(await visitor.order('operatorleave', 'closechat')).toEqual(['operatorleave', 'closechat']);
  expect((await second.hears('operatorleave')).payload).toEqual(NOBODY);
});

test('[EV.operatorleave] [EV.answers.not] an operator who closes the chat leaves it too', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.forget();
  await operator.closeChat();
  await visitor.hears('operatorleave');
  await visitor.settled();
  expect(await visitor.order('statechange', 'operatorleave', 'closechat')).toEqual(['statechange', 'operatorleave']);
  expect(await visitor.state()).toBe('available');
});

test('[EV.operatorleave.not] not when nobody had joined, and not twice', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.done('closeChat');
  await visitor.settled();
  expect(await visitor.order('operatorleave')).toEqual([]);
  await visitor.done('startChat');
  await operator.join();
  await visitor.hears('operatorjoined');
  await operator.button('Leave').click();
  await visitor.hears('operatorleave');
  await visitor.done('closeChat');
  await visitor.settled();
  expect(await visitor.order('operatorleave')).toEqual(['operatorleave']);
});

test('[EV.chattyping] the operator’s name, at most every three seconds while it lasts', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const reply = operator.page.getByRole('textbox', { name: 'Reply' });
  // Typing goes on until it has been heard a second time.
  let keys = 0;
  await expect
    .poll(
      async () => {
        await reply.pressSequentially('la ');
        keys += 3;
        return (await visitor.heard('chattyping')).length;
      },
      { intervals: [200], timeout: 30_000 },
    )
    .toBeGreaterThanOrEqual(2);
  const heard = await visitor.heard('chattyping');
  expect(heard[0]?.payload).toEqual({ name: 'Olga Petrova' });
  // The page hears of one key in three at most. operator/session/idle.test.ts decides the time between two by a clock of its own.
  expect(heard.length).toBeLessThanOrEqual(keys / 3);
});

test('[EV.chattyping.not] not for the visitor’s own typing, on no page', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  await visitor.call('chatTyping', 'I am typing');
  await expect(operator.page.getByRole('status', { name: 'Typing' })).toContainText('I am typing');
  for (const page of [visitor, second]) {
    await page.settled();
    expect(await page.order('chattyping')).toEqual([]);
  }
});
