/** A restore from a backup: only a returning client reports the events acknowledged after the backup. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PROTOCOL_VERSION, type VisitorFrame } from '../../shared/wire/protocol.ts';
import { batch, createGatewayWorld, OPERATORS, say, START, type GatewayWorld } from '../testing/gateway-world.ts';
import { createHandClock, OTHER_SITE, SITE } from '../testing/room-world.ts';
import { renewDatabase } from '../store/sqlite.ts';

let folder: string;
const worlds: GatewayWorld[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lost-'))));
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
  rmSync(folder, { recursive: true });
});

async function open(options: Parameters<typeof createGatewayWorld>[0]): Promise<GatewayWorld> {
  const world = await createGatewayWorld({ limits: { rates: { messagesBurst: 10_000, connectionsPerAddress: 1_000 } }, ...options });
  worlds.push(world);
  return world;
}

/** A visitor in a chat, and where that chat is. */
async function inChat(world: GatewayWorld, ...texts: string[]) {
  const grant = await world.enter();
  const page = await world.page({ access: grant.access });
  const commit = async (...more: string[]) => {
    let seq = 0;
    for (const text of more) {
      page.send(batch(say(text)));
      seq = (await page.next('ack')).result.seq ?? 0;
    }
    return seq;
  };
  page.send(batch(START));
  const chat = (await page.next('ack')).result.chat ?? '';
  return { ...grant, page, chat, commit, seq: await commit(...texts) };
}

/** As after the machine burned down: what was backed up `file` is all there is. */
async function restore(world: GatewayWorld, file: string): Promise<GatewayWorld> {
  world.clock.advance(60_000);
  renewDatabase(file, world.clock);
  return open({ file, clock: world.clock });
}

it('[fault 39] [SV.lost] acknowledged events that a restore has lost are listed once their clients return; no others', async () => {
  const before = await open({ clock: createHandClock() });
  const olga = await before.addOperator('Olga');
  const [ann, eve, gone] = [await inChat(before, 'one', 'two'), await inChat(before, 'hello'), await inChat(before, 'bye')];
  const file = join(folder, 'backup.sqlite');
  await before.store.backup(file);
  const seq = await ann.commit('three', 'four', 'five');
  expect(seq).toBe(ann.seq + 3);
  // A chat that has begun after the backup is lost whole.
  gone.page.send(batch({ kind: 'chat.close' }, START, say('again')));
  const closed = await gone.page.next('ack');
  const begun = await gone.page.next('ack');
  expect(begun.result.chat).not.toBe(closed.result.chat);

  const after = await restore(before, file);
  expect(after.store.epoch).not.toBe(before.store.epoch);
  const comeBack = (access: string, cursors: Record<string, number>) => after.page({ access, epoch: before.store.epoch, cursors });
  const back = await comeBack(ann.access, { [ann.chat]: seq });
  expect(back.welcome).toMatchObject({ resumed: false, chat: { id: ann.chat } });
  await comeBack(eve.access, { [eve.chat]: eve.seq });
  await comeBack(gone.access, { [gone.chat]: 3, [begun.result.chat ?? '']: 2 });
  const rows = async () =>
    (await after.store.lost({}, 100)).map(({ visitor, chat, stored, claimed }) => ({ visitor, chat, stored, claimed }));
  const expected = [
    { visitor: ann.visitor, chat: ann.chat, stored: ann.seq, claimed: seq },
    { visitor: gone.visitor, chat: gone.chat, stored: 2, claimed: 3 },
    { visitor: gone.visitor, chat: begun.result.chat, stored: null, claimed: 2 },
  ];
  const byChat = (a: { chat: string | null | undefined }, b: { chat: string | null | undefined }) =>
    String(a.chat).localeCompare(String(b.chat));
  expect((await rows()).sort(byChat)).toEqual(expected.sort(byChat));

  // The chat goes on and grows beyond what was claimed: another page of the same visitor, later, still tells of the loss, and more of it.
  back.send(batch(...['six', 'seven', 'eight', 'nine'].map(say)));
  for (let i = 0; i < 4; i += 1) await back.next('ack');
  await comeBack(ann.access, { [ann.chat]: seq - 1 });
  expect((await rows()).find(({ chat }) => chat === ann.chat)?.claimed).toBe(seq);
  // A client that comes with the present epoch has lost nothing.
  await after.page({ access: ann.access, epoch: after.store.epoch, cursors: { [ann.chat]: 9 } });
  expect(await rows()).toHaveLength(3);

  // An operator had seen it as well, and no other client of that visitor has come back yet.
  const bob = await inChat(before, 'lost');
  await after.store.transact([], (tx) => tx.eraseVisitor(SITE, gone.visitor));
  expect(await rows()).toHaveLength(1);
  const { cookie } = await after.signIn(olga);
  const work = await after.openOperator({ origin: OPERATORS, cookie });
  work.send({
    t: 'hello',
    v: PROTOCOL_VERSION,
    csrf: 'csrf',
    tab: randomUUID(),
    epoch: before.store.epoch,
    watching: [
      { visitor: eve.visitor, cursors: { [eve.chat]: eve.seq + 4 } },
      { visitor: bob.visitor, cursors: { [bob.chat]: 2 } },
    ],
  });
  await work.next('opened');
  expect((await rows()).find(({ chat }) => chat === eve.chat)).toEqual({
    visitor: eve.visitor,
    chat: eve.chat,
    stored: eve.seq,
    claimed: eve.seq + 4,
  });
  expect(await rows()).toHaveLength(2);
});

it('[fault 39] [D2] [D7] [P7] [SV.lost] clients claim losses of their own chats alone, from before the restore, up to a bound', async () => {
  const before = await open({ clock: createHandClock() });
  const [ann, eve] = [await inChat(before, 'one'), await inChat(before, 'one')];
  const file = join(folder, 'backup.sqlite');
  await before.store.backup(file);
  // Without a restore there is nothing to have lost, whatever a client says.
  await before.page({ access: ann.access, epoch: 'invented', cursors: { [ann.chat]: 1_000 } });
  expect(await before.store.lost({}, 100)).toEqual([]);

  const after = await restore(before, file);
  const come = async (access: string, cursors: Record<string, number>, site = SITE) => {
    const client = await after.openVisitor();
    client.send(after.hello({ site, access, epoch: before.store.epoch, cursors }) satisfies VisitorFrame);
    await client.next('welcome');
    await client.close();
  };
  after.clock.advance(5_000);
  await come(ann.access, { [eve.chat]: 1_000 });
  expect(await after.store.lost({}, 100)).toEqual([]);
  const young = await after.enter();
  await come(young.access, { [randomUUID()]: 5 });
  const elsewhere = await after.enter(OTHER_SITE);
  await come(elsewhere.access, { [ann.chat]: 1_000 }, OTHER_SITE);
  expect(await after.store.lost({}, 100)).toEqual([]);
  for (let round = 0; round < 3; round += 1) await come(ann.access, Object.fromEntries(Array.from({ length: 8 }, () => [randomUUID(), 5])));
  await come(eve.access, { [eve.chat]: 7 });
  expect(await after.store.lost({ visitor: ann.visitor }, 100)).toHaveLength(10);
  expect(await after.store.lost({ visitor: eve.visitor }, 100)).toHaveLength(1);
  const room = { perVisitor: 100, most: 11 };
  const more = { site: SITE, visitor: eve.visitor, chat: 'another', stored: null, claimed: 1, date: 1 };
  expect(await after.store.transact([], (tx) => tx.noteLost(more, room))).toBe(false);
  expect(await after.store.lost({}, 100)).toHaveLength(11);
  // Kept as long as who has read what, and no longer.
  const purge = (audit: number) => after.store.transact([], (tx) => tx.purgeRest(SITE, { requests: 0, audit, mails: 0 }));
  await purge(after.clock.nowSeconds());
  expect(await after.store.lost({}, 100)).toHaveLength(11);
  await purge(after.clock.nowSeconds() + 1);
  expect(await after.store.lost({}, 100)).toEqual([]);
});
