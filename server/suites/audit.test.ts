/** Each reading of a conversation by an operator leaves a row, by whatever frame it was read; and what a purge tells the clients. */
import { afterEach, expect, it } from 'vitest';
import { batch, createGatewayWorld, say } from '../testing/gateway-world.ts';
import { SITE } from '../testing/room-world.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Ann, who has said something, and Olga, who has nothing open yet. */
async function createShop() {
  const world = await createGatewayWorld();
  open.push(() => world.close());
  const entered = await world.enter();
  const ann = await world.page({ access: entered.access });
  ann.send(batch(say('a secret')));
  const { result } = await ann.next('ack');
  const olga = await world.addOperator('Olga');
  const work = await world.workplace(olga);
  const rows = async () =>
    (await world.store.audit({}, 100)).reverse().map(({ operator, visitor, deed, site }) => [operator, deed, site, visitor]);
  return { ...world, ann, visitor: entered.visitor, chat: result.chat ?? '', olga, work, rows };
}

it('[P9] opening a conversation, opening it again after a reconnect, and each page of its history', async () => {
  const shop = await createShop();
  expect(await shop.rows()).toEqual([]);
  shop.work.send({ t: 'watch', visitor: shop.visitor });
  const { history } = await shop.work.next('opened');
  expect(history.items).toHaveLength(1);
  expect(await shop.rows()).toEqual([[shop.olga.id, 'open', SITE, shop.visitor]]);
  shop.work.send({ t: 'history', n: 7, visitor: shop.visitor, before: null });
  await shop.work.next('history');
  const again = await shop.workplace(shop.olga, {
    watching: [{ visitor: shop.visitor, cursors: { [shop.chat]: 1 } }],
    epoch: shop.store.epoch,
  });
  await again.next('evt');
  expect(await shop.rows()).toEqual(['open', 'history', 'open'].map((deed) => [shop.olga.id, deed, SITE, shop.visitor]));
});

it('[P9] reading by filling a hole in a conversation that was never opened is reading too', async () => {
  const shop = await createShop();
  shop.work.send({ t: 'sync', chat: shop.chat, after: 0 });
  await shop.work.next('evt');
  expect(await shop.rows()).toEqual([[shop.olga.id, 'open', SITE, shop.visitor]]);
});

it('[P9] a refused reading leaves no row: somebody else’s visitor, an anonymous page', async () => {
  const shop = await createShop();
  const stranger = await shop.workplace(await shop.addOperator('Otto', ['other']));
  stranger.send({ t: 'watch', visitor: shop.visitor });
  await stranger.next('gone');
  stranger.send({ t: 'history', n: 1, visitor: shop.visitor, before: null });
  stranger.send({ t: 'sync', chat: shop.chat, after: 0 });
  await stranger.rest();
  expect(await shop.rows()).toEqual([]);
});

it('[P9] the applications of a site are read when the workplace opens with them', async () => {
  const shop = await createShop();
  shop.ann.send(batch({ kind: 'request.send', request: { message: 'Call me' } }));
  await shop.ann.next('ack');
  expect(await shop.rows()).toEqual([]);
  const again = await shop.workplace(shop.olga);
  expect(again.welcome.requests).toHaveLength(1);
  expect(await shop.rows()).toEqual([[shop.olga.id, 'requests', SITE, null]]);
});

it('[P6] a workplace that has an erased conversation open must forget it; no other one hears of it', async () => {
  const shop = await createShop();
  const idle = await shop.workplace(await shop.addOperator('Otto'));
  shop.work.send({ t: 'watch', visitor: shop.visitor });
  await shop.work.next('opened');
  await shop.store.transact([], (tx) => tx.eraseVisitor(SITE, shop.visitor));
  await shop.gateway.siteChanged();
  expect([(await shop.work.next('reset')).reason, (await shop.ann.next('reset')).reason]).toEqual(['erased', 'erased']);
  expect((await idle.rest()).filter(({ t }) => t === 'reset')).toEqual([]);
});

it('[P7] only clients that have a conversation open hear that it loses its beginning', async () => {
  const shop = await createShop();
  const stranger = await shop.page({ access: (await shop.enter()).access });
  const idle = await shop.workplace(await shop.addOperator('Otto'));
  shop.work.send({ t: 'watch', visitor: shop.visitor });
  await shop.work.next('opened');
  shop.bus.publish({ t: 'shortened', site: SITE, visitor: shop.visitor });
  expect([(await shop.ann.next('reset')).reason, (await shop.work.next('reset')).reason]).toEqual(['retention', 'retention']);
  expect([...(await stranger.rest()), ...(await idle.rest())].filter(({ t }) => t === 'reset')).toEqual([]);
});
