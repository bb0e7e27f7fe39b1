/**
 * The checker finds broken servers: servers that really lose, double, reorder and acknowledge too early must not pass it. A
 * sound one must.
 */
import { check, expectSound } from './checker.ts';
import { dieAt, dying, faultyBuild, type Change } from './builds.ts';
import { expect, test, until, type FaultWorld } from './world.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const AFTER_INSERT = 'await db.insertInto("event").values(row).execute();';
const COMMIT = 'commit.run();';
const ANSWER = 'for (const { answer } of done) answer();';
/** Of the embedded database; PostgreSQL has one of its own. */
const SQLITE_ONCE_PER_UID = 'WITHOUT ROWID;\nCREATE UNIQUE INDEX event_once_per_uid';
const REMEMBERED = 'if (dup !== void 0) return repeated(command, dup);';

async function broken(start: (options: { main: string }) => Promise<FaultWorld>, ...changes: Change[]): Promise<FaultWorld> {
  const build = faultyBuild(...changes);
  try {
    return await start({ main: build.main });
  } finally {
    // The program is loaded; its pages are not asked for here.
    build.remove();
  }
}

test('a sound server passes', async ({ start }) => {
  const world = await start();
  const { person, operator, visitor } = await world.conversation();
  const second = person.page();
  await second.online();
  person.pages[0]?.say('the first thing to say');
  second.say('the second thing to say');
  await operator.answer(visitor, 'an answer to all of it');
  const evidence = await expectSound(() => world.evidence());
  expect(evidence.views.map(({ shown }) => shown.length)).toEqual([5, 5, 5]);
  expect(evidence.writings.flatMap(({ acked }) => acked.map(({ known }) => known))).not.toContain(false);
});

test('a server that loses what it acknowledged is found out', async ({ start }) => {
  const world = await broken(start, [
    AFTER_INSERT,
    'if (event.text !== "lose this one") await db.insertInto("event").values(row).execute();',
  ]);
  const page = world.person().page();
  await page.online();
  page.say('keep this one');
  page.say('lose this one');
  page.say('keep that one');
  await until(() => page.notes.acked.length >= 3, 'all are acknowledged');
  const said = check(world.evidence()).join('\n');
  expect(said).toMatch(/^I1: page 1 of Vera had \S+ acknowledged, and the database holds it 0 times\.$/m);
  expect(said).toMatch(/^I2: /m);
  expect(said).toMatch(/^I4: "lose this one"/m);
  await expect(expectSound(() => world.evidence())).rejects.toThrow('I1');
});

test('a server that does twice what came twice is found out', async ({ start }) => {
  const world = await broken(
    start,
    [REMEMBERED, ''],
    ['await refuseUsedUid(chat, event);', ''],
    [
      'if (isRemembered(command.kind, who.visitor) && done.isRefusedMail',
      'if (dup === void 0 && isRemembered(command.kind, who.visitor) && done.isRefusedMail',
    ],
    [SQLITE_ONCE_PER_UID, SQLITE_ONCE_PER_UID.replace('UNIQUE ', '')],
  );
  const relay = await world.relay();
  relay.up = (frame) => (frame.includes('twice') ? [frame, frame] : [frame]);
  const page = world.person('Vera', { ...world.road(), socketPort: relay.port }).page();
  await page.online();
  page.say('said once, sent twice');
  await until(() => page.notes.acked.length >= 2, 'both are acknowledged');
  expect(check(world.evidence()).join('\n')).toMatch(/^I1: "said once, sent twice" of page 1 of Vera is in the database 2 times\.$/m);
});

test('a server that changes the order is found out', async ({ start }) => {
  const world = await broken(start, [
    'for (const item of items) {\n\t\tif (later !== void 0) {',
    'for (const item of [...items].reverse()) {\n\t\tif (later !== void 0) {',
  ]);
  const wire = await world.wire();
  const page = world.person('Vera', world.road(wire)).page();
  await page.online();
  page.say('to have a chat');
  await page.sent();
  wire.refuse(true);
  wire.cut();
  await until(() => page.session.connection.value !== 'online', 'it notices');
  // Both go in one batch.
  page.say('the earlier thing');
  page.say('the later thing');
  wire.refuse(false);
  await page.sent();
  expect(check(world.evidence()).join('\n')).toMatch(/^I5: page 1 of Vera wrote "the earlier thing" before "the later thing"/m);
});

test('a server that acknowledges before its commit is found out, alive and dead', async ({ start }) => {
  const world = await broken(
    start,
    [ANSWER, ''],
    // The answer leaves, and the commit comes a moment later; or never, when the server dies between.
    [
      COMMIT,
      `for (const { answer } of done) answer(); await new Promise((resolve) => setTimeout(resolve, 300)); ${dying('late')} commit.run();`,
    ],
  );
  const page = world.person().page();
  await page.online();
  page.say('acknowledged too early');
  await page.sent();
  await until(() => world.evidence().writings[0]?.acked[0]?.known === false, 'it is acknowledged');
  expect(check(world.evidence()).join('\n')).toMatch(/^I10: page 1 of Vera had \S+ acknowledged before it was committed\.$/m);

  page.say('to be on solid ground');
  await until(
    () => page.notes.acked.length >= 2 && check(world.evidence()).every((sentence) => !/^I[14]:/.test(sentence)),
    'the commits have come',
  );
  writeFileSync(join(world.system.dataDir, dieAt('late')), '');
  page.say('a phantom');
  await until(() => world.system.pid() === undefined, 'the server is dead');
  await until(() => page.notes.acked.length >= 3, 'the phantom is acknowledged');
  expect(check(world.evidence()).join('\n')).toMatch(/^I1: page 1 of Vera had \S+ acknowledged, and the database holds it 0 times\.$/m);
});
