/** The server removes expired data, by the clock and by a site's periods; it leaves the rest unchanged. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { createFiles, fileKey } from '../files/files.ts';
import { createInbox } from '../presence/inbox.ts';
import { createMailer } from '../mail/mailer.ts';
import { SITE, OTHER_SITE, createWorld, type WorldOptions } from '../testing/room-world.ts';
import { createRetention } from './retention.ts';
import { parseSettings } from '../../shared/settings.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function createShop(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const dataDir = dirname(world.file);
  const filesDir = join(dataDir, 'files');
  const files = await createFiles({
    ...world,
    config: { dataDir, filesDir, filesPublicUrl: 'https://files.example', limits: world.limits },
  });
  const mailer = createMailer({
    ...world,
    config: { smtpUrl: null, mailFrom: 'chat@shop.example', dataDir, publicUrl: 'https://chat.example' },
  });
  const inbox = await createInbox(world);
  const retention = createRetention({ ...world, inbox, files, mailer, everyMs: HOUR_MS });
  await retention.idle();
  open.push(async () => {
    retention.close();
    inbox.close();
    mailer.close();
    await world.close();
  });
  return {
    ...world,
    files,
    inbox,
    dataDir,
    pathOf: (file: { site: string; id: string }) => join(filesDir, fileKey(file)),
    /** Lets time pass; afterwards the expired data is gone. */
    async pass(ms: number) {
      // Only the last hour is lived through: every run does the same.
      world.clock.advance(ms);
      await retention.idle();
      world.clock.advance(0);
      await new Promise((resolve) => setImmediate(resolve));
      await retention.idle();
    },
    upload: (visitor: string) =>
      files.receive({
        site: SITE,
        owner: { visitor },
        address: '192.0.2.1',
        uid: randomUUID(),
        name: 'a.bin',
        bytes: Readable.from([Buffer.from('bytes')]),
        maxBytes: 100,
        accept: [],
        mayStill: () => Promise.resolve(true),
      }),
    async ids(visitor: string, site = SITE) {
      const chats = await world.store.chatsOf(site, visitor);
      return Promise.all(
        chats.map(async ({ summary }) => ({ chat: summary, seqs: (await world.eventsOf(summary.id, site)).map(({ seq }) => seq) })),
      );
    },
  };
}

const say = (text: string) => ({ kind: 'message.send', text, group: null }) as const;

it('[P7] messages go after the site’s period, the chat begins later, and its numbers go on', async () => {
  const shop = await createShop();
  const ann = await shop.addVisitor();
  await shop.visitor(ann, say('old'));
  await shop.pass(200 * DAY_MS);
  await shop.visitor(ann, say('younger'));
  await shop.pass(165 * DAY_MS);
  expect((await shop.ids(ann))[0]).toMatchObject({ chat: { firstSeq: 1, lastSeq: 3 }, seqs: [1, 2, 3] });
  shop.facts.length = 0;
  await shop.pass(DAY_MS);
  expect((await shop.ids(ann))[0]).toMatchObject({ chat: { firstSeq: 3, lastSeq: 3, isOpen: true }, seqs: [3] });
  expect(shop.facts).toEqual([{ t: 'shortened', site: SITE, visitor: ann }]);
  await shop.pass(400 * DAY_MS);
  expect((await shop.ids(ann))[0]).toMatchObject({ chat: { firstSeq: 4, lastSeq: 3, isOpen: true }, seqs: [] });
  await shop.visitor(ann, say('back again'));
  expect((await shop.ids(ann))[0]).toMatchObject({ chat: { firstSeq: 4, lastSeq: 4 }, seqs: [4] });
});

it('[P7] a second run finds nothing to do, and another site keeps what its own period says', async () => {
  const shop = await createShop();
  const [ann, eve] = [await shop.addVisitor(), await shop.addVisitor(OTHER_SITE)];
  await shop.store.transact([], (tx) =>
    tx.saveSite({
      key: OTHER_SITE,
      name: 'Other',
      origins: ['https://other.example'],
      settings: parseSettings({ keep: { messages_days: 1000 } }),
    }),
  );
  await shop.visitor(ann, say('mine'));
  await shop.visitor(eve, say('hers'), OTHER_SITE);
  await shop.pass(366 * DAY_MS);
  const after = [await shop.ids(ann), await shop.ids(eve, OTHER_SITE)];
  expect(after.map((chats) => chats[0]?.seqs)).toEqual([[], [1, 2]]);
  shop.facts.length = 0;
  await shop.pass(HOUR_MS);
  await shop.pass(HOUR_MS);
  expect([await shop.ids(ann), await shop.ids(eve, OTHER_SITE)]).toEqual(after);
  expect(shop.facts).toEqual([]);
});

it('[P7] an emptied closed chat goes, with the last one its visitor; no chat’s number is used again', async () => {
  const shop = await createShop();
  const [ann, bob] = [await shop.addVisitor(), await shop.addVisitor()];
  for (const id of [ann, bob]) {
    await shop.visitor(id, say('first'));
    await shop.visitor(id, { kind: 'chat.close' });
  }
  await shop.pass(300 * DAY_MS);
  await shop.visitor(bob, say('second'));
  await shop.pass(66 * DAY_MS);
  expect((await shop.ids(bob)).map(({ chat }) => chat.number)).toEqual([2]);
  expect(await shop.store.visitor(SITE, ann)).toBeUndefined();
  await shop.visitor(bob, { kind: 'chat.close' });
  await shop.visitor(bob, say('third'));
  expect((await shop.ids(bob)).map(({ chat }) => chat.number)).toEqual([2, 3]);
});

it('[P7] files go after six months, bytes and row; the message that sent one stays', async () => {
  const shop = await createShop();
  const ann = await shop.addVisitor();
  const file = await shop.upload(ann);
  await shop.visitor(ann, { kind: 'file.send', file: file.id });
  await shop.pass(183 * DAY_MS);
  const before = await shop.files.open(file.id, file.name);
  expect([existsSync(shop.pathOf(file)), before]).toEqual([true, expect.anything()]);
  await before?.bytes?.toArray();
  await shop.pass(HOUR_MS);
  expect([existsSync(shop.pathOf(file)), await shop.store.file(file.id), await shop.files.open(file.id, file.name)]).toEqual([
    false,
    undefined,
    undefined,
  ]);
  expect(await shop.story(ann)).toEqual(['chat.started', 'visitor: a.bin']);
});

it('[P7] a visitor of whom there is nothing but a card is forgotten after a day, unless still here', async () => {
  const shop = await createShop();
  const [gone, here, applied] = [await shop.addVisitor(), await shop.addVisitor(), await shop.addVisitor()];
  for (const id of [gone, here]) await shop.visitor(id, { kind: 'card.set', card: { email: 'ann@secret.example' } });
  await shop.visitor(applied, { kind: 'request.send', request: { message: 'Call me' } });
  shop.inbox.pageOpened(
    { id: here, site: SITE, isAnonymous: false, card: {}, properties: [], invite: null, chat: null },
    { conn: 'c', tab: 't', page: { url: '', title: '' }, isInvitable: false },
  );
  const there = async () => Promise.all([gone, here, applied].map(async (id) => (await shop.store.visitor(SITE, id)) !== undefined));
  await shop.pass(23 * HOUR_MS);
  expect(await there()).toEqual([true, true, true]);
  await shop.pass(2 * HOUR_MS);
  expect(await there()).toEqual([false, true, true]);
  expect(await shop.store.remembered({ site: SITE, kind: 'visitor', id: gone }, 'any')).toBeUndefined();
});

it('[P7] applications, audit rows and mails nobody took go by their periods', async () => {
  const shop = await createShop();
  const ann = await shop.addVisitor();
  await shop.visitor(ann, { kind: 'request.send', request: { message: 'Call me' } });
  await shop.store.transact([], async (tx) => {
    await tx.note({ date: shop.clock.nowSeconds(), site: SITE, operator: 'olga', visitor: ann, deed: 'open' });
    await tx.putJob({ key: `mail:${ann}:u`, kind: 'mail', site: SITE, visitor: ann, runAtMs: shop.clock.nowMs(), tries: 3, payload: {} });
    await tx.putJob({ key: 'waiting:c', kind: 'waiting', site: SITE, visitor: null, runAtMs: shop.clock.nowMs(), tries: 0, payload: {} });
  });
  const folder = join(shop.dataDir, 'mail');
  mkdirSync(folder);
  const write = (name: string) => {
    writeFileSync(join(folder, name), 'mail');
    utimesSync(join(folder, name), shop.clock.nowSeconds(), shop.clock.nowSeconds());
  };
  write(`${ann}-1.eml`);
  write('nobody-1.eml');
  const jobs = async () => (await shop.store.dueJobs(Number.MAX_SAFE_INTEGER, 10)).map(({ key }) => key);
  await shop.pass(7 * DAY_MS - HOUR_MS);
  expect([readdirSync(folder).length, await jobs()]).toEqual([2, [`mail:${ann}:u`, 'waiting:c']]);
  await shop.pass(2 * HOUR_MS);
  expect([readdirSync(folder), await jobs()]).toEqual([[], ['waiting:c']]);
  await shop.pass(350 * DAY_MS);
  expect([(await shop.store.requests(SITE, 10)).length, (await shop.store.audit({}, 10)).length]).toEqual([1, 1]);
  await shop.pass(20 * DAY_MS);
  expect([(await shop.store.requests(SITE, 10)).length, (await shop.store.audit({}, 10)).length]).toEqual([0, 0]);
});
