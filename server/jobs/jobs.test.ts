import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { SettingsInput } from '../../shared/settings.ts';
import { ChatError } from '../../shared/errors.ts';
import { createFiles } from '../files/files.ts';
import { createInbox } from '../presence/inbox.ts';
import { MailFault } from '../mail/fault.ts';
import { chatOf, createWorld, SITE, type WorldOptions } from '../testing/room-world.ts';
import { createJobs, MOST_BEGUN } from './jobs.ts';
import { troubleOf } from './mail.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Nobody has a page open in these worlds: what becomes of a chat whose visitor has gone is another test's. */
const NEVER = { visitor_minutes: 0 };

/** A world in which the jobs run. `transcript` is the mail server's part. */
async function createJobsWorld(
  { isDoomed = false, ...options }: WorldOptions & { isDoomed?: boolean } = {},
  transcript: (payload: unknown) => Promise<void> = () => Promise.resolve(),
) {
  const world = await createWorld(options);
  const inbox = await createInbox(world);
  const filesDir = join(dirname(world.file), 'files');
  const files = await createFiles({
    ...world,
    config: { dataDir: dirname(filesDir), filesDir, filesPublicUrl: 'https://files.example', limits: world.limits },
  });
  const jobs = createJobs({ ...world, inbox, mailer: { transcript, tidy: () => Promise.resolve() }, files });
  let isClosed = false;
  const settle = async () => {
    for (let i = 0; i < 3; i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await jobs.idle();
    }
  };
  const close = async (keep: 'keep' | 'remove' = 'remove') => {
    if (isClosed) return;
    isClosed = true;
    inbox.close();
    await jobs.close();
    await world.close(keep);
  };
  open.push(() => close());
  /** Ends the process without warning: the jobs get no signal to stop. */
  const die = async () => {
    isClosed = true;
    await new Promise((resolve) => setImmediate(resolve));
    inbox.close();
    await world.store.close();
  };
  if (!isDoomed) await settle();
  /** Lets time pass and runs the jobs that are due. */
  const pass = async (seconds: number) => {
    await settle();
    world.clock.advance(seconds * 1000);
    // A poll that began earlier sees the jobs due at the end only at its next turn.
    for (let i = 0; i < 3; i += 1) {
      await settle();
      world.clock.advance(0);
    }
    await settle();
  };
  return { ...world, inbox, jobs, files, pass, settle, close, die };
}

const START = { kind: 'chat.start', group: null } as const;

describe('waiting', () => {
  const settings: SettingsInput = {
    absence: NEVER,
    chat: {
      retention: {
        messages: [
          { timeout: 20, text: 'one' },
          { timeout: 20, text: 'two' },
          { timeout: 20, text: 'three' },
        ],
        alternate_communication_way_timeout: 10,
        alternate_communication_way: 'sitephone',
      },
    },
  };
  const TEXTS = ['bot: one', 'bot: two', 'bot: three', 'retention.offered'];

  it('[RE.texts] texts come one after the other, then the other way is offered', async () => {
    const world = await createJobsWorld({ settings });
    const ann = await world.addVisitor();
    await world.visitor(ann, START);
    const heard: number[] = [];
    for (const seconds of [19, 1, 19, 1, 19, 1, 9, 1, 3600]) {
      await world.pass(seconds);
      heard.push((await world.story(ann)).length - 1);
    }
    expect(heard).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(await world.story(ann)).toEqual(['chat.started', ...TEXTS]);
    expect((await world.store.openChatOf(SITE, ann))?.summary.retention).toBe('sitephone');
    expect(await world.store.nextJobAtMs()).toBeUndefined();
  });

  it("[RE.texts] [VI.lang] a text is in the visitor's language, else in the site's", async () => {
    const world = await createJobsWorld({
      settings: {
        common: { language: 'sv' },
        chat: { retention: { messages: [{ timeout: 20 }] } },
        translations: { de: { 'chat.retention.messages': ['Sofort!'] } },
      },
    });
    const [ann, bea] = [await world.addVisitor(), await world.addVisitor()];
    await world.store.transact([], (tx) => tx.setLanguage(SITE, ann, 'de'));
    for (const visitor of [ann, bea]) await world.visitor(visitor, START);
    await world.pass(20);
    expect((await world.story(ann))[1]).toBe('bot: Sofort!');
    expect((await world.story(bea))[1]).toBe('bot: Tack för att du väntar. Någon hjälper dig strax.');
  });

  it('[RE.texts] texts that became due while the server was away come in order, and the wait is not begun anew', async () => {
    const before = await createJobsWorld({ settings });
    const ann = await before.addVisitor();
    await before.visitor(ann, START);
    await before.pass(20);
    await before.close('keep');
    before.clock.advance(25_000);
    const after = await createJobsWorld({ settings, file: before.file, clock: before.clock });
    expect(await after.story(ann)).toEqual(['chat.started', 'bot: one', 'bot: two']);
    await after.pass(15);
    expect(await after.story(ann)).toEqual(['chat.started', 'bot: one', 'bot: two', 'bot: three']);
    await after.pass(10);
    expect(await after.story(ann)).toEqual(['chat.started', ...TEXTS]);
  });

  it('[RE.once] is one wait per chat, however it began and whatever else is said', async () => {
    const world = await createJobsWorld({ settings });
    const ann = await world.addVisitor();
    await world.visitor(ann, { kind: 'message.send', text: 'Hi', group: null });
    await world.pass(15);
    await world.visitor(ann, START);
    await world.visitor(ann, { kind: 'message.send', text: 'Anybody?', group: null });
    await world.pass(5);
    expect(await world.story(ann)).toEqual(['chat.started', 'visitor: Hi', 'visitor: Anybody?', 'bot: one']);
  });

  it('[RE.end] [RE.once] [VI.alone] ends when an operator joins, and a new one begins when the operator leaves the visitor alone', async () => {
    const world = await createJobsWorld({ settings });
    const ann = await world.addVisitor();
    const olga = await world.addOperator('Olga');
    const chat = chatOf(await world.visitor(ann, START));
    await world.pass(20);
    await world.operator(olga, { kind: 'chat.join', chat });
    const joined = ['chat.started', 'bot: one', 'operator.joined'];
    await world.pass(0);
    expect(await world.story(ann)).toEqual(joined);
    await world.operator(olga, { kind: 'chat.leave', chat });
    await world.pass(20);
    expect(await world.story(ann)).toEqual([...joined, 'operator.left', 'bot: one']);
  });

  it('[RE.end] ends with the chat', async () => {
    const world = await createJobsWorld({ settings });
    const ann = await world.addVisitor();
    await world.visitor(ann, START);
    await world.visitor(ann, { kind: 'chat.close' });
    await world.pass(3600);
    expect(await world.story(ann)).toEqual(['chat.started', 'chat.closed']);
  });

  it('[EV.showchatretentionaction.not] offers no other way where that is switched off', async () => {
    const retention = { messages: [{ timeout: 5, text: 'one' }], is_alternate_communication_way_enabled: false };
    const world = await createJobsWorld({ settings: { absence: NEVER, chat: { retention } } });
    const ann = await world.addVisitor();
    await world.visitor(ann, START);
    await world.pass(3600);
    expect(await world.story(ann)).toEqual(['chat.started', 'bot: one']);
  });
});

describe('transcripts', () => {
  const mail = { kind: 'transcript.mail', address: 'ann@home.example' } as const;
  const busy = () => Promise.reject(new Error('451 try again'));
  const mailed = (world: { facts: { t: string }[] }) => world.facts.filter((fact) => fact.t === 'mailed');

  it('are handed over once, and the page learns it', async () => {
    const sent: unknown[] = [];
    const world = await createJobsWorld({}, (payload) => Promise.resolve(void sent.push(payload)));
    const ann = await world.addVisitor();
    await world.visitor(ann, START);
    await world.visitor(ann, { ...mail, uid: randomUUID() });
    await world.pass(3600);
    expect(sent).toMatchObject([{ visitor: ann, address: 'ann@home.example' }]);
    expect(mailed(world)).toMatchObject([{ visitor: ann, tab: 'tab', success: true }]);
  });

  it('are tried again with growing waits, and the page hears it once', async () => {
    const times: number[] = [];
    const world = await createJobsWorld({}, () => {
      times.push(world.clock.nowMs());
      return times.length < 4 ? busy() : Promise.resolve();
    });
    const ann = await world.addVisitor();
    await world.visitor(ann, START);
    await world.visitor(ann, mail);
    for (let i = 0; i < 400; i += 1) await world.pass(1);
    const start = times[0] ?? 0;
    expect(times.map((time) => (time - start) / 1000)).toEqual([0, 30, 90, 210]);
    expect(mailed(world)).toMatchObject([{ success: true }]);
  });

  it('that are refused for good are not tried again, and the page learns it', async () => {
    let tries = 0;
    const world = await createJobsWorld({}, () => {
      tries += 1;
      return Promise.reject(new ChatError('mail_refused', '550'));
    });
    const ann = await world.addVisitor();
    await world.visitor(ann, START);
    await world.visitor(ann, mail);
    await world.pass(36_000);
    expect(tries).toBe(1);
    expect(mailed(world)).toMatchObject([{ success: false, error: 'mail_refused' }]);
  });

  it('[FF.B8] mails that the installation fails are kept for a week; the log names code and step, no address', async () => {
    let isRight = false;
    let sent = 0;
    const lines: string[] = [];
    const wrongPassword = new MailFault({ code: 'EAUTH', step: 'AUTH PLAIN', status: 535 });
    const world = await createJobsWorld({ lines }, () => (isRight ? Promise.resolve(void (sent += 1)) : Promise.reject(wrongPassword)));
    const ann = await world.addVisitor();
    await world.visitor(ann, START);
    await world.visitor(ann, mail);
    for (let hour = 0; hour < 48; hour += 1) await world.pass(3600);
    const [job] = await world.store.jobs('mail');
    expect(job?.tries).toBeGreaterThan(20);
    expect(troubleOf(job!)).toMatchObject({ code: 'EAUTH', step: 'AUTH PLAIN', status: 535 });
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ step }) => step !== undefined);
    expect(told[0]).toMatchObject({ level: 50, code: 'EAUTH', step: 'AUTH PLAIN', status: 535 });
    expect(lines.join('')).not.toContain('ann@home');
    isRight = true;
    await world.pass(3600);
    expect([sent, await world.store.jobs('mail')]).toEqual([1, []]);
    expect(mailed(world)).toMatchObject([{ success: true }]);
  });

  it('[FF.B8] mails that nobody can send are given up after a week, deferred ones after some hours', async () => {
    for (const [fault, leastHours, mostHours] of [
      [new MailFault({ code: 'ESOCKET', step: 'CONN', status: null }), 7 * 24, 7 * 24 + 2],
      [new MailFault({ code: 'EENVELOPE', step: 'RCPT TO', status: 451 }), 7, 16],
    ] as const) {
      const world = await createJobsWorld({}, () => Promise.reject(fault));
      const ann = await world.addVisitor();
      await world.visitor(ann, START);
      await world.visitor(ann, mail);
      let hours = 0;
      for (await world.pass(1); (await world.store.jobs('mail')).length > 0; hours += 1) await world.pass(3600);
      expect(hours).toBeGreaterThanOrEqual(leastHours);
      expect(hours).toBeLessThanOrEqual(mostHours);
    }
  });

  it('outlive a restart', async () => {
    const before = await createJobsWorld({}, busy);
    const ann = await before.addVisitor();
    await before.visitor(ann, START);
    await before.visitor(ann, mail);
    await before.settle();
    await before.close('keep');
    const sent: unknown[] = [];
    const after = await createJobsWorld({ file: before.file, clock: before.clock }, (payload) => Promise.resolve(void sent.push(payload)));
    await after.pass(60);
    expect(sent.length).toBe(1);
  });

  it('that a slow server keeps do not hold up a waiting text', async () => {
    let release = () => {};
    const world = await createJobsWorld({}, () => new Promise((resolve) => (release = resolve)));
    const ann = await world.addVisitor();
    await world.visitor(ann, START);
    await world.visitor(ann, mail);
    for (let i = 0; i < 40 && (await world.story(ann)).length < 2; i += 1) {
      world.clock.advance(1000);
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await world.story(ann)).toHaveLength(2);
    release();
  });
});

describe('automatic invitations', () => {
  const settings: SettingsInput = { chat: { invite: { is_enabled: true, timeout: 30, text: 'May I help?', name: 'Bea' } } };
  const page = (conn: string, isInvitable = true) => ({ conn, tab: `tab-${conn}`, page: { url: '', title: '' }, isInvitable });

  async function createShop(options: WorldOptions = { settings }) {
    const world = await createJobsWorld(options);
    const olga = await world.addOperator('Olga');
    const online = () => {
      world.inbox.operatorConnected(olga, 'o');
      world.inbox.setOnline(olga.id, true);
    };
    const openPage = (id: string, conn = id, isAnonymous = false, isInvitable = true) =>
      world.inbox.pageOpened({ id, site: SITE, isAnonymous, card: {}, properties: [], invite: null, chat: null }, page(conn, isInvitable));
    const invited = (id: string) => world.inbox.person(id)?.invite?.text;
    return { ...world, olga, online, openPage, invited };
  }

  for (const isAnonymous of [true, false]) {
    const who = isAnonymous ? 'a page whose visitor has not acted' : 'a visitor';

    it(`greets ${who} after the time, once`, async () => {
      const shop = await createShop();
      const id = isAnonymous ? 'page' : await shop.addVisitor();
      shop.online();
      shop.openPage(id, 'a', isAnonymous);
      await shop.pass(29);
      expect(shop.invited(id)).toBeUndefined();
      await shop.pass(1);
      expect(shop.invited(id)).toBe('May I help?');
      shop.bus.publish({ t: 'invite', site: SITE, visitor: id, invite: null });
      if (!isAnonymous) await shop.visitor(id, { kind: 'invite.reject' });
      await shop.pass(600);
      expect(shop.invited(id)).toBeUndefined();
    });

    it(`greets ${who} when somebody comes online later`, async () => {
      const shop = await createShop();
      const id = isAnonymous ? 'page' : await shop.addVisitor();
      shop.openPage(id, 'a', isAnonymous);
      await shop.pass(60);
      expect(shop.invited(id)).toBeUndefined();
      shop.online();
      await shop.settle();
      expect(shop.invited(id)).toBe('May I help?');
    });
  }

  it('is by somebody without an account, so accepting it begins a wait', async () => {
    const shop = await createShop();
    const ann = await shop.addVisitor();
    shop.online();
    shop.openPage(ann);
    await shop.pass(30);
    await shop.visitor(ann, { kind: 'invite.accept' });
    expect(await shop.story(ann)).toEqual(['chat.started', 'operator: May I help?']);
    await shop.pass(30);
    expect((await shop.story(ann)).at(-1)).toMatch(/^bot: /);
  });

  it('leaves alone who cannot see it, was invited by an operator, or has chatted in this visit', async () => {
    const shop = await createShop();
    shop.online();
    const [ann, bob, cem] = [await shop.addVisitor(), await shop.addVisitor(), await shop.addVisitor()];
    shop.openPage(ann, 'a', false, false);
    shop.openPage(bob, 'b');
    shop.openPage(cem, 'c');
    await shop.settle();
    await shop.operator(shop.olga, { kind: 'visitor.invite', visitor: bob, text: 'Hello' });
    await shop.visitor(cem, START);
    await shop.settle();
    await shop.visitor(bob, { kind: 'invite.reject' });
    await shop.visitor(cem, { kind: 'chat.close' });
    await shop.pass(120);
    expect([ann, bob, cem].map(shop.invited)).toEqual([undefined, undefined, undefined]);
  });

  it('does not begin anew, nor come twice, when the server restarts', async () => {
    const before = await createShop();
    const [ann, bob] = [await before.addVisitor(), await before.addVisitor()];
    before.online();
    before.openPage(bob, 'b');
    await before.pass(20);
    before.openPage(ann, 'a');
    await before.pass(20);
    expect([before.invited(ann), before.invited(bob)]).toEqual([undefined, 'May I help?']);
    await before.visitor(bob, { kind: 'invite.reject' });
    await before.close('keep');

    const after = await createShop({ settings, file: before.file, clock: before.clock });
    after.online();
    after.openPage(ann, 'a');
    after.openPage(bob, 'b');
    await after.pass(9);
    expect([after.invited(ann), after.invited(bob)]).toEqual([undefined, undefined]);
    await after.pass(1);
    expect([after.invited(ann), after.invited(bob)]).toEqual(['May I help?', undefined]);
    await after.pass(600);
    expect(after.invited(bob)).toBeUndefined();
  });

  it('comes again in the next visit, and leaves no job behind a visit', async () => {
    const shop = await createShop();
    shop.online();
    const ann = await shop.addVisitor();
    shop.openPage(ann);
    await shop.pass(30);
    await shop.visitor(ann, { kind: 'invite.reject' });
    shop.inbox.pageClosed(ann, true);
    await shop.pass(10);
    expect(await shop.store.nextJobAtMs()).toBeUndefined();
    shop.openPage(ann);
    await shop.pass(30);
    expect(shop.invited(ann)).toBe('May I help?');
  });
});

describe('a job whose try ends the process', () => {
  const mail = (uid: string) => ({
    key: `mail:v:${uid}`,
    kind: 'mail' as const,
    site: SITE,
    visitor: 'v',
    runAtMs: 0,
    tries: 0,
    payload: { uid },
  });
  const uidOf = (payload: unknown) => (payload as { uid: string }).uid;

  it('[FF.A2] [SV.jobs] was written down before it began, is given up after a few, and takes no other down with it', async () => {
    let world = await createJobsWorld();
    await world.store.transact([], async (tx) => {
      for (const uid of ['sound', 'poison', 'good']) await tx.putJob(mail(uid));
    });
    const begun: string[][] = [];
    const sent: string[] = [];
    let isEnded = false;
    for (let starts = 0; !isEnded && starts < 20; starts += 1) {
      await world.die();
      const tried: string[] = [];
      begun.push(tried);
      let end = () => {};
      const ended = new Promise<void>((resolve) => (end = resolve));
      world = await createJobsWorld({ file: world.file, clock: world.clock, isDoomed: true }, async (payload) => {
        tried.push(uidOf(payload));
        // The process is no more: neither this try nor those beside it come to an end.
        if (uidOf(payload) === 'poison') end();
        if (tried.includes('poison') || (tried.length < 3 && begun.length === 1)) return new Promise(() => {});
        sent.push(uidOf(payload));
      });
      const isIdle = world.jobs.idle().then(() => true);
      isEnded = await Promise.race([ended.then(() => false), isIdle]);
    }
    // All together at first; once one of them has ended us each is tried alone, the least suspected first; then it is given up.
    expect(begun.map((tried) => tried.sort())).toEqual([['good', 'poison', 'sound'], ['good', 'poison'], ['poison', 'sound'], []]);
    expect(sent).toEqual(['good', 'sound']);
    expect(await world.store.dueJobs(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    expect(begun.length).toBe(MOST_BEGUN + 1);
  });

  it('[FF.A2] is not suspected for having been stopped with the server, however often', async () => {
    let world = await createJobsWorld({}, () => new Promise(() => {}));
    await world.store.transact([], (tx) => tx.putJob(mail('slow')));
    for (let stops = 0; stops <= MOST_BEGUN; stops += 1) {
      world.bus.publish({ t: 'jobs' });
      while ((await world.store.dueJobs(Number.MAX_SAFE_INTEGER, 10))[0]?.begun !== 1)
        await new Promise((resolve) => setImmediate(resolve));
      const stopped = world.close('keep');
      // Stopping waits for running jobs for a while.
      for (let at = 0; at < 5; at += 1) await new Promise((resolve) => setImmediate(resolve));
      world.clock.advance(2_000);
      await stopped;
      world = await createJobsWorld({ file: world.file, clock: world.clock, isDoomed: true }, () => new Promise(() => {}));
    }
    await world.die();
  });

  it('[FF.A2] that fails aloud is tried again, later each time, and given up in the end', async () => {
    const tries: number[] = [];
    const world = await createJobsWorld();
    await world.store.transact([], (tx) =>
      tx.putJob({ key: 'upload:x', kind: 'upload', site: SITE, visitor: null, runAtMs: 0, tries: 0, payload: { file: 'x' } }),
    );
    const failing = createJobs({
      ...world,
      inbox: world.inbox,
      mailer: { transcript: () => Promise.resolve(), tidy: () => Promise.resolve() },
      files: {
        discard: () => {
          tries.push(world.clock.nowMs());
          return Promise.reject(new Error('the disk does not answer'));
        },
        check: () => Promise.resolve(undefined),
      },
    });
    await world.jobs.close();
    await failing.idle();
    for (let hours = 0; hours < 12; hours += 1) {
      for (let seconds = 0; seconds < 3600; seconds += 300) {
        world.clock.advance(300_000);
        await new Promise((resolve) => setImmediate(resolve));
        await failing.idle();
      }
    }
    expect(tries).toHaveLength(16);
    expect(await world.store.nextJobAtMs()).toBeUndefined();
    await failing.close();
  });
});

describe('uploads', () => {
  it('[E1] that were never sent are gone after a day, those that were sent stay', async () => {
    const world = await createJobsWorld();
    const ann = await world.addVisitor();
    const olga = await world.addOperator('Olga');
    const upload = (owner: { visitor: string } | { operator: string }) =>
      world.files.receive({
        site: SITE,
        owner,
        address: '192.0.2.1',
        uid: randomUUID(),
        name: 'a.bin',
        bytes: Readable.from([Buffer.from('bytes')]),
        maxBytes: 100,
        accept: [],
        mayStill: () => Promise.resolve(true),
      });
    const [sent, dropped, kept] = [await upload({ visitor: ann }), await upload({ visitor: ann }), await upload({ operator: olga.id })];
    await world.visitor(ann, { kind: 'file.send', file: sent.id });
    const chat = (await world.store.openChatOf(SITE, ann))?.summary.id ?? '';
    await world.operator(olga, { kind: 'chat.join', chat });
    await world.operator(olga, { kind: 'file.send', chat, file: kept.id });
    const there = async () =>
      Promise.all(
        [sent, dropped, kept].map(async (file) => {
          const found = await world.files.open(file.id, file.name);
          // Read to its end: a stream that is left alone opens its file only later, when that may be gone.
          await found?.bytes?.toArray();
          return found !== undefined;
        }),
      );
    await world.pass(24 * 3600 - 1);
    expect(await there()).toEqual([true, true, true]);
    await world.pass(1);
    expect(await there()).toEqual([true, false, true]);
    expect(await world.store.file(dropped.id)).toBeUndefined();
    expect(await world.visitor(ann, { kind: 'file.send', file: dropped.id })).toMatchObject({
      answer: { t: 'nack', code: 'not_found', retry: false },
    });
    expect(await world.store.nextJobAtMs()).toBeUndefined();
  });

  it('[E1] go on being removed where a server stopped', async () => {
    const world = await createJobsWorld();
    const ann = await world.addVisitor();
    const file = await world.files.receive({
      site: SITE,
      owner: { visitor: ann },
      address: '192.0.2.1',
      uid: randomUUID(),
      name: 'a.bin',
      bytes: Readable.from([Buffer.from('x')]),
      maxBytes: 9,
      accept: [],
      mayStill: () => Promise.resolve(true),
    });
    await world.store.transact([], (tx) => tx.removeFile(file.id));
    await world.pass(24 * 3600);
    await world.store.transact([], (tx) => tx.saveFile(file));
    expect(await world.files.open(file.id, file.name)).toBeUndefined();
  });
});
