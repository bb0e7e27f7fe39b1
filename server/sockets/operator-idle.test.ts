/** An operator's session: it ends when nobody uses the workplace, and after twelve hours in any case. */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { CLOSE, PROTOCOL_VERSION } from '../../shared/wire/protocol.ts';
import type { OperatorCommand, OperatorFrame } from '../../shared/wire/workplace.ts';
import { OPERATOR_COOKIE } from '../auth/cookies.ts';
import { OPERATOR_SESSION_SECONDS } from '../auth/operator-sessions.ts';
import { hashToken, newToken } from '../auth/tokens.ts';
import { OPERATORS, batch, createGatewayWorld, say } from '../testing/gateway-world.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const MINUTE_MS = 60_000;

/** Olga, signed in a moment ago, and windows of her workplace. */
async function signIn() {
  const world = await createGatewayWorld();
  open.push(() => world.close());
  const { clock, store } = world;
  const olga = await world.addOperator('Olga');
  const token = newToken();
  const [session, now] = [randomUUID(), clock.nowSeconds()];
  await store.transact([], (tx) =>
    tx.saveSession({
      id: session,
      tokenHash: hashToken(token),
      site: null,
      visitor: null,
      operator: olga.id,
      csrf: 'csrf',
      expiresAt: now + 1800,
      lastsUntil: now + OPERATOR_SESSION_SECONDS,
    }),
  );
  const cookie = `${OPERATOR_COOKIE}=${token}`;
  const window = async () => {
    const client = await world.openOperator({ origin: OPERATORS, cookie });
    client.send({ t: 'hello', v: PROTOCOL_VERSION, csrf: 'csrf', tab: randomUUID(), watching: [] });
    return { ...client, welcome: await client.next('welcome') };
  };
  /** So much time, with answers to pings and nothing else; what the windows heard of the end meanwhile. */
  const pass = async (minutes: number, ...windows: Awaited<ReturnType<typeof window>>[]) => {
    const heard: (number | null)[] = [];
    for (let beat = 0; beat < minutes * 2; beat += 1) {
      clock.advance(MINUTE_MS / 2);
      for (const each of windows) each.send({ t: 'pong' });
      for (const each of windows) {
        const frames = await Promise.race([each.rest(), each.closed.then(() => [])]);
        for (const frame of frames) if (frame.t === 'ending') heard.push(frame.inMs);
      }
    }
    return heard;
  };
  const lasts = async () => ((await store.session(session, clock.nowSeconds()))?.expiresAt ?? 0) - now;
  return { ...world, olga, session, cookie, window, pass, lasts };
}

const order = (command: object): OperatorFrame => ({ t: 'send', items: [{ uid: randomUUID(), ...command } as OperatorCommand] });

it('[D8] a workplace unused for half an hour is warned two minutes before, then closed', async () => {
  const world = await signIn();
  const work = await world.window();
  expect(work.welcome.usedEveryMs).toBe(MINUTE_MS);
  expect(await world.pass(27.5, work)).toEqual([]);
  expect(await world.pass(1, work)).toEqual([2 * MINUTE_MS]);
  // What the workplace says by itself is no sign of anybody.
  work.send({ t: 'online', value: true });
  work.send(order({ kind: 'messages.read', chat: 'none', seq: 1 }));
  await work.next('nack');
  expect(await world.pass(2, work)).toEqual([]);
  expect(await work.closed).toBe(CLOSE.unauthorized);
  expect(await world.auth.operator(world.cookie)).toBeUndefined();
});

it('[D8] a sign of use takes the warning back in every window, and prolongs the session', async () => {
  const world = await signIn();
  const [work, second] = [await world.window(), await world.window()];
  expect(await world.pass(28, work, second)).toEqual([2 * MINUTE_MS, 2 * MINUTE_MS]);
  work.send({ t: 'used' });
  expect(await work.next('ending')).toEqual({ t: 'ending', inMs: null });
  expect(await world.lasts()).toBe(58 * 60);
  // The other one asks when its time has come.
  expect(await world.pass(2, work, second)).toEqual([null]);
  expect(await world.pass(25, work, second)).toEqual([]);
  expect(await world.pass(1, work, second)).toEqual([2 * MINUTE_MS, 2 * MINUTE_MS]);
});

it('[D8] a message, typing and opening a visitor count as use, at most once a minute', async () => {
  const world = await signIn();
  const { access } = await world.enter();
  const ann = await world.page({ access });
  ann.send(batch(say('hello')));
  const chat = (await ann.next('ack')).result.chat ?? '';
  const work = await world.window();
  // Seconds after the sign-in; the second comes less than a minute after the first.
  const signs: [OperatorFrame, number][] = [
    [order({ kind: 'chat.join', chat }), 30],
    [{ t: 'typing', chat }, 30],
    [{ t: 'watch', visitor: 'nobody' }, 90],
  ];
  for (const [sign, prolongedAt] of signs) {
    await world.pass(0.5, work);
    work.send(sign);
    await work.rest();
    expect(await world.lasts()).toBe(1800 + prolongedAt);
  }
});

it('[D8] a session ends after twelve hours without a warning, and does not come back', async () => {
  const world = await signIn();
  const work = await world.window();
  for (let quarter = 0; quarter < 48; quarter += 1) {
    work.send({ t: 'used' });
    expect(await world.pass(15, work)).toEqual([]);
  }
  expect(await work.closed).toBe(CLOSE.unauthorized);

  const other = await signIn();
  await other.store.transact([], (tx) => tx.removeSession(other.session));
  expect(await other.auth.use(other.session)).toBeUndefined();
  expect(await other.auth.operator(other.cookie)).toBeUndefined();
}, 60_000);
