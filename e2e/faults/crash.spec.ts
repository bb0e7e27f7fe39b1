/**
 * The server dies, and comes back: at every step of a write, in the middle of an update, and with an older database.
 * Killing is real; where in a write it happens is decided by a build that kills itself there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dieAt, dying, faultyBuild, type Change } from './builds.ts';
import { expectSound } from './checker.ts';
import { integrity, readStored } from './database.ts';
import { expect, test, until, type FaultWorld } from './world.ts';

const INSERT = 'await db.insertInto("event").values(row).execute();';
const ANSWER = 'for (const { answer } of done) answer();';

/** Steps of a write, and where they end in the built server. */
const BEFORE: Record<string, Change> = {
  begun: ['const before = await takeSeq(chat);', `${dying('begun')} const before = await takeSeq(chat);`],
  numbered: [INSERT, `${dying('numbered')} ${INSERT}`],
  inserted: ['const stored = toEvent(row);', `${dying('inserted')} const stored = toEvent(row);`],
  released: ['commit.run();', `${dying('released')} commit.run();`],
};
const AFTER: Record<string, Change> = {
  committed: [ANSWER, `${dying('committed')} ${ANSWER} ${dying('answered')}`],
};

/** The server dies at `step` while a visitor and an operator write, and is started again. */
async function dieWhileWriting(world: FaultWorld, main: string, step: string): Promise<void> {
  const { person, operator, visitor } = await world.conversation();
  const page = person.pages[0];
  if (page === undefined) throw new Error('nobody is there');
  const other = person.page();
  await other.online();
  writeFileSync(join(world.system.dataDir, dieAt(step)), '');
  const first = page.say(`first, at the step ${step}`);
  page.say(`second, at the step ${step}`);
  await operator.answer(visitor, `an answer, at the step ${step}`);
  await until(() => world.system.pid() === undefined, `the server dies at the step ${step}`);
  page.say(`third, after the step ${step}`);
  expect(page.notes.acked.map(({ uid }) => uid)).not.toContain(first);
  await world.system.startServer(main);
  await until(() => page.session.connection.value === 'online' && other.session.connection.value === 'online', 'all are back');
  const { views } = await expectSound(() => world.evidence());
  for (const view of views.filter((each) => each.visitor === visitor)) {
    expect(view.shown.filter(({ text }) => text.includes(`step ${step}`)).length, view.who).toBe(4);
  }
  expect(page.events.filter(({ name }) => name === 'messagefailed')).toEqual([]);
  person.close();
  operator.close();
}

test('[fault 1] killed before the commit: sending, then sent, once', async ({ start }) => {
  const build = faultyBuild(...Object.values(BEFORE));
  try {
    const world = await start({ main: build.main });
    for (const step of Object.keys(BEFORE)) await dieWhileWriting(world, build.main, step);
    expect(integrity(world.system.dataDir)).toBe('ok');
  } finally {
    build.remove();
  }
});

test('[fault 2] killed after the commit, before the acknowledgement: one bubble', async ({ start }) => {
  const build = faultyBuild(...Object.values(AFTER));
  try {
    const world = await start({ main: build.main });
    for (const step of ['committed', 'answered']) await dieWhileWriting(world, build.main, step);
    expect(integrity(world.system.dataDir)).toBe('ok');
  } finally {
    build.remove();
  }
});

test('[fault 39] restored from a backup: clients start over with what the backup knows, and what was unsent is sent', async ({ start }) => {
  const world = await start();
  const account = await world.account();
  const { person, operator, visitor } = await world.conversation({ operator: await world.operator('Olga', { account }) });
  const page = person.pages[0];
  if (page === undefined) throw new Error('nobody is there');
  const second = person.page();
  await second.online();
  const backup = join(world.system.dataDir, 'a.backup');
  await world.system.admin('backup', backup);
  page.say('said after the backup');
  await page.sent();
  await operator.answer(visitor, 'answered after the backup');
  await until(() => second.session.messages.value.length === 4, 'both are shown');
  const lost = new Set(['said after the backup', 'answered after the backup']);
  const isLost = (uid: string) =>
    world.evidence().writings.some(({ wrote }) => wrote.some((words) => words.uid === uid && lost.has(words.text)));

  await world.system.stopServer();
  page.say('unsent when the server went');
  await world.system.admin('restore', backup);
  await world.system.startServer();
  await until(() => page.session.messages.value.some(({ text }) => text === 'unsent when the server went'), 'it is sent');
  // A backup may be older than somebody's dismissal, so operators sign in again.
  operator.close();
  await (await world.operator('Olga', { account })).open(visitor);

  // What the backup does not know is gone, and nobody may go on showing it. All else holds as ever.
  const evidence = await expectSound(() => {
    const all = world.evidence();
    return {
      ...all,
      writings: all.writings.map((writing) => ({
        ...writing,
        wrote: writing.wrote.filter(({ text }) => !lost.has(text)),
        acked: writing.acked.filter(({ uid }) => !isLost(uid)),
      })),
      views: all.views.map(({ marks: _, ...view }) => view),
    };
  });
  for (const view of evidence.views) {
    expect(
      view.shown.map(({ text }) => text),
      view.who,
    ).toEqual(['is anybody there?', 'yes, how may I help?', 'unsent when the server went']);
  }
  // The pages knew more than the backup: the administrator can list the chats and the number of lost events, but no text.
  const told = (await world.system.admin('lost', 'list')).trim().split('\n');
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/\tvisitor \S+\tchat \S+\tevents \d+ to \d+$/);
  expect(told[0]).not.toContain('after the backup');
});

test('[fault 43] updated under load: goodbye, no message fails or is doubled, and it is back', async ({ start }) => {
  const world = await start({ timing: { drainMs: 15_000 } });
  const people = [];
  for (let count = 0; count < 6; count += 1) people.push(await world.conversation());
  const evening = new AbortController();
  let number = 0;
  const writers = people.map(async ({ person, operator, visitor }) => {
    while (!evening.signal.aborted) {
      number += 1;
      person.pages[0]?.say(`line ${number} of a busy day`);
      if (number % 3 === 0) await operator.answer(visitor, `answer ${number} of a busy day`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  await until(() => number > 40, 'all are writing');
  for (let update = 0; update < 2; update += 1) {
    const before = number;
    await world.system.stopServer('SIGTERM');
    await world.system.startServer();
    await until(() => number > before + 40, 'all go on writing');
  }
  evening.abort();
  await Promise.all(writers);
  await expectSound(() => world.evidence());
  const pages = people.flatMap(({ person }) => person.pages);
  expect(pages.flatMap(({ events }) => events.filter(({ name }) => name === 'messagefailed'))).toEqual([]);
  expect(readStored(world.system.dataDir, world.site).events.filter(({ text }) => text?.startsWith('line') === true).length).toBe(
    pages.reduce((sum, page) => sum + page.session.messages.value.filter(({ text }) => text.startsWith('line')).length, 0),
  );
  // Every client moved on when told to, or was told the end: nobody found a line that just broke.
  for (const page of pages)
    expect(
      page.notes.closes.every((code) => code === 1012 || code === 1006),
      String(page.notes.closes),
    ).toBe(true);
});
