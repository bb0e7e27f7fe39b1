/** Operators and visitors who vanish: the whole server but for its network, with a clock whose hands the test turns. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SettingsInput } from '../../shared/settings.ts';
import { RETURN_MS } from '../room/absence.ts';
import { createInbox } from '../presence/inbox.ts';
import { OTHER_SITE, SITE, chatOf, createWorld, sessionOf, verdict, type WorldOptions } from '../testing/room-world.ts';
import type { Operator } from '../store/operators.ts';
import { createJobs } from './jobs.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const QUIET: SettingsInput['chat'] = {
  retention: {
    messages: [{ timeout: 20, text: 'one' }],
    alternate_communication_way_timeout: 10,
    alternate_communication_way: 'sitephone',
  },
};
const START = { kind: 'chat.start', group: null } as const;
const GRACE = 3;

async function createAbsentWorld(options: WorldOptions = {}) {
  const world = await createWorld({
    ...options,
    settings: { chat: QUIET, ...options.settings },
    limits: { timing: { presenceGraceMs: GRACE * 1000 } },
  });
  const inbox = await createInbox(world);
  const nothing = () => Promise.resolve();
  const jobs = createJobs({
    ...world,
    inbox,
    mailer: { transcript: nothing, tidy: nothing },
    files: { discard: nothing, check: () => Promise.resolve(undefined) },
  });
  let isClosed = false;
  const close = async (keep: 'keep' | 'remove' = 'remove') => {
    if (isClosed) return;
    isClosed = true;
    inbox.close();
    await jobs.close();
    await world.close(keep);
  };
  open.push(() => close());
  const settle = async () => {
    for (let i = 0; i < 4; i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await jobs.idle();
    }
  };
  const pass = async (seconds: number) => {
    await settle();
    world.clock.advance(seconds * 1000);
    for (let i = 0; i < 3; i += 1) {
      await settle();
      world.clock.advance(0);
    }
    await settle();
  };
  /** What the gateway does when the admin command has changed something. */
  const changed = async () => {
    inbox.refreshOperators((await world.store.operators()).filter((operator) => !operator.isRevoked));
    await settle();
  };
  const here = (visitor: string, conn = `page of ${visitor}`) =>
    inbox.pageOpened(
      { id: visitor, site: SITE, isAnonymous: false, card: {}, properties: [], invite: null, chat: null },
      { conn, tab: conn, page: { url: 'https://shop.example/', title: 'Shop' }, isInvitable: true },
    );
  const line = (visitor: string) => inbox.item(visitor);
  await settle();
  return { ...world, inbox, jobs, settle, pass, changed, here, line, close };
}

type AbsentWorld = Awaited<ReturnType<typeof createAbsentWorld>>;

/** A chat of Ann's, who is on the site, with Olga, who is connected by `conn`. */
async function createTalk(options: WorldOptions = {}) {
  const world = await createAbsentWorld(options);
  const ann = await world.addVisitor();
  const olga = await world.addOperator('Olga');
  world.here(ann);
  world.inbox.operatorConnected(olga, 'conn');
  world.inbox.setOnline(olga.id, true);
  const chat = chatOf(await world.visitor(ann, START));
  await world.operator(olga, { kind: 'chat.join', chat });
  await world.settle();
  return { ...world, ann, olga, chat };
}

const TALKING = ['chat.started', 'operator.joined'];
const RELEASED = [...TALKING, 'operator.left'];

async function whyOf(world: AbsentWorld, chat: string): Promise<(string | undefined)[]> {
  return (await world.eventsOf(chat)).flatMap((event) => (event.kind === 'operator.left' ? [event.why] : []));
}

/** Signed out everywhere, without anybody having told. */
const endSessions = (world: AbsentWorld, { id }: Operator) => world.store.transact([], (tx) => tx.removeSessionsOf({ operator: id }));

describe('an operator who vanishes', () => {
  it('[OP.lost] [FF.C1] an absent operator loses the chat after the set time; the visitor waits anew, with texts and offer', async () => {
    const world = await createTalk();
    world.inbox.operatorClosed(world.olga.id, 'conn', false);
    await world.pass(59);
    expect(await world.story(world.ann)).toEqual(TALKING);
    expect(world.line(world.ann)).toMatchObject({ presence: 'in_chat', operator: { id: world.olga.id, isAway: true } });
    await world.pass(1);
    expect(await world.story(world.ann)).toEqual(RELEASED);
    expect(await whyOf(world, world.chat)).toEqual(['lost']);
    expect(world.line(world.ann)).toMatchObject({ presence: 'waiting', operator: null, since: world.clock.nowSeconds() });
    await world.pass(20);
    await world.pass(10);
    expect(await world.story(world.ann)).toEqual([...RELEASED, 'bot: one', 'retention.offered']);
    expect((await world.store.openChatOf(SITE, world.ann))?.summary).toMatchObject({ isAnswered: false, retention: 'sitephone' });
  });

  it('[FF.C1] keeps the chat while one of two windows is open, and after a short cut of the line', async () => {
    const world = await createTalk();
    world.inbox.operatorConnected(world.olga, 'second');
    world.inbox.operatorClosed(world.olga.id, 'conn', false);
    await world.pass(600);
    world.inbox.operatorClosed(world.olga.id, 'second', false);
    await world.pass(GRACE - 1);
    expect(world.line(world.ann)?.operator).toEqual({ id: world.olga.id, name: 'Olga' });
    await world.pass(30);
    world.inbox.operatorConnected(world.olga, 'third');
    await world.pass(600);
    expect(await world.story(world.ann)).toEqual(TALKING);
    expect(await world.store.jobs('away')).toEqual([]);
    expect(world.line(world.ann)?.operator).toEqual({ id: world.olga.id, name: 'Olga' });
  });

  it('[FF.C1] keeps the chats they have when they only switch themselves offline', async () => {
    const world = await createTalk();
    world.inbox.setOnline(world.olga.id, false);
    await world.pass(600);
    expect(await world.story(world.ann)).toEqual(TALKING);
  });

  it('[FF.C1] is waited for as long as the site says', async () => {
    const world = await createTalk({ settings: { absence: { operator_seconds: 300 } } });
    world.inbox.operatorClosed(world.olga.id, 'conn', false);
    await world.pass(299);
    expect(await world.story(world.ann)).toEqual(TALKING);
    await world.pass(1);
    expect(await world.story(world.ann)).toEqual(RELEASED);
  });

  it('[FF.C1] loses all their chats, each once, and of a chat they had left before none', async () => {
    const world = await createTalk();
    const bea = await world.addVisitor();
    const second = chatOf(await world.visitor(bea, START));
    await world.operator(world.olga, { kind: 'chat.join', chat: second });
    await world.operator(world.olga, { kind: 'chat.leave', chat: world.chat });
    world.inbox.operatorClosed(world.olga.id, 'conn', false);
    await world.pass(60);
    await world.pass(60);
    expect(await whyOf(world, world.chat)).toEqual([undefined]);
    expect(await whyOf(world, second)).toEqual(['lost']);
  });

  const atOnce: [string, string, (world: Awaited<ReturnType<typeof createTalk>>) => Promise<unknown>][] = [
    ['signs out', 'signed_out', async ({ inbox, olga }) => inbox.operatorClosed(olga.id, 'conn', true)],
    [
      'signs out while the line is cut',
      'signed_out',
      async ({ inbox, olga }) => {
        inbox.operatorClosed(olga.id, 'conn', false);
        inbox.operatorSignedOut(olga.id);
      },
    ],
    [
      'is revoked',
      'removed',
      async (world) => {
        await world.store.transact([], (tx) => tx.saveOperator({ ...world.olga, isRevoked: true }));
        await world.changed();
      },
    ],
    [
      'is revoked while the line is cut',
      'removed',
      async (world) => {
        world.inbox.operatorClosed(world.olga.id, 'conn', false);
        await world.pass(10);
        await world.store.transact([], (tx) => tx.saveOperator({ ...world.olga, isRevoked: true }));
        await world.changed();
      },
    ],
    [
      'loses the site, connected as they are',
      'removed',
      async (world) => {
        await world.store.transact([], (tx) => tx.saveOperator({ ...world.olga, sites: [OTHER_SITE] }));
        await world.changed();
      },
    ],
    [
      'has a new password, which ended every session, while the line is cut',
      'signed_out',
      async (world) => {
        world.inbox.operatorClosed(world.olga.id, 'conn', false);
        await world.pass(10);
        await endSessions(world, world.olga);
        await world.changed();
      },
    ],
  ];
  for (const [what, why, act] of atOnce) {
    it(`[FF.C1] who ${what} loses the chat at once`, async () => {
      const world = await createTalk();
      await act(world);
      await world.settle();
      expect(await world.story(world.ann)).toEqual(RELEASED);
      expect(await whyOf(world, world.chat)).toEqual([why]);
      expect(await world.store.jobs('away')).toEqual([]);
    });
  }

  it('[FF.C1] whose session ends while nobody is there loses the chat then, however long the site would wait', async () => {
    const world = await createTalk({ settings: { absence: { operator_seconds: 86_400 } } });
    const session = {
      site: null,
      visitor: null,
      operator: world.olga.id,
      csrf: '',
      tokenHash: world.olga.id,
      id: sessionOf(world.olga.id),
    };
    await world.store.transact([], (tx) => tx.saveSession({ ...session, expiresAt: world.clock.nowSeconds() + 1_800 }));
    world.inbox.operatorClosed(world.olga.id, 'conn', false);
    await world.pass(1_799);
    expect(await world.story(world.ann)).toEqual(TALKING);
    await world.pass(1);
    expect(await whyOf(world, world.chat)).toEqual(['signed_out']);
  });

  it('[FF.C1] an operator who loses a chat’s group loses the chat, but keeps chats of groups never theirs', async () => {
    const world = await createAbsentWorld();
    const olga = await world.addOperator('Olga', [SITE], [`${SITE}/sales`]);
    world.inbox.operatorConnected(olga, 'conn');
    const ann = await world.addVisitor();
    const bea = await world.addVisitor();
    await world.store.transact([], (tx) => tx.saveGroup({ site: SITE, id: 'help', name: 'Help' }));
    const sales = chatOf(await world.visitor(ann, { kind: 'chat.start', group: 'sales' }));
    const help = chatOf(await world.visitor(bea, { kind: 'chat.start', group: 'help' }));
    for (const chat of [sales, help]) await world.operator(olga, { kind: 'chat.join', chat });
    await world.changed();
    await world.store.transact([], (tx) => tx.saveOperator({ ...olga, groups: [`${SITE}/other`] }));
    await world.changed();
    expect([await whyOf(world, sales), await whyOf(world, help)]).toEqual([['removed'], []]);
  });

  it('[FF.C1] is counted over a restart: the clock goes on where it was', async () => {
    const before = await createTalk();
    before.inbox.operatorClosed(before.olga.id, 'conn', false);
    await before.pass(20);
    await before.close('keep');
    before.clock.advance(10_000);
    const after = await createAbsentWorld({ file: before.file, clock: before.clock });
    expect(after.line(before.ann)?.operator).toMatchObject({ isAway: true });
    await after.pass(29);
    expect(await after.story(before.ann)).toEqual(TALKING);
    await after.pass(1);
    expect(await after.story(before.ann)).toEqual(RELEASED);
  });

  it('[FF.C1] after a crash with the operator connected, who does not come back: the time begins at the start', async () => {
    const before = await createTalk();
    await before.close('keep');
    const after = await createAbsentWorld({ file: before.file, clock: before.clock });
    expect((await after.store.jobs('away')).length).toBe(1);
    expect(after.line(before.ann)?.operator).toEqual({ id: before.olga.id, name: 'Olga' });
    await after.pass(RETURN_MS / 1000);
    expect(after.line(before.ann)?.operator).toMatchObject({ isAway: true });
    await after.pass(44);
    expect(await after.story(before.ann)).toEqual(TALKING);
    await after.pass(1);
    expect(await after.story(before.ann)).toEqual(RELEASED);
  });

  it('[FF.C1] whose time ran out while the server was down has a moment to come back', async () => {
    const before = await createTalk();
    before.inbox.operatorClosed(before.olga.id, 'conn', false);
    await before.pass(20);
    await before.close('keep');
    before.clock.advance(3_600_000);
    const after = await createAbsentWorld({ file: before.file, clock: before.clock });
    await after.pass(RETURN_MS / 1000 - 1);
    expect(await after.story(before.ann)).toEqual(TALKING);
    after.inbox.operatorConnected(before.olga, 'again');
    after.here(before.ann);
    await after.pass(3_600);
    expect(await after.story(before.ann)).toEqual(TALKING);
    expect(await after.store.jobs('away')).toEqual([]);
  });

  it('[FF.C1] an operator back at the last moment has kept the chat or lost it, and both sides hear the same', async () => {
    for (const order of ['first the return', 'first the job'] as const) {
      const world = await createTalk();
      world.inbox.operatorClosed(world.olga.id, 'conn', false);
      await world.pass(59);
      if (order === 'first the return') world.inbox.operatorConnected(world.olga, 'again');
      world.clock.advance(1_000);
      if (order === 'first the job') {
        await world.settle();
        world.inbox.operatorConnected(world.olga, 'again');
      }
      await world.pass(120);
      const isKept = order === 'first the return';
      expect(await world.story(world.ann)).toEqual(isKept ? TALKING : [...RELEASED, 'bot: one', 'retention.offered']);
      expect(world.line(world.ann)?.presence).toBe(isKept ? 'in_chat' : 'waiting');
      expect(verdict(await world.operator(world.olga, { kind: 'message.send', chat: world.chat, text: 'Hi' }))).toBe(
        isKept ? 'ack' : 'forbidden',
      );
      expect(await world.store.jobs('away')).toEqual([]);
    }
  });

  it('[FF.C1] can be rated all the same, and nobody who never came can', async () => {
    const world = await createTalk();
    world.inbox.operatorClosed(world.olga.id, 'conn', true);
    await world.settle();
    expect(verdict(await world.visitor(world.ann, { kind: 'rating.set', mark: 2 }))).toBe('ack');
    const bea = await world.addVisitor();
    await world.visitor(bea, START);
    expect(verdict(await world.visitor(bea, { kind: 'rating.set', mark: 2 }))).toBe('no_operator');
  });

  it('[FF.C1] who had invited somebody and is long gone when it is accepted keeps nobody waiting', async () => {
    const world = await createTalk();
    const bea = await world.addVisitor();
    world.here(bea);
    await world.operator(world.olga, { kind: 'visitor.invite', visitor: bea, text: 'Hello' });
    world.inbox.operatorClosed(world.olga.id, 'conn', false);
    await world.pass(120);
    await world.visitor(bea, { kind: 'invite.accept' });
    await world.settle();
    expect(await world.story(bea)).toEqual(['chat.started', 'operator: Hello', 'operator.joined', 'operator.left']);
    expect(world.line(bea)?.presence).toBe('waiting');
  });
});

describe('a chat that is taken over', () => {
  it('[OP.takeOver] [FF.C1] is one leaving and one joining, which say who took it from whom', async () => {
    const world = await createTalk();
    const otto = await world.addOperator('Otto');
    expect(verdict(await world.operator(otto, { kind: 'chat.take', chat: world.chat, from: world.olga.id }))).toBe('ack');
    const from = { id: world.olga.id, name: 'Olga' };
    expect((await world.eventsOf(world.chat)).slice(2)).toMatchObject([
      { kind: 'operator.left', operator: world.olga.id, why: 'takeover', name: 'Olga', author: { id: otto.id } },
      { kind: 'operator.joined', operator: otto.id, via: { kind: 'takeover', from } },
    ]);
    await world.settle();
    expect(world.line(world.ann)).toMatchObject({
      presence: 'in_chat',
      operator: { id: otto.id },
      arrival: { via: { kind: 'takeover', from } },
    });
    expect(verdict(await world.operator(world.olga, { kind: 'message.send', chat: world.chat, text: 'Hi' }))).toBe('forbidden');
  });

  it('[FF.C1] is taken from the named operator: of two who take it at once the second is refused', async () => {
    const world = await createTalk();
    const otto = await world.addOperator('Otto');
    const oda = await world.addOperator('Oda');
    const take = { kind: 'chat.take', chat: world.chat, from: world.olga.id } as const;
    const both = await Promise.all([otto, oda].map((who) => world.operator(who, take)));
    expect(both.map(verdict)).toEqual(['ack', 'already_taken']);
    expect((await world.store.openChatOf(SITE, world.ann))?.summary.operator?.id).toBe(otto.id);
  });

  it('[FF.C1] that nobody has any more is joined, and one’s own stays as it is', async () => {
    const world = await createTalk();
    const otto = await world.addOperator('Otto');
    await world.operator(world.olga, { kind: 'chat.leave', chat: world.chat });
    const take = { kind: 'chat.take', chat: world.chat, from: world.olga.id } as const;
    expect(verdict(await world.operator(otto, take))).toBe('ack');
    expect(verdict(await world.operator(otto, take))).toBe('ack');
    expect(await world.story(world.ann)).toEqual([...RELEASED, 'operator.joined']);
  });

  it('[FF.C1] ends the clock of the one who was away', async () => {
    const world = await createTalk();
    const otto = await world.addOperator('Otto');
    world.inbox.operatorConnected(otto, 'otto');
    world.inbox.operatorClosed(world.olga.id, 'conn', false);
    await world.pass(30);
    await world.operator(otto, { kind: 'chat.take', chat: world.chat, from: world.olga.id });
    await world.pass(600);
    expect(await world.story(world.ann)).toEqual([...RELEASED, 'operator.joined']);
    expect(await world.store.jobs('away')).toEqual([]);
  });
});

describe('a chat that came by a colleague or an invitation', () => {
  it('[OP.arrival] [FF.C3] says so until its operator has opened it', async () => {
    const world = await createTalk();
    const otto = await world.addOperator('Otto');
    await world.operator(world.olga, { kind: 'chat.transfer', chat: world.chat, operator: otto.id });
    await world.settle();
    const arrival = world.line(world.ann)?.arrival;
    expect(arrival).toMatchObject({ via: { kind: 'transfer', from: { id: world.olga.id, name: 'Olga' } } });
    await world.operator(otto, { kind: 'messages.read', chat: world.chat, seq: arrival?.seq ?? 0 });
    await world.settle();
    expect(world.line(world.ann)?.arrival).toBeUndefined();
  });

  it('[FF.C3] and still does after a restart', async () => {
    const before = await createTalk();
    const bea = await before.addVisitor();
    before.here(bea);
    await before.operator(before.olga, { kind: 'visitor.invite', visitor: bea, text: 'Hello' });
    await before.visitor(bea, { kind: 'invite.accept' });
    await before.settle();
    expect(before.line(bea)?.arrival).toMatchObject({ via: { kind: 'invite' } });
    await before.close('keep');
    const after = await createAbsentWorld({ file: before.file, clock: before.clock });
    expect(after.line(bea)?.arrival).toMatchObject({ via: { kind: 'invite' } });
  });
});

describe('a visitor who leaves the site', () => {
  const leaveSite = (world: AbsentWorld, visitor: string) => world.inbox.pageClosed(`page of ${visitor}`, true);

  it('[FF.C2] is marked since the last page was closed, and not during a reload', async () => {
    const world = await createTalk();
    world.here(world.ann, 'second page');
    leaveSite(world, world.ann);
    await world.pass(600);
    expect(world.line(world.ann)?.leftAt).toBeUndefined();
    const leftAt = world.clock.nowSeconds();
    world.inbox.pageClosed('second page', true);
    await world.pass(GRACE - 1);
    expect(world.line(world.ann)?.leftAt).toBeUndefined();
    await world.pass(1);
    expect(world.line(world.ann)).toMatchObject({ leftAt, pages: 0 });
    world.here(world.ann, 'third page');
    await world.settle();
    expect(world.line(world.ann)?.leftAt).toBeUndefined();
    expect(await world.store.jobs('left')).toEqual([]);
  });

  it('[OP.left] [FF.C2] while waiting: the chat is closed in time, and stands among the requests', async () => {
    const world = await createAbsentWorld();
    const ann = await world.addVisitor();
    world.here(ann);
    await world.visitor(ann, { kind: 'card.set', card: { name: 'Ann', email: 'ann@home.example', phone: '123' } });
    const chat = chatOf(await world.visitor(ann, { kind: 'message.send', text: 'Anybody?', group: 'sales' }));
    leaveSite(world, ann);
    await world.pass(30 * 60 - 1);
    expect((await world.store.openChatOf(SITE, ann))?.summary.isOpen).toBe(true);
    await world.pass(1);
    const requests = await world.store.requests(SITE, 10);
    expect(requests).toMatchObject([
      {
        request: { name: 'Ann', email: 'ann@home.example', phone: '123', message: 'Anybody?', group_id: 'sales' },
        missed: { visitor: ann, chat },
        visitor: ann,
        isDone: false,
      },
    ]);
    expect(world.facts.filter((fact) => fact.t === 'request')).toMatchObject([{ item: { id: requests[0]?.id, missed: { chat } } }]);
    expect((await world.eventsOf(chat)).at(-1)).toMatchObject({ kind: 'chat.closed', by: 'system' });
    expect(world.line(ann)).toBeUndefined();
  });

  it('[FF.C2] in a chat with an operator: it is closed in time, and nothing was missed', async () => {
    const world = await createTalk({ settings: { absence: { visitor_minutes: 5 } } });
    leaveSite(world, world.ann);
    await world.pass(5 * 60);
    expect(await world.story(world.ann)).toEqual([...RELEASED, 'chat.closed']);
    expect(await world.store.requests(SITE, 10)).toEqual([]);
  });

  it('[FF.C2] is waited for ever where the site says so, also if it says so later', async () => {
    const world = await createTalk({ settings: { absence: { visitor_minutes: 0 } } });
    leaveSite(world, world.ann);
    await world.pass(86_400);
    expect(await world.story(world.ann)).toEqual(TALKING);
    const site = await world.store.site(SITE);
    if (site === undefined) throw new Error('no site');
    const waits = (visitor_minutes: number) =>
      world.store.transact([], (tx) =>
        tx.saveSite({ ...site, settings: { ...site.settings, absence: { ...site.settings.absence, visitor_minutes } } }),
      );
    await waits(2_000);
    await world.changed();
    expect((await world.store.jobs('left')).length).toBe(1);
    await waits(0);
    await world.changed();
    expect(await world.store.jobs('left')).toEqual([]);
  });

  it('[FF.C2] is counted over a restart, and marked from the first moment', async () => {
    const before = await createTalk();
    const leftAt = before.clock.nowSeconds();
    leaveSite(before, before.ann);
    await before.pass(600);
    await before.close('keep');
    before.clock.advance(600_000);
    const after = await createAbsentWorld({ file: before.file, clock: before.clock });
    expect(after.line(before.ann)?.leftAt).toBe(leftAt);
    after.inbox.operatorConnected(before.olga, 'again');
    await after.pass(599);
    expect(await after.story(before.ann)).toEqual(TALKING);
    await after.pass(1);
    expect(await after.story(before.ann)).toEqual([...RELEASED, 'chat.closed']);
  });

  it('[FF.C2] who was there when the server stopped has a moment to come back before the list says otherwise', async () => {
    const before = await createTalk();
    await before.close('keep');
    const after = await createAbsentWorld({ file: before.file, clock: before.clock });
    expect(after.line(before.ann)?.leftAt).toBeUndefined();
    await after.pass(RETURN_MS / 1000);
    expect(after.line(before.ann)?.leftAt).toBe(after.clock.nowSeconds());
    expect((await after.store.jobs('left')).length).toBe(1);
  });

  it('[FF.C2] whose last words came by the request of a page that is gone is marked, too', async () => {
    const world = await createAbsentWorld();
    const ann = await world.addVisitor();
    await world.visitor(ann, { kind: 'message.send', text: 'Bye', group: null });
    await world.settle();
    expect(world.line(ann)).toMatchObject({ presence: 'waiting', leftAt: world.clock.nowSeconds() });
    await world.pass(30 * 60);
    expect(await world.store.requests(SITE, 10)).toMatchObject([{ request: { message: 'Bye' }, missed: { visitor: ann } }]);
  });
});
