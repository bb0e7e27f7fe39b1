import { expose, wrap, type Endpoint } from 'comlink';
import { afterEach, describe, expect, test } from 'vitest';
import {
  BRIDGE_LIMITS,
  HELLO_BRAND,
  type FrameMethods,
  type Hello,
  type HostMethods,
  type Snapshot,
  type Update,
  type Welcome,
} from '../../shared/page/bridge.ts';
import type { PortLike } from '../../shared/page/guard.ts';
import { missed } from '../../shared/missed.ts';
import { createBridge } from './bridge.ts';
import { createCalls } from './calls.ts';
import { greet } from './greet.ts';
import { OPERATOR, SETTINGS, VISITOR, brief, chatOf, world, type HandChat, type WorldOptions } from '../testing/session-world.ts';

const ORIGIN = 'https://shop.example';
const WELCOME: Welcome = {
  version: 1,
  page: { url: `${ORIGIN}/`, title: 'Shop' },
  isInvitable: true,
  presentation: { isDrawn: false, hasLauncher: false, view: null, isInline: false, byVisitor: false, appearance: {} },
};

describe('greeting', () => {
  function meet({
    hash = `#n=secret&o=${encodeURIComponent(ORIGIN)}`,
    isEmbedded = true,
    origins = [ORIGIN],
    ancestor = ORIGIN as string | null,
  } = {}) {
    const posted: { message: Hello; target: string; ports: number }[] = [];
    const parent = {
      postMessage: (message: unknown, target: string, transfer: unknown[]) =>
        void posted.push({ message: message as Hello, target, ports: transfer.length }),
    };
    const location = { ...(ancestor !== null && { ancestorOrigins: [ancestor] }) };
    const fragment = new URLSearchParams(hash.slice(1));
    const answer = greet({ window: { parent, location }, fragment, isEmbedded, origins, epoch: 'e' });
    if (typeof answer !== 'string') answer.close?.();
    return { posted, answer };
  }

  test("[BR.hello] one hello, with our versions, the nonce, one port, to exactly the page's origin", () => {
    const { posted } = meet();
    expect(posted).toEqual([{ message: { type: HELLO_BRAND, versions: [1], nonce: 'secret', epoch: 'e' }, target: ORIGIN, ports: 1 }]);
  });

  test('[BR.hello] a browser that names no ancestors is believed the fragment', () => {
    expect(meet({ ancestor: null }).posted).toHaveLength(1);
  });

  test.each([
    ['not embedded', { isEmbedded: false }],
    ['no origins', { origins: [] }],
    ['a foreign origin', { hash: '#n=secret&o=https%3A%2F%2Fevil.example' }],
    ['an origin that only begins alike', { hash: '#n=secret&o=https%3A%2F%2Fshop.example.evil' }],
    ['another ancestor than the fragment says', { ancestor: 'https://evil.example' }],
    ['no nonce', { hash: '#o=https%3A%2F%2Fshop.example' }],
    ['no fragment', { hash: '' }],
  ])('says nothing to anybody: %s', (_, situation) => {
    const { posted, answer } = meet(situation);
    expect(posted).toEqual([]);
    expect(typeof answer).toBe('string');
  });
});

describe('on the port', () => {
  const ends: (() => void)[] = [];
  afterEach(() => ends.splice(0).forEach((end) => end()));

  /** A page at the other end, without a guard of its own: it may send what it likes. */
  function page({ patienceMs, ...options }: WorldOptions & { patienceMs?: number } = {}) {
    const w = world({ isKnown: true, ...options });
    const { port1, port2 } = new MessageChannel();
    const snapshots: Snapshot[] = [];
    const updates: Update[] = [];
    let isGone = false;
    const host: HostMethods = {
      snapshot: (snapshot) => void snapshots.push(snapshot),
      update: (update) => void updates.push(update),
      ask: () => undefined,
    };
    const bridge = createBridge({
      port: port1 as unknown as PortLike,
      session: w.session,
      epoch: 'epoch',
      clock: w.clock,
      isFile: (value): value is File => value instanceof File,
      print: () => undefined,
      onGoodbye: () => void (isGone = true),
      loadCalls: (given) => Promise.resolve(createCalls(given)),
      loadMissed: () => Promise.resolve(missed),
      ...(patienceMs !== undefined && { patienceMs }),
    });
    expose(host, port2 as unknown as Endpoint);
    const frame = wrap<FrameMethods>(port2 as unknown as Endpoint);
    ends.push(() => {
      bridge.close();
      w.session.close();
      port2.close();
    });
    /** The port is a real one: what was posted has arrived when a later call has been answered. */
    const flush = async () => {
      await frame.ping();
      await frame.ping();
    };
    return {
      ...w,
      bridge,
      frame,
      snapshots,
      updates,
      flush,
      port2,
      isGone: () => isGone,
      async meet(chat?: HandChat) {
        await frame.welcome(WELCOME);
        await w.begin(chat);
        await flush();
      },
      events: () => updates.splice(0).flatMap((update) => update.events.filter(({ name }) => name !== 'notice').map(brief)),
    };
  }

  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => 'accepted',
      (error: { code?: string }) => error.code,
    );

  test('before the welcome nothing is carried out', async () => {
    const p = page();
    expect(await refusal(p.frame.start('1', null))).toBe('not_callable');
    expect(p.session.pending.value).toEqual([]);
  });

  test("[BR.rev] the snapshot follows the server's welcome and holds what queries answer from", async () => {
    const chat = chatOf('c1');
    chat.started();
    chat.joined();
    chat.said('Hello');
    const p = page();
    await p.meet(chat);
    expect(p.snapshots).toHaveLength(1);
    expect(p.snapshots[0]).toMatchObject({
      epoch: 'epoch',
      rev: 0,
      hasOlder: false,
      pending: [],
      state: { isOnline: true, isAvailable: true, state: 'chat', chatId: 'c1', operator: { name: 'Anna' }, unread: 1, canSendFile: true },
      messages: [{ text: 'Hello' }],
    });
    expect(p.events()).toEqual([]);
  });

  test('[BR.rev] no token is in it, nor in anything after it', async () => {
    const p = page();
    await p.meet();
    await p.frame.send('00000000-0000-4000-a000-000000000001', 'Hi', null);
    await p.settle();
    await p.flush();
    expect(JSON.stringify([p.snapshots, p.updates])).not.toMatch(/token|refresh/);
  });

  test("[FA.controller] without the server the page begins after 3 s on the site's settings; the first welcome replaces that state", async () => {
    const chat = chatOf('c1');
    chat.started();
    chat.said('history');
    const settings = structuredClone(SETTINGS);
    settings.chat.h_position = 'left';
    const p = page({ settings });
    p.reach(false);
    await p.frame.welcome(WELCOME);
    await p.clock.pass(3_000);
    await p.flush();
    expect(p.snapshots).toMatchObject([
      { isProvisional: true, messages: [], state: { isOnline: false, isAvailable: false, state: 'available', settings } },
    ]);
    p.reach(true);
    await p.reopen();
    p.say(p.welcomeFrame(chat));
    await p.flush();
    expect(p.snapshots.slice(1)).toMatchObject([
      { isProvisional: false, messages: [{ text: 'history' }], state: { isOnline: true, isAvailable: true, state: 'chat' } },
    ]);
    expect(p.events()).toEqual([]);
    p.evt(chat, chat.said('live'));
    await p.flush();
    expect(p.snapshots).toHaveLength(2);
    expect(p.events()).toEqual(['sendmessage live']);
  });

  test('[FA.controller] a page that says welcome after patience has ended begins at once', async () => {
    const p = page({ isConsentRequired: true, patienceMs: 0 });
    await p.clock.pass(1);
    await p.frame.welcome(WELCOME);
    await p.flush();
    expect(p.snapshots).toMatchObject([{ isProvisional: true }]);
    await p.frame.setConsent(true);
    await p.reopen();
    p.say(p.welcomeFrame());
    await p.flush();
    expect(p.snapshots.slice(1)).toMatchObject([{ isProvisional: false, state: { isOnline: true } }]);
  });

  test('[FA.controller] a page that asks again before the server is heard gets a provisional snapshot again', async () => {
    const p = page({ isConsentRequired: true, patienceMs: 0 });
    await p.clock.pass(1);
    await p.frame.welcome(WELCOME);
    await p.frame.resync(null);
    await p.flush();
    expect(p.snapshots.map(({ isProvisional }) => isProvisional)).toEqual([true, true]);
  });

  test('[BR.rev] each change is one patch with its events, counted without a hole', async () => {
    const chat = chatOf('c1');
    chat.started();
    const p = page();
    await p.meet(chat);
    p.evt(chat, chat.joined(), chat.said('Hello', OPERATOR));
    await p.flush();
    expect(p.updates.map(({ rev }) => rev)).toEqual([1, 2]);
    expect(p.updates[0]).toMatchObject({ state: { operator: { name: 'Anna' } } });
    expect(p.updates[1]).toMatchObject({ state: { unread: 1 }, added: [{ text: 'Hello' }] });
    expect(p.updates[1]?.state).not.toHaveProperty('settings');
    expect(p.events()).toEqual(['operatorjoined Anna', 'ratingchange null', 'sendmessage Hello']);
  });

  test('[BR.rev] pending and stored swap in one patch', async () => {
    const chat = chatOf('c1');
    chat.started();
    const p = page();
    await p.meet(chat);
    const uid = '00000000-0000-4000-a000-000000000001';
    await p.frame.send(uid, 'Hi', null);
    await p.settle();
    p.evt(chat, chat.said('Hi', VISITOR, uid));
    await p.flush();
    expect(p.updates.filter(({ pending }) => pending !== undefined).map(({ pending }) => pending?.length)).toEqual([1, 0]);
    expect(p.updates.at(-1)).toMatchObject({ pending: [], added: [{ uid }] });
    expect(p.events()).toEqual(['messagesent Hi api', 'messagedelivered c1-2']);
  });

  test('[BR.rev] a page that missed something gets a new snapshot', async () => {
    const p = page();
    await p.meet();
    await p.frame.resync(null);
    await p.flush();
    expect(p.snapshots).toHaveLength(2);
  });

  test('[BR.rev] replaced as a whole, it is a snapshot, and what shows in it is not told besides', async () => {
    const chat = chatOf('c1');
    chat.started();
    chat.said('before');
    const p = page();
    await p.meet(chat);
    p.cut();
    chat.said('missed');
    await p.reopen();
    p.say(p.welcomeFrame(chat));
    await p.flush();
    expect(p.snapshots).toHaveLength(2);
    expect(p.snapshots[1]?.events).toMatchObject([{ name: 'sendmessage', message: { text: 'missed' } }]);
    expect(p.events()).toEqual(['offline']);
  });

  test.each([
    ['knew nothing yet', null, []],
    ['knew the first message', { operator: null, invite: null, last: ['m1'], own: [] }, ['operatorjoined', 'sendmessage']],
    ['knew all of it', { operator: Object(OPERATOR).card, invite: null, last: ['m2'], own: [] }, []],
    [
      'had been talking to somebody else',
      { operator: { ...Object(OPERATOR).card, name: 'Olga' }, last: ['m2'] },
      ['operatorleave', 'operatorjoined'],
    ],
    [
      'says what nothing can be made of',
      { operator: 5, invite: [], last: 'm2', own: {} },
      ['operatorleave', 'operatorjoined', 'sendmessage', 'sendmessage'],
    ],
  ])('[BR.reload] a page that had another frame and %s gets the missed events with the first snapshot', async (_what, known, events) => {
    const chat = chatOf('c1');
    chat.started();
    chat.joined();
    const ids = [chat.said('one'), chat.said('two')].map(({ message_id }) => message_id);
    const p = page({ patienceMs: 0 });
    const last =
      known === null
        ? null
        : { ...known, last: Array.isArray(known.last) ? known.last.map((id) => ids[Number(id.slice(1)) - 1]) : known.last };
    await p.frame.welcome({ ...WELCOME, known: last as never });
    await p.clock.pass(0);
    await p.begin(chat);
    await p.flush();
    expect(p.snapshots.map(({ isProvisional, events: told }) => [isProvisional, told?.map(({ name }) => name)])).toEqual([
      [true, []],
      [false, events],
    ]);
    await p.frame.resync(null);
    await p.flush();
    expect(p.snapshots.at(-1)?.events).toEqual([]);
  });

  test('[BR.bounds] a snapshot takes as many messages as fit; the rest comes page by page from the frame', async () => {
    const chat = chatOf('c1');
    chat.started();
    for (let at = 0; at < 250; at += 1) chat.said(`m${at}`);
    const p = page();
    await p.meet(chat);
    expect(p.snapshots[0]?.messages).toHaveLength(200);
    expect(p.snapshots[0]?.hasOlder).toBe(true);
    for (let at = 0; at < 3; at += 1) await p.frame.older();
    await p.flush();
    expect(p.updates.map(({ older }) => [older?.messages.length, older?.messages[0]?.text, older?.hasOlder])).toEqual([
      [20, 'm30', true],
      [20, 'm10', true],
      [10, 'm0', false],
    ]);
  });

  const uid = '00000000-0000-4000-a000-000000000001';
  test.each<[string, (frame: FrameMethods) => void]>([
    ['a text that is none', (frame) => frame.send(uid, 5 as never, null)],
    ['an empty text', (frame) => frame.send(uid, '  ', null)],
    ['a uid that is none', (frame) => frame.send('x', 'Hi', null)],
    ['a group that is an object', (frame) => frame.start('1', {} as never)],
    ['a mark outside', (frame) => frame.rate('1', 6)],
    ['a mark as text', (frame) => frame.rate('1', '5' as never)],
    ['a comment that is none', (frame) => frame.rate('1', 5, {} as never)],
    ['a comment too long', (frame) => frame.rate('1', 5, 'x'.repeat(2001))],
    ['a language that is none', (frame) => frame.language(5 as never)],
    ['a language too long', (frame) => frame.language('d'.repeat(36))],
    ['a card with a list', (frame) => frame.setCard('1', { email: ['a'] } as never)],
    ['a name too long', (frame) => frame.setCard('1', { name: 'x'.repeat(201) })],
    ['an address that is none', (frame) => frame.setCard('1', { name: 'Vera', email: 'vera@' })],
    ['two addresses in one', (frame) => frame.setCard('1', { email: 'vera@a.example, eve@b.example' })],
    ['a file that is an object', (frame) => frame.sendFiles([{ uid, file: { name: 'a', size: 1, type: '' } }])],
    ['files that are no list', (frame) => frame.sendFiles({} as never)],
    ['a presentation with a wrong view', (frame) => frame.present({ ...WELCOME.presentation, view: 'x' as never })],
    ['a consent that is a word', (frame) => frame.setConsent('yes' as never)],
    ['a call id too long', (frame) => frame.closeChat('x'.repeat(65))],
    ['no page', (frame) => frame.page(null as never, true)],
  ])('[BI.length] refused without effect: %s', async (_, call) => {
    const p = page();
    await p.meet();
    expect(await refusal(call(p.frame as unknown as FrameMethods) as unknown as Promise<void>)).toBe('invalid_argument');
    await p.settle();
    expect(p.commands()).toEqual([]);
  });

  test('[ME.resendMessage] nothing that failed has this uid: the call says so', async () => {
    const p = page();
    await p.meet();
    expect(await refusal(p.frame.discard(uid))).toBe('not_found');
  });

  test('[WI.offline] numbers count as their text', async () => {
    const p = page();
    await p.meet();
    expect(await refusal(p.frame.sendRequest('1', { phone: 12345, group_id: 7, message: 'Hi' } as never))).toBe('accepted');
    await p.settle();
    expect(p.commands()).toMatchObject([{ kind: 'request.send', request: { phone: '12345', group_id: '7', message: 'Hi' } }]);
  });

  test('[WI.offline] [ME.sendChatByMail] the session judges too long input, not the bridge’s parsers', async () => {
    const p = page();
    await p.meet();
    expect(await refusal(p.frame.sendRequest('1', { email: `${'x'.repeat(5_000)}@shop.example` }))).toBe('accepted');
    expect(await refusal(p.frame.mail('2', `${'x'.repeat(5_000)}@shop.example`))).toBe('accepted');
    await p.settle();
    await p.flush();
    expect(p.events().filter((event) => !event.startsWith('error'))).toEqual(['sendofflinerequest false', 'answer 1 too_long']);
    expect(p.commands()).toMatchObject([{ kind: 'transcript.mail', address: 'x'.repeat(1_000) }]);
  });

  test('[ME.setVisitorCard] after any refusal of a card, the page hears of it, then gets the real card again', async () => {
    const p = page();
    await p.meet();
    /** What the last update says, and what had been heard by then. */
    const last = () => [p.updates.at(-1), p.events()];
    const told = (card: object) =>
      expect.objectContaining({ state: expect.objectContaining({ card, requiredInfo: [] }) as unknown, events: [] }) as unknown;
    expect(await refusal(p.frame.setCard('1', { email: 'vera@' }))).toBe('invalid_argument');
    expect(p.updates).toEqual([]);
    await p.clock.pass(0);
    await p.flush();
    expect(last()).toEqual([told({}), []]);

    expect(await refusal(p.frame.setCard('2', { email: 'vera@example.com' }))).toBe('accepted');
    await p.settle();
    await p.flush();
    expect(p.updates.at(-1)?.state?.card).toEqual({ email: ['vera@example.com'] });
    p.say({ t: 'nack', uid: p.uidOf('card.set'), code: 'rate_limited', message: '', retry: false });
    await p.settle();
    await p.flush();
    expect(last()).toEqual([told({}), ['error rate_limited setVisitorCard', 'answer 2 rate_limited']]);
  });

  test('[BI.length] too long text gets too_long, counted in the characters that a visitor sees', async () => {
    const p = page();
    await p.meet();
    expect(await refusal(p.frame.send(uid, 'x'.repeat(4097), null))).toBe('too_long');
    expect(await refusal(p.frame.send(uid, '😀'.repeat(4096), null))).toBe('accepted');
  });

  test('[BR.bounds] a flood is answered rate_limited and carried out no further', async () => {
    const p = page();
    await p.meet();
    const outcomes = await Promise.all(Array.from({ length: BRIDGE_LIMITS.rateBurst + 20 }, () => refusal(p.frame.read())));
    expect(outcomes.filter((outcome) => outcome === 'rate_limited').length).toBeGreaterThanOrEqual(20);
  });

  test('[BR.guard] what the protocol does not know never reaches the session', async () => {
    const p = page();
    await p.meet();
    p.port2.postMessage({ id: 'x', type: 'SET', path: ['__proto__', 'polluted'], value: { type: 'RAW', value: true } });
    p.port2.postMessage({
      id: 'y',
      type: 'CONSTRUCT',
      path: ['constructor', 'constructor'],
      argumentList: [{ type: 'RAW', value: 'globalThis.hurt = 1' }],
    });
    p.port2.postMessage({ id: 'z', type: 'RELEASE', path: [] });
    await p.flush();
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(Reflect.get(globalThis, 'hurt')).toBeUndefined();
  });

  test('what the page decides to show reaches the interface', async () => {
    const p = page();
    await p.meet();
    await p.frame.present({ ...WELCOME.presentation, isDrawn: true, view: 'chat', appearance: { title: 'Ask us', banner_color: 'red' } });
    expect(p.bridge.stage.presentation.value).toMatchObject({ isDrawn: true, view: 'chat', appearance: { title: 'Ask us' } });
    expect(p.bridge.stage.presentation.value.appearance).not.toHaveProperty('banner_color');
  });

  test('[BR.destroy] after goodbye everything is closed', async () => {
    const p = page();
    await p.meet();
    void p.frame.goodbye();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(p.isGone()).toBe(true);
    p.port2.close();
  });
});
