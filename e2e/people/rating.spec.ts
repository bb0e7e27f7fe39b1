/** The mark a visitor gives an operator: for which chat, on which pages, and when not. */
import { expect, test } from '../support/fixtures.ts';

test('[ME.setOperatorRating] [EV.setrating] [EV.ratingchange] setrating answers here, ratingchange tells all pages', async ({ world }) => {
  const { visitor } = await world.conversation();
  const second = await world.page(visitor);
  await visitor.forget();
  await second.hears('ratingchange');
  await second.forget();
  await visitor.call('setOperatorRating', 4);
  await visitor.hears('ratingchange');
  expect((await visitor.heard('setrating', 'ratingchange')).map(({ name, payload, rating }) => [name, payload as unknown, rating])).toEqual(
    [
      ['setrating', 4, 4],
      ['ratingchange', 4, 4],
    ],
  );
  await second.hears('ratingchange');
  expect(await second.told('ratingchange')).toEqual([4]);
  expect(await second.call('getRating')).toBe(4);
});

test('[EV.setrating.not] not on other pages', async ({ world }) => {
  const { visitor } = await world.conversation();
  const second = await world.page(visitor);
  await visitor.done('setOperatorRating', 5);
  await expect.poll(() => second.call('getRating')).toBe(5);
  await second.settled();
  expect(await second.order('setrating')).toEqual([]);
});

test('[EV.ratingchange] [ME.standing] once null when an operator joins, and the mark again on a new page', async ({ world }) => {
  const { visitor } = await world.conversation();
  expect(await visitor.told('ratingchange')).toEqual([null]);
  await visitor.done('setOperatorRating', 5);
  await visitor.open();
  await visitor.hears('ratingchange');
  await visitor.settled();
  expect(await visitor.told('ratingchange')).toEqual([5]);
  expect(await visitor.call('getRating')).toBe(5);
  expect(await visitor.order('setrating')).toEqual([]);
});

test('[EV.ratingchange] another operator begins without a mark', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.operator('Boris Second');
  await visitor.done('setOperatorRating', 5);
  await operator.button('Leave').click();
  await second.join();
  await visitor.hears('operatorjoined', 2);
  await expect.poll(() => visitor.told('ratingchange')).toEqual([null, 5, null]);
  expect(await visitor.call('getRating')).toBeNull();
});

test('[EV.ratingchange.not] [ME.setOperatorRating] where rating is switched off there is one error, and nothing changes', async ({
  world,
}) => {
  await world.set('chat.is_consultant_operator_rating', false);
  const { visitor } = await world.conversation();
  expect(await visitor.done('setOperatorRating', 5)).toBe('disabled');
  await visitor.settled();
  expect(await visitor.order('setrating', 'ratingchange', 'error')).toEqual(['error']);
  expect((await visitor.hears('error')).payload).toMatchObject({ code: 'disabled', command: 'setOperatorRating' });
  expect(await visitor.call('getRating')).toBeNull();
});

test('[ME.setOperatorRating] marks are whole numbers from 1 to 5, also as text', async ({ world }) => {
  const { visitor } = await world.conversation();
  for (const mark of [0, 6, 2.5, -1, 'five', NaN])
    expect(await visitor.done('setOperatorRating', mark), String(mark)).toBe('invalid_argument');
  expect(await visitor.order('setrating')).toEqual([]);
  for (const mark of [1, '5', 3]) expect(await visitor.done('setOperatorRating', mark)).toBe('ok');
  expect(await visitor.told('setrating')).toEqual([1, 5, 3]);
  expect(await visitor.order('error')).toHaveLength(6);
});

test('[ME.setOperatorRating] with nobody to rate there is one error', async ({ world }) => {
  const visitor = await world.visitor();
  expect(await visitor.done('setOperatorRating', 5)).toBe('no_operator');
  await visitor.done('startChat');
  expect(await visitor.done('setOperatorRating', 5)).toBe('no_operator');
  expect(await visitor.told('error')).toMatchObject([{ code: 'no_operator' }, { code: 'no_operator' }]);
  expect(await visitor.order('setrating', 'ratingchange')).toEqual([]);
});

test('[ME.setOperatorRating] once a chat has ended its operator can be rated, until the next chat begins', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.done('closeChat');
  expect(await visitor.done('setOperatorRating', 5)).toBe('ok');
  await visitor.open();
  expect(await visitor.done('setOperatorRating', 4)).toBe('ok');
  expect(await visitor.told('setrating')).toEqual([4]);
  await visitor.done('startChat');
  expect(await visitor.done('setOperatorRating', 3)).toBe('no_operator');
});

test('[ME.setOperatorRating] the mark is saved: the operator sees it', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('setOperatorRating', 4);
  await expect(operator.page.getByText(/rated.*4|4.*out of 5|rating.*4/i).first()).toBeVisible();
});
