/**
 * What the visitor's page and the colleague's workplace hear over real sockets when somebody vanishes. `jobs/absences.test.ts`
 * covers the effect on the chat.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { batch, createGatewayWorld, operatorBatch, say, START, type GatewayWorld } from '../testing/gateway-world.ts';
import type { Operator } from '../store/operators.ts';

const SECONDS = 10;
let world: GatewayWorld;
let olga: Operator;
let otto: Operator;
beforeEach(async () => {
  world = await createGatewayWorld({ settings: { absence: { operator_seconds: SECONDS, visitor_minutes: 30 } } });
  olga = await world.addOperator('Olga');
  otto = await world.addOperator('Otto');
});
afterEach(() => world.close());

/** Ann's page in a chat with Olga, and Otto's workplace beside it. */
async function inChat() {
  const { access, visitor } = await world.enter();
  const page = await world.page({ access });
  const work = await world.workplace(olga);
  const other = await world.workplace(otto);
  page.send(batch(START));
  const chat = (await page.next('ack')).result.chat ?? '';
  work.send(operatorBatch({ kind: 'chat.join', chat }));
  await work.next('ack');
  for (const client of [page, work, other]) await client.rest();
  return { access, visitor, page, work, other, chat };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 4; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await world.jobs.idle();
  }
}

async function pass(ms: number): Promise<void> {
  await settle();
  world.clock.advance(ms);
  await settle();
  world.clock.advance(0);
  await settle();
}

it('[FF.C1] both sides hear that an operator has lost the connection, and that it is back', async () => {
  const { page, work, other, visitor, chat } = await inChat();
  await work.close();
  await pass(world.limits.timing.presenceGraceMs);
  expect((await page.next('register')).register).toMatchObject({ isAway: true });
  expect((await other.next('visitor')).item).toMatchObject({ id: visitor, presence: 'in_chat', operator: { id: olga.id, isAway: true } });
  const back = await world.workplace(olga);
  expect((await page.next('register')).register.isAway).toBeUndefined();
  expect((await other.next('visitor')).item.operator).toEqual({ id: olga.id, name: 'Olga' });
  await pass(SECONDS * 1000);
  back.send(operatorBatch({ kind: 'message.send', chat, text: 'Here I am' }));
  expect((await page.next('evt')).event).toMatchObject({ kind: 'message.added', text: 'Here I am' });
});

it('[FF.C1] then the page hears that the operator has left, and the colleague that somebody waits', async () => {
  const { page, work, other, visitor } = await inChat();
  await work.close();
  await pass(SECONDS * 1000);
  expect((await page.next('evt')).event).toMatchObject({ kind: 'operator.left', operator: olga.id, why: 'lost', name: 'Olga' });
  const items = (await other.rest()).flatMap((frame) => (frame.t === 'visitor' ? [frame.item] : []));
  expect(items.at(-1)).toMatchObject({ id: visitor, presence: 'waiting', operator: null, since: world.clock.nowSeconds() });
  const registers = (await page.rest()).flatMap((frame) => (frame.t === 'register' ? [frame.register.isAway] : []));
  expect(registers.at(-1)).toBeUndefined();
});

it('[FF.C1] of two windows of one operator the last one counts, and a sign-out in it is for good', async () => {
  const { page, work, other } = await inChat();
  const second = await world.workplace(olga);
  await work.close();
  await pass(SECONDS * 2000);
  expect((await page.rest()).filter(({ t }) => t === 'evt')).toEqual([]);
  world.gateway.revoke(second.session, olga.id);
  expect(await second.closed).toBe(4401);
  await settle();
  expect((await page.next('evt')).event).toMatchObject({ kind: 'operator.left', why: 'signed_out' });
  expect((await other.rest()).length).toBeGreaterThan(0);
});

it('[FF.C1] a session that ends under an open connection, unused or after twelve hours, is gone for good', async () => {
  const { page, work } = await inChat();
  await world.store.transact([], (tx) => tx.removeSession(work.session));
  await world.gateway.siteChanged();
  expect(await work.closed).toBe(4401);
  await settle();
  expect((await page.next('evt')).event).toMatchObject({ kind: 'operator.left', why: 'signed_out' });
});

it('[FF.C1] a colleague who takes over: the page hears the leaving, then the joining, and nothing of a wait', async () => {
  const { page, other, chat } = await inChat();
  other.send(operatorBatch({ kind: 'chat.take', chat, from: olga.id }));
  await other.next('ack');
  const heard = (await page.rest()).flatMap((frame) => (frame.t === 'evt' ? [frame.event] : []));
  expect(heard).toMatchObject([
    { kind: 'operator.left', why: 'takeover' },
    { kind: 'operator.joined', operator: otto.id, via: { kind: 'takeover', from: { name: 'Olga' } } },
  ]);
  expect(await world.store.nextJobAtMs()).toBeUndefined();
});

it('[FF.C2] the workplace hears that a visitor has left the site, and when they are back', async () => {
  const { page, work, visitor, access } = await inChat();
  page.send(batch(say('one moment')));
  await page.next('ack');
  await work.rest();
  const leftAt = world.clock.nowSeconds();
  await page.close();
  await pass(world.limits.timing.presenceGraceMs);
  expect((await work.next('visitor')).item).toMatchObject({ id: visitor, presence: 'in_chat', leftAt, pages: 0 });
  await world.page({ access });
  const { item } = await work.next('visitor');
  expect([item.id, item.pages, item.leftAt]).toEqual([visitor, 1, undefined]);
});
