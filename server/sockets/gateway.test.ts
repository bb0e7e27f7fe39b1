import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CardCorrection, ChatEvent } from '../../shared/chat.ts';
import { CLOSE, PROTOCOL_VERSION, parseServerFrame, type VisitorServerFrame } from '../../shared/wire/protocol.ts';
import { parseSettings } from '../../shared/settings.ts';
import { batch, CHAT, createGatewayWorld, operatorBatch, OPERATORS, say, START, type GatewayWorld } from '../testing/gateway-world.ts';
import { OTHER_SITE, SITE } from '../testing/room-world.ts';
import type { Operator } from '../store/operators.ts';

let world: GatewayWorld;
let olga: Operator;
/** Rates are one test's business; the others may send as they like. */
const FAST = { rates: { messagesPerSecond: 1_000_000, messagesBurst: 1_000_000, connectionsPerAddress: 30, typingPerSecond: 2 } };

beforeEach(async () => {
  world = await createGatewayWorld({ limits: FAST });
  olga = await world.addOperator('Olga');
});
afterEach(() => world.close());

async function visitorPage(change: Parameters<GatewayWorld['page']>[0] = {}) {
  const grant = await world.enter();
  return { ...grant, ...(await world.page({ access: grant.access, ...change })) };
}

const eventsIn = (frames: VisitorServerFrame[]): ChatEvent[] => frames.flatMap((frame) => (frame.t === 'evt' ? [frame.event] : []));

/** The status that answers an upgrade. */
function upgradeStatus(path: string, origin: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    const sent = request({ host: '127.0.0.1', port: world.port, path, headers: origin === undefined ? headers : { ...headers, origin } });
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the endpoint', () => {
  const foreign = [
    undefined,
    'null',
    'https://evil.example',
    `${CHAT}.evil.example`,
    'https://evil-chat.example',
    'http://chat.example',
    `${CHAT}:444`,
    `${CHAT}/`,
    '',
  ];

  it('opens for visitors from the chat’s own origin and no other', async () => {
    expect(await upgradeStatus('/socket', CHAT)).toBe(101);
    expect(await upgradeStatus('/socket', OPERATORS)).toBe(403);
    for (const origin of foreign) expect([origin, await upgradeStatus('/socket', origin)]).toEqual([origin, 403]);
  });

  it('opens for operators from their own origin or the chat’s', async () => {
    expect([await upgradeStatus('/operator/socket', OPERATORS), await upgradeStatus('/operator/socket', CHAT)]).toEqual([101, 101]);
    for (const origin of foreign) expect([origin, await upgradeStatus('/operator/socket', origin)]).toEqual([origin, 403]);
  });

  it('is nowhere else', async () => {
    for (const path of ['/', '/socket/', '/operator', '/socketx']) expect(await upgradeStatus(path, CHAT)).toBe(404);
  });

  it('admits so many sockets from one address', async () => {
    const few = await createGatewayWorld({ limits: { rates: { connectionsPerAddress: 2 } } });
    const first = await few.openVisitor();
    await few.openVisitor();
    await expect(few.openVisitor()).rejects.toThrow('429');
    await first.close();
    await few.openVisitor();
    await few.close();
  });
});

describe('hello', () => {
  it('is due in time', async () => {
    const client = await world.openVisitor();
    world.clock.advance(world.limits.timing.helloMs);
    expect(await client.closed).toBe(CLOSE.helloTimeout);
  });

  it('comes first', async () => {
    const client = await world.openVisitor();
    client.send({ t: 'typing', text: 'x' });
    expect(await client.closed).toBe(CLOSE.badFrame);
  });

  for (const [what, raw] of [
    ['no JSON', '{'],
    ['an unknown frame', '{"t":"shout"}'],
    ['an unknown member', '{"t":"pong","x":1}'],
    ['a name that reaches a prototype', '{"t":"pong","__proto__":{}}'],
    ['a batch without uids', '{"t":"send","items":[{"kind":"chat.start"}]}'],
    ['a batch of 21', JSON.stringify({ t: 'send', items: Array.from({ length: 21 }, () => ({ uid: randomUUID() })) })],
    ['deep nesting', '['.repeat(20_000)],
    ['bytes', Buffer.from('{"t":"pong"}')],
  ] as const) {
    it(`is not followed by ${what}`, async () => {
      const client = await world.page();
      client.sendRaw(raw);
      expect(await client.closed).toBe(CLOSE.badFrame);
    });
  }

  it('is not followed by 70 KB', async () => {
    const client = await world.page();
    client.sendRaw('x'.repeat(70 * 1024));
    expect(await client.closed).toBe(1009);
  });

  it('names a version and a site that exist', async () => {
    const [a, b] = [await world.openVisitor(), await world.openVisitor()];
    a.send(world.hello({ v: 99 }));
    b.send(world.hello({ site: 'nowhere' }));
    expect([await a.closed, await b.closed]).toEqual([CLOSE.badFrame, CLOSE.siteClosed]);
  });

  it('names a site that was added a moment ago', async () => {
    await (await world.page()).close();
    const settings = parseSettings({ chat: { title: 'New' } });
    await world.store.transact([], (tx) => tx.saveSite({ key: 'new', name: 'New', origins: ['https://new.example'], settings }));
    expect((await world.page({ site: 'new' })).welcome.settings.chat.title).toBe('New');
  });

  it('with a token that is false, old or of another site is refused', async () => {
    const elsewhere = await world.enter(OTHER_SITE);
    const old = await world.enter();
    world.clock.advance(world.limits.timing.accessMs + 1000);
    for (const access of ['nonsense', elsewhere.access, old.access]) {
      const client = await world.openVisitor();
      client.send(world.hello({ access }));
      expect(await client.closed).toBe(CLOSE.unauthorized);
    }
  });

  it('of an operator needs the cookie and its own csrf', async () => {
    const { cookie } = await world.signIn(olga);
    for (const [headers, csrf] of [
      [{ origin: OPERATORS }, 'csrf'],
      [{ origin: OPERATORS, cookie }, 'other'],
    ] as const) {
      const client = await world.openOperator(headers);
      client.send({ t: 'hello', v: 1, csrf, tab: 'tab', watching: [] });
      expect(await client.closed).toBe(CLOSE.unauthorized);
    }
  });
});

describe('a page whose visitor has not acted', () => {
  it('is on site for operators, without its query, and stored nowhere', async () => {
    const work = await world.workplace(olga);
    const page = await world.page();
    expect(page.welcome).toMatchObject({
      visitor: null,
      session: null,
      chat: null,
      resumed: false,
      history: { items: [], hasOlder: false },
    });
    const { item } = await work.next('visitor');
    expect(item).toMatchObject({ presence: 'on_site', page: { url: 'https://shop.example/', title: 'Shop' }, pages: 1 });
    expect(await world.store.visitor(SITE, item.id)).toBeUndefined();
    await page.close();
    expect(await work.next('gone')).toEqual({ t: 'gone', id: item.id });
  });

  it('keeps its id and its invitation over a cut of the line', async () => {
    const work = await world.workplace(olga);
    const tab = randomUUID();
    const page = await world.page({ tab });
    const { item } = await work.next('visitor');
    work.send(operatorBatch({ kind: 'visitor.invite', visitor: item.id, text: 'Hi' }));
    expect((await page.next('register')).register.invite).toMatchObject({ text: 'Hi', operator_info: { name: 'Olga' } });
    page.ws.terminate();
    const again = await world.page({ tab });
    expect(again.welcome.register.invite).toMatchObject({ invite_message: 'Hi' });
    expect(again.welcome.register.invite).not.toHaveProperty('operator');
  });

  it('says hello again as its new visitor, and accepts the invitation it was shown', async () => {
    const work = await world.workplace(olga);
    const tab = randomUUID();
    const page = await world.page({ tab });
    const { item } = await work.next('visitor');
    work.send({ t: 'watch', visitor: item.id });
    await work.next('opened');
    work.send(operatorBatch({ kind: 'visitor.invite', visitor: item.id, text: 'Hi' }));
    await page.next('register');

    const { access, visitor } = await world.enter();
    page.send(world.hello({ tab, access }));
    expect(await page.next('welcome')).toMatchObject({ visitor, register: { invite: { text: 'Hi' } } });
    expect(await work.next('renamed')).toEqual({ t: 'renamed', from: item.id, to: visitor });
    expect(await work.next('opened')).toMatchObject({ visitor });
    page.send(batch({ kind: 'invite.accept' }));
    await page.next('ack');
    const events = eventsIn(await page.rest());
    expect(events.map((event) => event.kind)).toEqual(['chat.started', 'message.added', 'operator.joined']);
    expect(await work.next('evt')).toMatchObject({ visitor, event: { seq: 1 } });
  });
});

describe('commands', () => {
  it('are answered one by one, and a wrong one is refused alone', async () => {
    const page = await visitorPage();
    const items = [
      { uid: randomUUID(), ...say('one') },
      { uid: randomUUID(), kind: 'rating.set', mark: 9 },
      { uid: randomUUID(), ...say('x'.repeat(4097)) },
      { uid: randomUUID(), ...say('💬'.repeat(4096)) },
    ];
    page.sendRaw(JSON.stringify({ t: 'send', items }));
    const frames = await page.rest();
    const answers = frames.flatMap((frame) => (frame.t === 'ack' ? ['ack'] : frame.t === 'nack' ? [`${frame.code} ${frame.retry}`] : []));
    expect(answers).toEqual(['ack', 'invalid_argument false', 'too_long false', 'ack']);
    expect(eventsIn(frames).map((event) => event.seq)).toEqual([1, 2, 3]);
  });

  it('[RO.order] run in the order they were sent, whatever else happens', async () => {
    const page = await visitorPage();
    const texts = Array.from({ length: 60 }, (_, i) => `m${i}`);
    for (let i = 0; i < 60; i += 20) page.send(batch(...texts.slice(i, i + 20).map(say)));
    page.send({ t: 'page', page: { url: '', title: '' }, isInvitable: true });
    const said = eventsIn(await page.rest()).flatMap((event) => (event.kind === 'message.added' ? [event.text] : []));
    expect(said).toEqual(texts);
  });

  it('are answered "later" beyond the rate, with all behind them, and can come again', async () => {
    const slow = await createGatewayWorld({ limits: { rates: { messagesPerSecond: 5, messagesBurst: 10 } } });
    const { access } = await slow.enter();
    const page = await slow.page({ access });
    const commands = Array.from({ length: 13 }, (_, i) => ({ ...say(`m${i}`), uid: randomUUID() }));
    page.send(batch(...commands));
    const frames = await page.rest();
    expect(frames.filter((frame) => frame.t === 'ack')).toHaveLength(10);
    const later = frames.filter((frame) => frame.t === 'nack');
    expect(later).toMatchObject(commands.slice(10).map(({ uid }) => ({ uid, code: 'rate_limited', retry: true, afterMs: 200 })));
    slow.clock.advance(600);
    page.send(batch(...commands.slice(10)));
    expect((await page.rest()).filter((frame) => frame.t === 'ack')).toHaveLength(3);
    await slow.close();
  });

  it('[FF.A7] are refused beyond a day’s amount, by visitor and address; a repeated one counts once', async () => {
    const full = await createGatewayWorld({
      limits: { rates: { messagesPerSecond: 1e6, messagesBurst: 1e6 }, text: { bytesPerVisitorDay: 4_096, bytesPerAddressDay: 6_144 } },
    });
    const page = await full.page({ access: (await full.enter()).access });
    const first = { ...say('first'), uid: randomUUID() };
    const verdicts = async (client: typeof page, ...commands: Parameters<typeof batch>) => {
      client.send(batch(...commands));
      return (await client.rest()).flatMap((frame) =>
        frame.t === 'nack' ? [`${frame.code} ${frame.retry}`] : frame.t === 'ack' ? ['ack'] : [],
      );
    };
    expect(await verdicts(page, first, ...Array.from({ length: 5 }, () => first))).toEqual(Array(6).fill('ack'));
    // Each command counts half a KB at least.
    expect(await verdicts(page, ...Array.from({ length: 9 }, () => say('x')))).toEqual([
      ...Array<string>(7).fill('ack'),
      'rate_limited false',
      'rate_limited false',
    ]);
    // The page may have lost the answer: the server never reports a stored command as failed.
    expect(await verdicts(page, first)).toEqual(['ack']);
    const other = await full.page({ access: (await full.enter()).access });
    expect(await verdicts(other, say('x'.repeat(1_000)), ...Array.from({ length: 3 }, () => say('x')))).toEqual([
      'ack',
      'ack',
      'rate_limited false',
      'rate_limited false',
    ]);
    full.clock.advance(24 * 3600 * 1000);
    await full.close();
  });

  it('of pages without a visitor count together by address: a new tab adds nothing', async () => {
    const slow = await createGatewayWorld({ limits: { rates: { messagesPerSecond: 5, messagesBurst: 10 } } });
    const requests = () => batch(...Array.from({ length: 8 }, () => ({ kind: 'request.send', request: { message: 'Call me' } }) as const));
    const [one, two] = [await slow.page(), await slow.page()];
    const answers: string[] = [];
    for (const page of [one, two]) {
      page.send(requests());
      answers.push(...(await page.rest()).map((frame) => (frame.t === 'nack' ? frame.code : frame.t)));
    }
    expect(answers).toEqual([...Array<string>(10).fill('ack'), ...Array<string>(6).fill('rate_limited')]);
    expect(await slow.store.requests(SITE, 99)).toHaveLength(10);
    await slow.close();
  });

  it('[RO.foreign] of a visitor reach their own pages and the site’s operators, and nobody else', async () => {
    const stranger = await world.workplace(await world.addOperator('Stranger', [OTHER_SITE]));
    const ann = await visitorPage();
    const bob = await visitorPage();
    const anns = await world.page({ access: ann.access });
    ann.send(batch(START, say('Hi'), { kind: 'card.set', card: { name: 'Ann' } }));
    await ann.rest();
    expect(eventsIn(await anns.rest()).map((event) => event.kind)).toEqual(['chat.started', 'message.added']);
    expect(await bob.rest()).toEqual([]);
    stranger.send({ t: 'watch', visitor: ann.visitor });
    expect(await stranger.rest()).toEqual([{ t: 'gone', id: ann.visitor }]);
    const chat = (await world.store.openChatOf(SITE, ann.visitor))?.summary.id ?? '';
    bob.send({ t: 'sync', chat, after: 0 });
    expect(await bob.rest()).toEqual([]);
    stranger.send({ t: 'sync', chat, after: 0 });
    stranger.send({ t: 'history', n: 1, visitor: ann.visitor, before: null });
    expect(await stranger.rest()).toEqual([{ t: 'history', n: 1, page: { items: [], hasOlder: false } }]);
  });

  it('for a transcript are answered in the tab that asked', async () => {
    const ann = await visitorPage();
    const other = await world.page({ access: ann.access });
    const uid = randomUUID();
    ann.send(
      batch(
        START,
        { kind: 'transcript.mail', address: 'no address', uid: randomUUID() },
        { kind: 'transcript.mail', address: 'ann@home.example', uid },
      ),
    );
    expect(await ann.next('mailed')).toMatchObject({ success: false, error: 'invalid_argument' });
    expect(await ann.next('mailed')).toEqual({ t: 'mailed', uid, success: true });
    expect(world.sentMails).toMatchObject([{ address: 'ann@home.example' }]);
    expect((await other.rest()).some((frame) => frame.t === 'mailed')).toBe(false);
  });

  it('for a transcript are answered wherever the tab is by then, and to its visitor alone', async () => {
    const [ann, bob] = [await visitorPage(), await visitorPage()];
    ann.send(batch(START));
    await ann.next('ack');
    const tell = (tab: string, uid: string) =>
      world.bus.publish({ t: 'mailed', site: SITE, visitor: ann.visitor, tab, uid, success: true });
    const [moved, taken] = [randomUUID(), randomUUID()];
    await world.page({ access: ann.access, tab: moved });
    const back = await world.page({ access: ann.access, tab: moved });
    const stranger = await world.page({ access: bob.access, tab: taken });
    tell(moved, 'one');
    tell(taken, 'two');
    tell(randomUUID(), 'three');
    expect(await back.next('mailed')).toEqual({ t: 'mailed', uid: 'one', success: true });
    for (const page of [ann, back, stranger]) expect((await page.rest()).filter(({ t }) => t === 'mailed')).toEqual([]);
  });
});

describe('coming back', () => {
  it('a newer connection of the same tab supersedes the older, and its visitor stays', async () => {
    const tab = randomUUID();
    const older = await visitorPage({ tab });
    const newer = await world.page({ tab, access: older.access });
    expect(await older.closed).toBe(CLOSE.superseded);
    newer.send(batch(START));
    await newer.next('ack');
    expect(world.inbox.item(older.visitor)).toMatchObject({ pages: 1, presence: 'waiting' });
  });

  it('[SE.resume] brings every missed event once, while more are said', async () => {
    const talker = await visitorPage();
    talker.send(batch(say('first')));
    const ack = await talker.next('ack');
    const chat = ack.result.chat ?? '';
    for (let round = 0; round < 5; round += 1) {
      talker.send(batch(...Array.from({ length: 8 }, (_, i) => say(`${round}.${i}`))));
      const back = await world.page({ access: talker.access, epoch: world.store.epoch, cursors: { [chat]: 2 } });
      expect(back.welcome).toMatchObject({ resumed: true, history: null });
      await talker.rest();
      const last = (await world.store.openChatOf(SITE, talker.visitor))?.summary.lastSeq ?? 0;
      const seqs = eventsIn(await back.rest()).map((event) => event.seq);
      expect(seqs).toEqual(Array.from({ length: last - 2 }, (_, i) => i + 3));
      await back.close();
    }
  });

  it('without cursors brings summary and history, and each message sent meanwhile once', async () => {
    const talker = await visitorPage();
    talker.send(batch(say('first')));
    for (let round = 0; round < 5; round += 1) {
      talker.send(batch(...Array.from({ length: 8 }, (_, i) => say(`${round}.${i}`))));
      const back = await world.page({ access: talker.access });
      const { chat, history, resumed } = back.welcome;
      expect(resumed).toBe(false);
      expect(history?.items.at(-1)?.seq).toBe(chat?.lastSeq);
      expect(history?.items.length).toBe(Math.min(40, (chat?.lastSeq ?? 0) - 1));
      await talker.rest();
      const last = (await world.store.openChatOf(SITE, talker.visitor))?.summary.lastSeq ?? 0;
      const seqs = eventsIn(await back.rest()).map((event) => event.seq);
      expect(seqs).toEqual(Array.from({ length: last - (chat?.lastSeq ?? 0) }, (_, i) => i + (chat?.lastSeq ?? 0) + 1));
      await back.close();
    }
  });

  it('[SE.resume] starts over when another database has taken over, and so does a workplace', async () => {
    const ann = await visitorPage();
    ann.send(batch(say('first')));
    const chat = (await ann.next('ack')).result.chat ?? '';
    const olga = await world.addOperator('Olga');
    const work = await world.workplace(olga);
    world.takeOver();
    expect([await ann.closed, await work.closed]).toEqual([CLOSE.restart, CLOSE.restart]);
    const back = await world.page({ access: ann.access, epoch: ann.welcome.epoch, cursors: { [chat]: 2 } });
    expect(back.welcome.resumed).toBe(false);
    expect(back.welcome.history?.items).toMatchObject([{ text: 'first' }]);
    expect(back.welcome.epoch).not.toBe(ann.welcome.epoch);
    expect((await world.workplace(olga)).welcome.epoch).toBe(back.welcome.epoch);
    const again = await world.page({ access: ann.access, epoch: back.welcome.epoch, cursors: { [chat]: 2 } });
    expect(again.welcome.resumed).toBe(true);
  });

  it('[SE.resume] includes a chat that began meanwhile, from its beginning', async () => {
    const ann = await visitorPage();
    ann.send(batch(say('one'), { kind: 'chat.close' }, say('two')));
    await ann.rest();
    const last = await world.store.openChatOf(SITE, ann.visitor);
    const page = await world.store.history(SITE, ann.visitor, null, 20);
    const first = page.items[0]?.chat ?? '';
    const back = await world.page({ access: ann.access, epoch: world.store.epoch, cursors: { [first]: 2 } });
    const frames = (await back.rest()).flatMap((frame) => (frame.t === 'evt' ? [[frame.number, frame.event.seq, frame.event.kind]] : []));
    expect(frames).toEqual([
      [1, 3, 'chat.closed'],
      [2, 1, 'chat.started'],
      [2, 2, 'message.added'],
    ]);
    expect(back.welcome.chat?.id).toBe(last?.summary.id);
  });

  it('[SE.resume] says how far earlier chats were read, perhaps by another page', async () => {
    const ann = await visitorPage();
    ann.send(batch(say('one'), { kind: 'chat.close' }, say('two')));
    await ann.rest();
    const [earlier, current] = (await world.store.chatsOf(SITE, ann.visitor)).map(({ summary }) => summary.id);
    await world.store.transact([], (tx) => tx.markRead(SITE, earlier ?? '', 'visitor', 2));
    const back = await world.page({ access: ann.access, epoch: world.store.epoch, cursors: { [earlier ?? '']: 3, [current ?? '']: 2 } });
    expect((await back.rest()).filter((frame) => frame.t === 'read')).toEqual([{ t: 'read', chat: earlier, visitor: 2, operator: 0 }]);
  });

  it('[SE.resume] starts over for another epoch, a foreign chat or too big a gap', async () => {
    const ann = await visitorPage();
    const bob = await visitorPage();
    bob.send(batch(START));
    const bobs = (await bob.next('ack')).result.chat ?? '';
    for (let i = 0; i < 11; i += 1) ann.send(batch(...Array.from({ length: 20 }, () => say('x'))));
    await ann.rest();
    const chat = (await world.store.openChatOf(SITE, ann.visitor))?.summary.id ?? '';
    const { epoch } = world.store;
    const tries = [
      { epoch: 'another', cursors: { [chat]: 221 } },
      { epoch, cursors: { [bobs]: 1 } },
      { epoch, cursors: { [chat]: 20 } },
      { epoch, cursors: { [chat]: 999 } },
    ];
    for (const change of tries) {
      const back = await world.page({ access: ann.access, ...change });
      expect(back.welcome).toMatchObject({ resumed: false, chat: { id: chat, lastSeq: 221 }, history: { hasOlder: true } });
      await back.close();
    }
    expect((await world.page({ access: ann.access, epoch, cursors: { [chat]: 21 } })).welcome.resumed).toBe(true);
  });

  it('fills a hole, and history goes further back', async () => {
    const ann = await visitorPage();
    ann.send(batch(...Array.from({ length: 20 }, (_, i) => say(`m${i}`))));
    await ann.rest();
    const chat = (await world.store.openChatOf(SITE, ann.visitor))?.summary.id ?? '';
    ann.send({ t: 'sync', chat, after: 18 });
    expect(eventsIn(await ann.rest()).map((event) => event.seq)).toEqual([19, 20, 21]);
    ann.send({ t: 'history', n: 7, before: { chat, seq: 5 } });
    const { n, page } = await ann.next('history');
    expect([n, page.items.map((item) => item.text), page.hasOlder]).toEqual([7, ['m0', 'm1', 'm2'], false]);
  });
});

describe('registers', () => {
  it('say when an operator comes online, of the chat’s group while in a chat', async () => {
    const support = await world.workplace(await world.addOperator('Sue', [SITE], [`${SITE}/support`]));
    const ann = await visitorPage();
    expect(ann.welcome.register.isAvailable).toBe(false);
    support.send({ t: 'online', value: true });
    expect(await support.next('self')).toEqual({ t: 'self', isOnline: true });
    expect((await ann.next('register')).register.isAvailable).toBe(true);
    ann.send(batch({ kind: 'chat.start', group: 'sales' }));
    expect((await ann.next('register')).register.isAvailable).toBe(false);
    const sales = await world.workplace(olga);
    sales.send({ t: 'online', value: true });
    expect((await ann.next('register')).register.isAvailable).toBe(true);
    await sales.close();
    world.clock.advance(world.limits.timing.presenceGraceMs);
    expect((await ann.next('register')).register.isAvailable).toBe(false);
  });

  it('[VI.team] name three of the operators who are online for the site, and none where the site hides them', async () => {
    const ann = await visitorPage();
    expect(ann.welcome.register.team).toEqual({ faces: [], answerMinutes: null });
    const names = async () => (await ann.next('register')).register.team?.faces.map(({ name }) => name);
    const work = async (name: string, site = SITE) => {
      const workplace = await world.workplace(await world.addOperator(name, [site]));
      workplace.send({ t: 'online', value: true });
      await workplace.next('self');
      return workplace;
    };
    await work('Foreigner', OTHER_SITE);
    const eva = await work('Eva');
    expect(await names()).toEqual(['Eva']);
    await work('Tom');
    expect(await names()).toEqual(['Eva', 'Tom']);
    await work('Mia');
    expect(await names()).toEqual(['Eva', 'Tom', 'Mia']);
    await work('Zoe');
    eva.send({ t: 'online', value: false });
    expect(await names()).toEqual(['Tom', 'Mia', 'Zoe']);

    const shy = await createGatewayWorld({ settings: { chat: { is_team_shown: false } } });
    const olga = await shy.workplace(await shy.addOperator('Olga', [SITE]));
    olga.send({ t: 'online', value: true });
    await olga.next('self');
    expect((await shy.page()).welcome.register).toMatchObject({ isAvailable: true, team: { faces: [] } });
    await shy.close();
  });

  it('[OR.1] say who is there before the event that begins or ends a chat in a group', async () => {
    const support = await world.workplace(await world.addOperator('Sue', [SITE], [`${SITE}/support`]));
    support.send({ t: 'online', value: true });
    await support.next('self');
    const ann = await visitorPage();
    const other = await world.page({ access: ann.access });
    await Promise.all([ann.rest(), other.rest()]);
    const told = (frames: VisitorServerFrame[]): unknown[] =>
      frames.flatMap<unknown>((frame) =>
        frame.t === 'register' ? [frame.register.isAvailable] : frame.t === 'evt' ? [frame.event.kind] : frame.t === 'ack' ? ['ack'] : [],
      );
    for (const begin of [
      { kind: 'chat.start', group: 'sales' },
      { kind: 'message.send', text: 'Hi', group: 'sales' },
    ] as const) {
      const begun = begin.kind === 'chat.start' ? ['chat.started'] : ['chat.started', 'message.added'];
      ann.send(batch(begin));
      expect(told(await ann.rest())).toEqual([false, ...begun, 'ack']);
      ann.send(batch({ kind: 'chat.close' }));
      expect(told(await ann.rest())).toEqual([true, 'chat.closed', 'ack']);
      expect(told(await other.rest())).toEqual([false, ...begun, true, 'chat.closed']);
    }
  });

  it('[OR.2] keep an invitation until its chat has begun', async () => {
    const support = await world.workplace(await world.addOperator('Sue', [SITE], [`${SITE}/support`]));
    support.send({ t: 'online', value: true });
    await support.next('self');
    const ann = await visitorPage();
    support.send(operatorBatch({ kind: 'visitor.invite', visitor: ann.visitor, text: 'Hi' }));
    await support.next('ack');
    await ann.rest();
    ann.send(batch({ kind: 'chat.start', group: 'sales' }));
    const frames = await ann.rest();
    const told = frames.flatMap<unknown>((frame) =>
      frame.t === 'register' ? [frame.register] : frame.t === 'evt' ? [frame.event.kind] : [],
    );
    expect(told).toEqual([
      expect.objectContaining({ isAvailable: false, invite: expect.objectContaining({ text: 'Hi' }) }),
      'chat.started',
      'message.added',
      'operator.joined',
      expect.objectContaining({ isAvailable: false, invite: null }),
    ]);
  });

  it('say on all pages what the card lacks', async () => {
    const fields = [
      { name: 'name', is_required: true },
      { name: 'email', is_required: true },
      { name: 'phone', is_required: false },
    ] as const;
    const strict = await createGatewayWorld({ settings: { chat: { fields: [...fields] } } });
    const { access } = await strict.enter();
    const [a, b] = [await strict.page({ access }), await strict.page({ access })];
    expect(a.welcome.register).toMatchObject({ card: {}, requiredInfo: ['name', 'email'] });
    a.send(batch({ kind: 'card.set', card: { name: 'Ann' } }));
    for (const page of [a, b])
      expect((await page.next('register')).register).toMatchObject({ card: { name: 'Ann' }, requiredInfo: ['email'] });
    await strict.close();
  });

  it('tell the other pages and the operator how far was read', async () => {
    const work = await world.workplace(olga);
    const ann = await visitorPage();
    const other = await world.page({ access: ann.access });
    ann.send(batch(say('Hi')));
    const chat = (await ann.next('ack')).result.chat ?? '';
    work.send({ t: 'watch', visitor: ann.visitor });
    await work.next('opened');
    ann.send(batch({ kind: 'messages.read', chat, seq: 2 }));
    const told = { t: 'read', chat, visitor: 2, operator: 0 };
    expect([await other.next('read'), await work.next('read')]).toEqual([told, told]);
  });
});

describe('the workplace', () => {
  it('shows sites, groups, operators, visitors and requests', async () => {
    const ann = await visitorPage();
    ann.send(batch(say('Hi'), { kind: 'request.send', request: { message: 'Call me' } }));
    await ann.rest();
    const { welcome } = await world.workplace(await world.addOperator('Sue', [SITE]));
    expect(welcome).toMatchObject({
      operator: { card: { name: 'Sue' }, isOnline: false },
      sites: [{ key: SITE, isTypingPreview: true, isRating: true, repeatSeconds: 30 }],
      groups: [{ site: SITE, id: 'sales', name: 'Sales' }],
      visitors: [{ id: ann.visitor, presence: 'waiting', lastText: 'Hi', unread: 1 }],
      requests: [{ request: { message: 'Call me' }, isDone: false }],
    });
    expect(welcome.operators.map((operator) => operator.name).sort()).toEqual(['Olga', 'Sue']);
  });

  it('opens a visitor and goes on with what happens, each thing once', async () => {
    const work = await world.workplace(olga);
    const ann = await visitorPage();
    for (let round = 0; round < 5; round += 1) {
      ann.send(batch(...Array.from({ length: 10 }, (_, i) => say(`${round}.${i}`))));
      work.send({ t: 'watch', visitor: ann.visitor });
      const opened = await work.next('opened');
      await ann.rest();
      const last = (await world.store.openChatOf(SITE, ann.visitor))?.summary.lastSeq ?? 0;
      const frames = await work.rest();
      const seqs = frames
        .flatMap((frame) => (frame.t === 'evt' ? [frame.event.seq] : []))
        .filter((seq) => seq > (opened.chat?.lastSeq ?? 0));
      expect(seqs).toEqual(Array.from({ length: last - (opened.chat?.lastSeq ?? 0) }, (_, i) => i + (opened.chat?.lastSeq ?? 0) + 1));
    }
  });

  it('goes on after a cut where it was', async () => {
    const ann = await visitorPage();
    ann.send(batch(say('one'), say('two')));
    await ann.rest();
    const chat = (await world.store.openChatOf(SITE, ann.visitor))?.summary.id ?? '';
    const work = await world.workplace(olga, { epoch: world.store.epoch, watching: [{ visitor: ann.visitor, cursors: { [chat]: 2 } }] });
    const frames = await work.rest();
    expect(frames.map((frame) => frame.t)).toEqual(['evt', 'card', 'properties', 'read', 'draft']);
    expect(frames[0]).toMatchObject({ event: { seq: 3, text: 'two' }, number: 1, visitor: ann.visitor });
  });

  it('[FF.D8] [OP.properties] sees what a page tells of its visitor, stored once the visitor acts', async () => {
    const work = await world.workplace(olga);
    const page = await world.page();
    page.send({
      t: 'properties',
      changes: [
        ['plan', 'free'],
        ['customer', '7'],
        ['', 'nameless'],
        ['two\nlines', '\u202ex\ny'],
      ],
    });
    await page.rest();
    const { id } = world.inbox.items(new Set([SITE]))[0]!;
    work.send({ t: 'watch', visitor: id });
    const known = [
      ['plan', 'free'],
      ['customer', '7'],
      ['two lines', 'x y'],
    ];
    expect(await work.next('opened')).toMatchObject({ visitor: id, properties: known });
    page.send({ t: 'properties', changes: [['plan', 'pro']] });
    expect(await work.next('properties')).toEqual({ t: 'properties', visitor: id, properties: [...known.slice(1), ['plan', 'pro']] });
    // Told again it is nothing new, and nothing is stored of somebody who has not acted.
    page.send({ t: 'properties', changes: [['plan', 'pro']] });
    await page.rest();
    expect((await work.rest()).filter(({ t }) => t === 'properties')).toEqual([]);

    const ann = await visitorPage();
    ann.send({
      t: 'properties',
      changes: [
        ['basket', '3'],
        ['plan', null],
      ],
    });
    await ann.rest();
    expect((await world.store.visitor(SITE, ann.visitor))?.properties).toEqual([['basket', '3']]);
    const elsewhere = { ...ann, ...(await world.page({ access: ann.access })) };
    elsewhere.send({
      t: 'properties',
      changes: [
        ['basket', null],
        ['seen', '1'],
      ],
    });
    await elsewhere.rest();
    work.send({ t: 'watch', visitor: ann.visitor });
    expect(await work.next('opened')).toMatchObject({ visitor: ann.visitor, properties: [['seen', '1']] });
  });

  it('[VI.lang] tells the settings in the language of the page, and anew when that changes', async () => {
    const ann = await visitorPage();
    const german = await world.page({ access: ann.access, language: 'de-AT' as never });
    expect(german.welcome.settings).toMatchObject({ language: 'de', chat: { title: 'Chatten Sie mit uns' } });
    await german.rest();
    expect((await world.store.visitor(SITE, ann.visitor))?.language).toBe('de');
    german.send({ t: 'language', language: 'fr' });
    expect((await german.next('settings')).settings).toMatchObject({ language: 'fr', chat: { title: 'Discutez avec nous' } });
    // The same again, and one of a newer frame, say nothing new.
    german.send({ t: 'language', language: 'fr' });
    german.send({ t: 'language', language: 'xx' as never });
    expect(await german.rest()).toEqual([]);
    expect((await world.store.visitor(SITE, ann.visitor))?.language).toBe('fr');
    // A frame of an earlier build.
    const older = await world.page({ access: ann.access });
    expect(older.welcome.settings.language).toBe('en');
    expect((await world.store.visitor(SITE, ann.visitor))?.language).toBe('fr');
  });

  it('[VI.lang] stores nothing of the language of somebody who has not acted, and knows it for the page', async () => {
    const page = await world.page({ language: 'pl' });
    page.send({ t: 'language', language: 'uk' });
    await page.next('settings');
    const [item] = world.inbox.items(new Set([SITE]));
    expect(world.inbox.languageOf(item!.id)).toBe('uk');
  });

  it.each([
    ['no text', 5],
    ['a long text', 'de'.repeat(20)],
  ])('[VI.lang] refuses a language that is %s', async (_what, language) => {
    const page = await world.page();
    page.send({ t: 'language', language } as never);
    expect(await page.closed).toBe(4400);
  });

  it.each([
    ['more than fifty', Array.from({ length: 51 }, (_, n) => ['n' + n, 'x'])],
    ['a name too long', [['n'.repeat(65), 'x']]],
    ['a value too long', [['n', 'x'.repeat(1001)]]],
    ['no text', [['n', 5]]],
    ['no pairs', ['n']],
  ])('[FF.D8] refuses properties that no page of ours would send: %s', async (_what, changes) => {
    const page = await world.page();
    page.send({ t: 'properties', changes } as never);
    expect(await page.closed).toBe(4400);
  });

  it('[RO.one] talks with the visitor, who sees the operator typing', async () => {
    const work = await world.workplace(olga);
    const ann = await visitorPage();
    ann.send(batch(START));
    const chat = (await ann.next('ack')).result.chat ?? '';
    work.send({ t: 'typing', chat });
    work.send(operatorBatch({ kind: 'chat.join', chat }, { kind: 'message.send', chat, text: 'Hello' }));
    await work.next('ack');
    await work.next('ack');
    expect((await ann.rest()).map((frame) => (frame.t === 'evt' ? frame.event.kind : frame.t))).toEqual([
      'chat.started',
      'operator.joined',
      'message.added',
    ]);
    work.send({ t: 'typing', chat });
    expect(await ann.next('typing')).toEqual({ t: 'typing', name: 'Olga' });
  });

  it('shows a draft without card numbers, until it is sent or ten seconds old', async () => {
    const work = await world.workplace(olga);
    const ann = await visitorPage();
    work.send({ t: 'watch', visitor: ann.visitor });
    await work.next('opened');
    const draft = async () => (await work.next('draft')).text;
    ann.send({ t: 'typing', text: 'my card is 4111 1111 1111 1111' });
    expect(await draft()).toBe('my card is •••• •••• •••• ••••');
    ann.send(batch(say('no, rather not')));
    expect(await draft()).toBe('');
    world.clock.advance(1000);
    ann.send({ t: 'typing', text: 'hm' });
    expect(await draft()).toBe('hm');
    world.clock.advance(10_000);
    expect(await draft()).toBe('');
  });

  it('of a site that has switched previews off reaches nobody', async () => {
    const quiet = await createGatewayWorld({ settings: { chat: { is_typing_preview: false } } });
    const work = await quiet.workplace(await quiet.addOperator('Olga'));
    const { access, visitor } = await quiet.enter();
    const page = await quiet.page({ access });
    work.send({ t: 'watch', visitor });
    await work.next('opened');
    page.send({ t: 'typing', text: 'secret' });
    await page.rest();
    expect((await work.rest()).filter((frame) => frame.t === 'draft')).toEqual([]);
    await quiet.close();
  });

  it('learns who else is online', async () => {
    const work = await world.workplace(olga);
    const otto = await world.addOperator('Otto');
    await world.gateway.siteChanged();
    expect((await work.next('operators')).operators).toContainEqual({
      id: otto.id,
      name: 'Otto',
      isOnline: false,
      sites: [OTHER_SITE, SITE],
    });
    const other = await world.workplace(otto);
    other.send({ t: 'online', value: true });
    expect((await work.next('operators')).operators).toContainEqual({
      id: otto.id,
      name: 'Otto',
      isOnline: true,
      sites: [OTHER_SITE, SITE],
    });
  });

  it('stays online over a cut of the line', async () => {
    const work = await world.workplace(olga);
    work.send({ t: 'online', value: true });
    await work.next('self');
    work.ws.terminate();
    await work.closed;
    const again = await world.workplace(olga);
    expect(again.welcome.operator.isOnline).toBe(true);
  });
});

describe('changes and the end', () => {
  it('closes the sockets of a session at once, and no others', async () => {
    const work = await world.workplace(olga);
    const ann = await visitorPage();
    const bob = await visitorPage();
    work.send({ t: 'online', value: true });
    await work.next('self');
    world.gateway.revoke(ann.session);
    world.gateway.revoke(work.session);
    expect([await ann.closed, await work.closed]).toEqual([CLOSE.unauthorized, CLOSE.unauthorized]);
    await bob.rest();
    expect(world.inbox.isOnline(olga.id)).toBe(false);
  });

  it('closes sockets of a session that ran out within two seconds, and of no prolonged one', async () => {
    const endsIn = async (session: string, seconds: number) => {
      const stored = await world.store.session(session, world.clock.nowSeconds());
      if (stored === undefined) throw new Error('there is no such session');
      await world.store.transact([], (tx) => tx.saveSession({ ...stored, expiresAt: world.clock.nowSeconds() + seconds }));
    };
    const [anns, bobs, olgas] = [await world.enter(), await world.enter(), await world.signIn(olga)];
    for (const { session } of [anns, bobs, olgas]) await endsIn(session, 10);
    const [ann, bob, stranger] = [await world.page({ access: anns.access }), await world.page({ access: bobs.access }), await world.page()];
    const work = await world.openOperator({ origin: OPERATORS, cookie: olgas.cookie });
    work.send({ t: 'hello', v: PROTOCOL_VERSION, csrf: 'csrf', tab: randomUUID(), watching: [] });
    await work.next('welcome');
    await endsIn(bobs.session, 100);
    world.clock.advance(9_000);
    await Promise.all([ann.rest(), work.rest()]);
    world.clock.advance(2_000);
    expect([await ann.closed, await work.closed]).toEqual([CLOSE.unauthorized, CLOSE.unauthorized]);
    await Promise.all([bob.rest(), stranger.rest()]);
  });

  it('tells new settings to the pages of the site', async () => {
    const ann = await visitorPage();
    const site = await world.store.site(SITE);
    const settings = parseSettings({ chat: { title: 'Ask us', fields: [{ name: 'email', is_required: true }] } });
    await world.store.transact([], (tx) => tx.saveSite({ key: SITE, name: 'Shop', origins: site?.origins ?? [], settings }));
    await world.gateway.siteChanged();
    expect((await ann.next('settings')).settings.chat).toMatchObject({ title: 'Ask us', allowed_groups: [{ id: 'sales' }] });
    expect((await ann.next('register')).register.requiredInfo).toEqual(['email']);
    await world.gateway.siteChanged();
    expect(await ann.rest()).toEqual([]);
  });

  it('[C1] closes all pages of a site that is gone, with or without a visitor', async () => {
    const [ann, stranger] = [await visitorPage(), await world.page()];
    await world.store.transact([], (tx) => tx.removeSite(SITE));
    await world.gateway.siteChanged();
    expect([await ann.closed, await stranger.closed]).toEqual([CLOSE.siteClosed, CLOSE.siteClosed]);
  });

  it('[C1] closes a site’s pages with its last origin, admits none, and opens with a new origin', async () => {
    const site = await world.store.site(SITE);
    const origins = async (...list: string[]) => {
      await world.store.transact([], (tx) =>
        tx.saveSite({ key: SITE, name: 'Shop', origins: list, settings: site?.settings ?? parseSettings({}) }),
      );
      await world.gateway.siteChanged();
    };
    await origins('https://shop.example', 'https://second.example');
    const [ann, stranger] = [await visitorPage(), await world.page()];
    await origins('https://second.example');
    await Promise.all([ann.rest(), stranger.rest()]);
    await origins();
    expect([await ann.closed, await stranger.closed]).toEqual([CLOSE.siteClosed, CLOSE.siteClosed]);
    const late = await world.openVisitor();
    late.send(world.hello());
    expect(await late.closed).toBe(CLOSE.siteClosed);
    await origins('https://shop.example');
    expect((await world.page()).welcome.t).toBe('welcome');
  });

  it('[C1] closes the pages of a removed origin alone; the same visitor stays elsewhere', async () => {
    const site = await world.store.site(SITE);
    const origins = async (...list: string[]) => {
      await world.store.transact([], (tx) =>
        tx.saveSite({ key: SITE, name: 'Shop', origins: list, settings: site?.settings ?? parseSettings({}) }),
      );
      await world.gateway.siteChanged();
    };
    await origins('https://shop.example', 'https://second.example');
    const { access } = await world.enter();
    const shown = (embedder: string, change = {}) => world.page({ embedder, ...change });
    const [ann, annThere] = [await shown('https://shop.example', { access }), await shown('https://second.example', { access })];
    const [stranger, strangerThere] = [await shown('https://shop.example'), await shown('https://second.example')];
    const older = await world.page();
    await origins('https://shop.example');
    expect([await annThere.closed, await strangerThere.closed]).toEqual([CLOSE.siteClosed, CLOSE.siteClosed]);
    ann.send(batch(START));
    expect(await ann.next('ack')).toMatchObject({ dup: false });
    await Promise.all([stranger.rest(), older.rest()]);
    const late = await world.openVisitor();
    late.send(world.hello({ embedder: 'https://second.example', access }));
    expect(await late.closed).toBe(CLOSE.siteClosed);
    // Added a moment ago, by a command of which nobody has told us yet.
    await world.store.transact([], (tx) =>
      tx.saveSite({
        key: SITE,
        name: 'Shop',
        origins: ['https://shop.example', 'https://second.example'],
        settings: site?.settings ?? parseSettings({}),
      }),
    );
    expect((await shown('https://second.example', { access })).welcome.visitor).toBe(ann.welcome.visitor);
  });

  it('[D7] [C1] does not read all sites again for a page that names an unknown site or origin', async () => {
    let readings = 0;
    const { sites } = world.store;
    world.store.sites = () => {
      readings += 1;
      return sites();
    };
    const come = async (change: object) => {
      const client = await world.openVisitor();
      client.send(world.hello(change));
      return client.closed;
    };
    for (const change of [{ site: 'nowhere' }, { embedder: 'https://evil.example' }, { site: 'nowhere', embedder: 'https://shop.example' }])
      expect(await come(change)).toBe(CLOSE.siteClosed);
    expect(readings).toBe(0);
    await world.store.transact([], (tx) =>
      tx.saveSite({ key: 'fresh', name: 'Fresh', origins: ['https://fresh.example'], settings: parseSettings({}) }),
    );
    expect((await world.page({ site: 'fresh' })).welcome.t).toBe('welcome');
    expect(readings).toBe(1);
  });

  it('tells an erased visitor to forget, and closes a revoked operator', async () => {
    const work = await world.workplace(olga);
    const ann = await visitorPage();
    await world.store.transact([], async (tx) => {
      await tx.eraseVisitor(SITE, ann.visitor);
      await tx.saveOperator({ ...olga, isRevoked: true });
    });
    await world.gateway.siteChanged();
    expect(await ann.next('reset')).toEqual({ t: 'reset', reason: 'erased' });
    expect([await ann.closed, await work.closed]).toEqual([CLOSE.unauthorized, CLOSE.unauthorized]);
  });

  it('shows operators no more of a visitor who was erased, with or without an open page', async () => {
    const work = await world.workplace(olga);
    const [ann, bob] = [await visitorPage(), await visitorPage()];
    for (const page of [ann, bob]) {
      page.send(batch(START));
      await page.next('ack');
    }
    await bob.close();
    await work.rest();
    for (const { visitor } of [ann, bob]) await world.store.transact([], (tx) => tx.eraseVisitor(SITE, visitor));
    await world.gateway.siteChanged();
    await ann.closed;
    const gone = (await work.rest()).flatMap((frame) => (frame.t === 'gone' ? [frame.id] : []));
    expect(gone.sort()).toEqual([ann.visitor, bob.visitor].sort());
    world.clock.advance(60_000);
    expect(world.inbox.items(new Set([SITE]))).toEqual([]);
  });

  it('pings, and drops a silent client', async () => {
    const { pingMs, dropMs } = world.limits.timing;
    const [lively, silent] = [await world.page(), await world.page()];
    for (let passed = 0; passed < dropMs + pingMs; passed += pingMs) {
      world.clock.advance(pingMs);
      await lively.next('ping');
      lively.send({ t: 'pong' });
      await lively.rest();
    }
    expect(await silent.closed).toBe(1006);
  });

  it('ends while everybody goes on sending: every acknowledged message is stored once', async () => {
    const pages = await Promise.all(Array.from({ length: 8 }, () => visitorPage()));
    const answers = new Map<string, Extract<VisitorServerFrame, { t: 'ack' | 'nack' }>[]>();
    for (const { ws } of pages) {
      ws.on('message', (data) => {
        const frame = parseServerFrame<VisitorServerFrame>(String(data));
        if (frame?.t === 'ack' || frame?.t === 'nack') answers.set(frame.uid, [...(answers.get(frame.uid) ?? []), frame]);
      });
    }
    // The clock goes no further than to the step before it would end the drain: what ends then has ended by itself.
    let untilMs = Infinity;
    const flood = setInterval(() => {
      for (const { ws, send } of pages)
        if (ws.readyState === ws.OPEN && ws.bufferedAmount < 50_000) for (let i = 0; i < 10; i += 1) send(batch(say('more')));
      if (world.clock.nowMs() + 20 < untilMs) world.clock.advance(20);
    }, 1);
    while (answers.size < 200) await new Promise((resolve) => setImmediate(resolve));
    untilMs = world.clock.nowMs() + world.limits.timing.drainMs;
    await world.gateway.goaway();
    clearInterval(flood);
    expect(await Promise.all(pages.map(({ closed }) => closed))).toEqual(pages.map(() => CLOSE.restart));
    const stored = new Map<string, string[]>();
    for (const { visitor } of pages) {
      const chat = (await world.store.openChatOf(SITE, visitor))?.summary.id ?? '';
      const events = await world.store.eventsAfter(SITE, chat, 0, 1_000_000);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
      for (const { uid, message_id } of events) if (uid !== null) stored.set(uid, [...(stored.get(uid) ?? []), message_id]);
    }
    for (const [uid, told] of answers)
      expect(told.map((frame) => (frame.t === 'ack' ? frame.result.message_id : frame))).toEqual(stored.get(uid));
  });

  it('says goodbye, runs what was sent, closes with "restart" and admits nobody', async () => {
    const ann = await visitorPage();
    ann.send(batch(...Array.from({ length: 20 }, (_, i) => say(`m${i}`))));
    await ann.next('ack');
    const gone = world.gateway.goaway();
    expect(await ann.next('goaway')).toMatchObject({ t: 'goaway' });
    expect(await ann.closed).toBe(CLOSE.restart);
    await gone;
    expect(await upgradeStatus('/socket', CHAT)).toBe(503);
    expect((await world.store.openChatOf(SITE, ann.visitor))?.summary.lastSeq).toBe(21);
  });
});

describe('what a stranger says of themselves', () => {
  const TURNING = '\u202e\u2066\u200f\u061c';
  const items = async (page: { url: string; title: string }) => {
    const desk = await world.workplace(olga);
    const visitor = await world.page({ page });
    const first = (await desk.next('visitor')).item.page;
    visitor.send({ t: 'page', page: { url: `${page.url}/next`, title: `${page.title}!` }, isInvitable: true });
    return [first, (await desk.next('visitor')).item.page];
  };

  it('[FF.C10] operators get the address of a page only if it belongs to the site', async () => {
    expect(await items({ url: 'https://shop.example/cart', title: 'Cart' })).toEqual([
      { url: 'https://shop.example/cart', title: 'Cart' },
      { url: 'https://shop.example/cart/next', title: 'Cart!' },
    ]);
  });

  it.each([
    'https://phish.example/login',
    'http://shop.example',
    'https://shop.example.evil.example',
    'https://shop.example@evil.example',
    'https://shop.example:444',
    'file:///etc/passwd',
    'shop.example',
    '',
  ])('[FF.C10] operators get the title alone of a page that says to be at %s', async (url) =>
    expect((await items({ url, title: 'Sign in' })).map((page) => page)).toEqual([
      { url: '', title: 'Sign in' },
      { url: '', title: 'Sign in!' },
    ]),
  );

  it('[FF.C12] [OP.groups] an operator of another group may open, join and answer a chat', async () => {
    for (const id of ['sales', 'support']) await world.store.transact([], (tx) => tx.saveGroup({ site: SITE, id, name: id }));
    const sam = await world.addOperator('Sam', [], [`${SITE}/sales`]);
    const desk = await world.workplace(sam);
    const visitor = await visitorPage();
    visitor.send(batch({ kind: 'chat.start', group: 'support' }, say('Help')));
    await visitor.next('ack');
    const chat = (await visitor.next('evt')).event.chat;
    desk.send({ t: 'watch', visitor: visitor.visitor });
    expect((await desk.next('opened')).chat).toMatchObject({ id: chat, group: 'support' });
    desk.send(operatorBatch({ kind: 'chat.join', chat }, { kind: 'message.send', chat, text: 'Hello' }));
    expect((await desk.next('ack')).t).toBe('ack');
    await visitor.rest();
    expect((await world.store.chat(SITE, chat))?.summary.operator?.id).toBe(sam.id);
  });

  it('[FF.C11] [OP.plain] names and titles have no direction marks and stand on one line', async () => {
    expect((await items({ url: 'https://shop.example', title: `${TURNING}pohs//:sptth\n\u2028 now` }))[0]?.title).toBe('pohs//:sptth now');
    const desk = await world.workplace(olga);
    const visitor = await visitorPage();
    visitor.send(batch({ kind: 'card.set', card: { name: `A${TURNING}nn\r\neve`, email: `${TURNING}a@b.example`, phone: '1\u20282' } }));
    await visitor.next('ack');
    const cards = (await desk.rest()).flatMap((frame) => (frame.t === 'visitor' ? [frame.item.card] : []));
    expect(cards.at(-1)).toEqual({ name: 'Ann eve', email: ['a@b.example'], phone: ['1 2'] });
    visitor.send(batch({ kind: 'request.send', request: { name: `${TURNING}Bo\tb`, email: 'b\u202e@b.example', message: 'two\nlines' } }));
    expect((await desk.next('request')).item.request).toEqual({ name: 'Bo b', email: 'b@b.example', message: 'two\nlines' });
  });

  it('[FF.C8] a card with an invalid mail address is refused whole', async () => {
    const visitor = await visitorPage();
    visitor.send(batch({ kind: 'card.set', card: { name: 'Ann', email: 'ann at shop' } }));
    expect(await visitor.next('nack')).toMatchObject({ code: 'invalid_argument' });
    expect((await world.store.visitor(SITE, visitor.visitor))?.card).toEqual({});
    visitor.send(batch({ kind: 'card.set', card: { email: 'ü@münchen.example' } }));
    await visitor.next('ack');
    expect((await world.store.visitor(SITE, visitor.visitor))?.card).toEqual({ email: ['ü@münchen.example'] });
  });

  it('[FF.C8] [OP.card] an operator corrects a card value by value, and all who see it hear it', async () => {
    const visitor = await visitorPage();
    visitor.send(batch({ kind: 'card.set', card: { name: 'An', email: 'a@b.example', phone: '123' } }));
    await visitor.next('ack');
    const desk = await world.workplace(olga);
    const correct = async (...corrections: CardCorrection[]) => {
      desk.send(operatorBatch({ kind: 'card.correct', visitor: visitor.visitor, corrections }));
      await desk.next('ack');
      return (await world.store.visitor(SITE, visitor.visitor))?.card;
    };
    await visitor.rest();
    expect(
      await correct(
        { field: 'name', from: 'An', to: 'Ann' },
        { field: 'email', from: 'a@b.example', to: 'ann@b.example' },
        { field: 'phone', from: '123', to: null },
      ),
    ).toEqual({ name: 'Ann', email: ['ann@b.example'] });
    expect((await visitor.next('register')).register.card).toEqual({ name: 'Ann', email: ['ann@b.example'] });
    // Changed by the visitor meanwhile, or already there: nothing is lost and nothing doubled.
    expect(await correct({ field: 'name', from: 'An', to: 'Anna' }, { field: 'email', from: null, to: 'ann@b.example' })).toEqual({
      name: 'Ann',
      email: ['ann@b.example'],
    });
    desk.send(
      operatorBatch({ kind: 'card.correct', visitor: visitor.visitor, corrections: [{ field: 'email', from: null, to: 'nonsense' }] }),
    );
    expect((await desk.next('nack')).code).toBe('invalid_argument');
    const elsewhere = await world.workplace(await world.addOperator('Eve', [OTHER_SITE]));
    elsewhere.send(
      operatorBatch({ kind: 'card.correct', visitor: visitor.visitor, corrections: [{ field: 'name', from: 'Ann', to: 'Eve' }] }),
    );
    expect((await elsewhere.next('nack')).code).toBe('not_found');
  });
});
