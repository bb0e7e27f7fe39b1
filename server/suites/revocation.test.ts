/**
 * A session that is ended behind the server's back, as the admin command does it: nothing more is written under it from that
 * moment on, and nothing more is heard as soon as the change was noticed.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CLOSE, PROTOCOL_VERSION } from '../../shared/wire/protocol.ts';
import { batch, createGatewayWorld, OPERATORS, operatorBatch, say, START, type GatewayWorld } from '../testing/gateway-world.ts';
import { SITE } from '../testing/room-world.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import type { Operator } from '../store/operators.ts';
import type { Transaction } from '../store/store.ts';

let world: GatewayWorld;
let olga: Operator;
beforeEach(async () => {
  world = await createGatewayWorld();
  olga = await world.addOperator('Olga');
});
afterEach(() => world.close());

/** By another process: the server is not told. */
async function elsewhere(work: (tx: Transaction) => Promise<unknown>): Promise<void> {
  const store = await createSqliteStore({ file: world.file, foreignChangeMs: 1e9, clock: world.clock });
  await store.transact([], work);
  await store.close();
}

async function inChat() {
  const { access, visitor, session } = await world.enter();
  const page = { ...(await world.page({ access })), visitor, session };
  page.send(batch(START));
  const chat = (await page.next('ack')).result.chat ?? '';
  const work = await world.workplace(olga);
  work.send({ t: 'watch', visitor });
  await work.next('opened');
  work.send(operatorBatch({ kind: 'chat.join', chat }));
  await work.next('ack');
  await page.rest();
  return { page, work, chat };
}

it('[D4] [fault 35] a revoked visitor writes nothing from that moment, and hears nothing once it was noticed', async () => {
  const { page, work, chat } = await inChat();
  await elsewhere((tx) => tx.removeSessionsOf({ visitor: page.visitor }));

  page.send(batch(say('too late'), { kind: 'chat.close' }));
  for (const answer of [await page.next('nack'), await page.next('nack')])
    expect(answer).toMatchObject({ code: 'unauthorized', retry: true });
  expect((await world.store.chat(SITE, chat))?.summary).toMatchObject({ isOpen: true, lastSeq: 2 });

  // Looked for every half second, so well within two.
  expect(world.limits.timing.foreignChangeMs).toBeLessThanOrEqual(1_000);
  await world.gateway.siteChanged();
  expect(await page.closed).toBe(CLOSE.unauthorized);
  const heard: unknown[] = [];
  page.ws.on('message', (data) => heard.push(data));
  work.send(operatorBatch({ kind: 'message.send', chat, text: 'are you there?' }));
  await work.next('ack');
  await work.rest();
  expect(heard).toEqual([]);

  const back = await world.openVisitor();
  back.send(world.hello({ access: page.welcome.session ?? '' }));
  expect(await back.closed).toBe(CLOSE.unauthorized);
});

it('[D4] a revoked operator or session writes nothing from that moment, and hears nothing once noticed', async () => {
  for (const revoke of [
    (tx: Transaction) => tx.removeSessionsOf({ operator: olga.id }),
    (tx: Transaction) => tx.saveOperator({ ...olga, isRevoked: true }),
  ]) {
    const { page, work, chat } = await inChat();
    await elsewhere(revoke);
    work.send(operatorBatch({ kind: 'message.send', chat, text: 'too late' }));
    expect(await work.next('nack')).toMatchObject({ code: 'unauthorized' });
    await world.gateway.siteChanged();
    expect(await work.closed).toBe(CLOSE.unauthorized);
    const heard: unknown[] = [];
    work.ws.on('message', (data) => heard.push(data));
    page.send(batch(say('hello?')));
    await page.next('ack');
    await page.rest();
    expect(heard).toEqual([]);
    await page.close();
  }
});

it('[D4] a token that was revoked opens no socket, of either kind', async () => {
  const { access, session } = await world.enter();
  await elsewhere((tx) => tx.removeSession(session));
  const visitor = await world.openVisitor();
  visitor.send(world.hello({ access }));
  expect(await visitor.closed).toBe(CLOSE.unauthorized);

  const { cookie, session: operators } = await world.signIn(olga);
  await elsewhere((tx) => tx.removeSession(operators));
  const work = await world.openOperator({ origin: OPERATORS, cookie });
  work.send({ t: 'hello', v: PROTOCOL_VERSION, csrf: 'csrf', tab: randomUUID(), watching: [] });
  expect(await work.closed).toBe(CLOSE.unauthorized);
});

it('[D4] [C1] a page of a closed site writes nothing more, and hears it once the server notices', async () => {
  const { page, chat } = await inChat();
  const stranger = await world.page();
  await elsewhere(async (tx) => {
    const site = await tx.site(SITE);
    if (site !== undefined) await tx.saveSite({ ...site, origins: [] });
  });
  page.send(batch(say('too late'), { kind: 'chat.close' }));
  for (const answer of [await page.next('nack'), await page.next('nack')])
    expect(answer).toMatchObject({ code: 'unauthorized', retry: true });
  stranger.send(batch({ kind: 'request.send', request: { message: 'too late' } }));
  expect(await stranger.next('nack')).toMatchObject({ code: 'unauthorized', retry: true });
  expect((await world.store.chat(SITE, chat))?.summary).toMatchObject({ isOpen: true, lastSeq: 2 });
  expect(await world.store.requests(SITE, 10)).toEqual([]);
  await world.gateway.siteChanged();
  expect([await page.closed, await stranger.closed]).toEqual([CLOSE.siteClosed, CLOSE.siteClosed]);
});
