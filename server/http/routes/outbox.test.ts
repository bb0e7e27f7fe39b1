/** What an ending page hands over by a last request. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InjectOptions } from 'fastify';
import type { BeaconAnswer } from '../../../shared/wire/protocol.ts';
import { createWorld, type World } from '../../testing/http-world.ts';

let world: World;
beforeEach(async () => void (world = await createWorld({ env: { LIMITS: JSON.stringify({ rates: { messagesBurst: 4 } }) } })));
afterEach(() => world.close());

const message = (text: string, uid: string = randomUUID()) => ({ uid, kind: 'message.send', text, group: null });
const hand = (access: string, items: unknown, options: InjectOptions = {}) =>
  world.post('/outbox', { tab: 'tab-1', items }, { ...options, headers: { authorization: `Bearer ${access}`, ...options.headers } });
const textsOf = async (site: string, visitor: string) => (await world.store.history(site, visitor, null, 20)).items.map(({ text }) => text);

describe('[SE.leave] POST /outbox', () => {
  it('carries everything out in its order, and the same again not twice', async () => {
    const { access, visitor } = await world.auth.enter('shop');
    const items = [message('one'), message('two')];
    const first = (await hand(access, items)).json<BeaconAnswer>();
    const again = (await hand(access, items)).json<BeaconAnswer>();
    expect(first.answers.map((answer) => [answer.t, answer.uid, answer.t === 'ack' && answer.dup])).toEqual(
      items.map(({ uid }) => ['ack', uid, false]),
    );
    expect(again.answers.map((answer) => [answer.t, answer.t === 'ack' && answer.dup])).toEqual([
      ['ack', true],
      ['ack', true],
    ]);
    expect(await textsOf('shop', visitor)).toEqual(['one', 'two']);
  });

  it('refuses the same uid with another text, and one bad item alone', async () => {
    const { access, visitor } = await world.auth.enter('shop');
    const uid = randomUUID();
    await hand(access, [message('one', uid)]);
    const { answers } = (
      await hand(access, [message('other', uid), { uid: randomUUID(), kind: 'nonsense' }, message('two')])
    ).json<BeaconAnswer>();
    expect(answers.map((answer) => (answer.t === 'nack' ? answer.code : answer.t))).toEqual(['uid_conflict', 'invalid_argument', 'ack']);
    expect(await textsOf('shop', visitor)).toEqual(['one', 'two']);
  });

  it("[D7] the request pays as the visitor's other commands do: too fast comes again, and nothing overtakes it", async () => {
    const { access, visitor } = await world.auth.enter('shop');
    const { answers } = (
      await hand(
        access,
        ['1', '2', '3', '4', '5', '6'].map((text) => message(text)),
      )
    ).json<BeaconAnswer>();
    expect(answers.map((answer) => (answer.t === 'nack' ? [answer.code, answer.retry] : answer.t))).toEqual([
      'ack',
      'ack',
      'ack',
      'ack',
      ['rate_limited', true],
      ['rate_limited', true],
    ]);
    expect(await textsOf('shop', visitor)).toEqual(['1', '2', '3', '4']);
  });

  it('[D1] takes JSON up to 64 KB, from our own page with a token', async () => {
    const { access, session, visitor } = await world.auth.enter('shop');
    const items = [message('one')];
    expect((await hand('nonsense', items)).statusCode).toBe(401);
    expect((await world.post('/outbox', { tab: 't', items })).statusCode).toBe(401);
    expect((await hand(access, items, { headers: { origin: 'https://evil.example' } })).statusCode).toBe(403);
    expect((await hand(access, items, { headers: { 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(403);
    expect((await hand(access, items, { headers: { 'content-type': 'text/plain' } })).statusCode).toBe(415);
    expect((await hand(access, [message('x'.repeat(64 * 1024))])).statusCode).toBe(413);
    for (const wrong of [[], 'one', [{ kind: 'message.send' }]]) expect((await hand(access, wrong)).statusCode).toBe(400);
    await world.auth.end(session);
    expect((await hand(access, items)).statusCode).toBe(401);
    expect(await textsOf('shop', visitor)).toEqual([]);
  });

  it('takes nothing any more once the server is about to stop', async () => {
    const { access } = await world.auth.enter('shop');
    await world.gateway.goaway();
    expect((await hand(access, [message('one')])).statusCode).toBe(503);
  });
});
