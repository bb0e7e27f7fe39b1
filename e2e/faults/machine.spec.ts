/**
 * The machine under the server fails: its database is locked by somebody else, its disk is full, it stalls. The server says so,
 * goes on as far as possible, and heals by itself.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultyBuild } from './builds.ts';
import { expectSound } from './checker.ts';
import { integrity } from './database.ts';
import { expect, test, until, type FaultWorld } from './world.ts';
import { Database } from '../../server/store/driver.ts';

const status = async (world: FaultWorld, path: string): Promise<number> => (await fetch(`${world.system.chat}${path}`)).status;

for (const { title, lockedMs } of [
  { title: '3 s', lockedMs: 3_000 },
  { title: 'longer than the server waits @campaign', lockedMs: 25_000 },
]) {
  test(`[fault 41] the database is locked by somebody else for ${title}: delayed, then sent`, async ({ start }) => {
    test.setTimeout(120_000);
    const world = await start();
    const { person, operator, visitor } = await world.conversation();
    const page = person.pages[0];
    const db = new Database(join(world.system.dataDir, 'chat.sqlite'));
    db.exec('BEGIN EXCLUSIVE');
    const uids = [page?.say('said while it is locked'), page?.say('and another thing')];
    await operator.answer(visitor, 'answered while it is locked');
    // A request that waits for the lock does not hold up requests that do not need it: they are answered while it is locked.
    for (let asked = 0; asked < lockedMs / 250; asked += 1) {
      expect(await status(world, '/healthz')).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(page?.notes.acked.filter(({ uid }) => uids.includes(uid))).toEqual([]);
    db.exec('ROLLBACK');
    db.close();
    await page?.sent();
    await expectSound(() => world.evidence());
    expect(page?.notes.refused.filter(({ retry }) => !retry)).toEqual([]);
    await until(async () => (await status(world, '/readyz')) === 200, 'the server is ready again');
  });
}

/** A disk that can be full. */
interface Disk {
  main?: string;
  fill(world: FaultWorld): Promise<void>;
  free(): void;
  remove(): void;
}

/** Set for the run on a small disk of its own, see below. */
const SMALL_DISK = 'FAULT_SMALL_DISK';
/** In the data directory: while it is there, the database may not grow by a page. */
const FULL = 'is-full';

/** The database refuses to grow, in SQLite's own words for a full disk. */
function boundedDatabase(): Disk {
  const place = 'const group = createGroupCommit(writing, clock);';
  const build = faultyBuild([
    place,
    `${place} const fs = process.getBuiltinModule("node:fs"); setInterval(() => writing.open && writing.pragma("max_page_count = " + (fs.existsSync(process.env.DATA_DIR + "/${FULL}") ? 1 : 1073741823)), 20).unref();`,
  ]);
  let mark = '';
  return {
    main: build.main,
    async fill({ system }) {
      mark = join(system.dataDir, FULL);
      writeFileSync(mark, '');
    },
    free: () => rmSync(mark),
    remove: () => build.remove(),
  };
}

/** A file takes all that is left of the disk. */
function smallDisk(folder: string): Disk {
  const ballast = join(folder, 'ballast');
  return {
    async fill() {
      const dd = spawn('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k'], { stdio: 'ignore' });
      await once(dd, 'exit');
    },
    free: () => rmSync(ballast),
    remove: () => undefined,
  };
}

test('[fault 42] the disk is full: told, reading goes on, nothing is damaged, and it heals', async ({ start }) => {
  const folder = process.env[SMALL_DISK];
  const disk = folder === undefined ? boundedDatabase() : smallDisk(folder);
  try {
    const world = await start(disk.main === undefined ? {} : { main: disk.main });
    const wire = await world.wire();
    const { person, operator, visitor } = await world.conversation({ person: world.person('Vera', world.road(wire)) });
    const page = person.pages[0];
    if (page === undefined) throw new Error('nobody is there');
    expect(await status(world, '/readyz')).toBe(200);

    await disk.fill(world);
    const wrote: string[] = [];
    // What the file has room for is stored as ever; then it is full.
    while (page.notes.refused.length === 0 && wrote.length < 200) {
      wrote.push(page.say(`message ${wrote.length} for a full disk ${'.'.repeat(4_000)}`));
      await until(() => [...page.notes.acked, ...page.notes.refused].some(({ uid }) => uid === wrote.at(-1)), 'it is answered');
    }
    expect(page.notes.refused[0]).toMatchObject({ code: 'storage_full', retry: true });
    expect(await status(world, '/readyz')).toBe(503);
    expect(await status(world, '/healthz')).toBe(200);

    // Reading goes on: for who was cut off, for who opens another page, for the operator.
    wire.cut();
    await until(() => page.notes.attempts === 2 && page.session.connection.value === 'online', 'the page is back');
    const other = person.page();
    await other.online();
    await until(() => other.session.messages.value.length === wrote.length + 1, 'the other page shows what is stored');
    expect(page.session.pending.value.map(({ message, failed }) => [message.uid, failed])).toEqual([[wrote.at(-1), null]]);
    expect(operator.session.connection.value).toBe('online');

    disk.free();
    await until(async () => (await status(world, '/readyz')) === 200, 'the server is ready again');
    await page.sent();
    await operator.answer(visitor, 'there is room again');
    await expectSound(() => world.evidence());
    expect(integrity(world.system.dataDir)).toBe('ok');
  } finally {
    disk.remove();
  }
});

// The driver wants a pattern here, also where nothing is taken.
// eslint-disable-next-line no-empty-pattern
test('[fault 42] the same on a small disk that really is full @campaign', async ({}, info) => {
  test.setTimeout(180_000);
  const playwright = join(info.config.rootDir, '../node_modules/@playwright/test/cli.js');
  const disk = info.outputPath('disk');
  mkdirSync(disk, { recursive: true });
  const inner = `mount -t tmpfs -o size=24m tmpfs "$DISK" && TMPDIR="$DISK" ${SMALL_DISK}="$DISK" exec "$NODE" "$PLAYWRIGHT" test e2e/faults/machine.spec.ts -g 'told, reading goes on' --reporter=line --output "$OUT"`;
  const output = execFileSync('unshare', ['-Urm', 'sh', '-c', inner], {
    cwd: join(info.config.rootDir, '..'),
    env: { ...process.env, DISK: disk, NODE: process.execPath, PLAYWRIGHT: playwright, OUT: info.outputPath('inner'), COVERAGE: 'none' },
    encoding: 'utf8',
  });
  expect(output).toContain('1 passed');
});

/** For so long a request goes unanswered before the server goes on. */
const STALL_MS = 3_000;

test('[fault 58] the server stalls for 3 s: clients do not all reconnect', async ({ start }) => {
  // The times that browsers are given.
  const world = await start({ timing: { client: { silenceMs: 45_000, ackMs: 10_000 } } });
  const { person, operator, visitor } = await world.conversation();
  const others = Array.from({ length: 20 }, (_, at) => world.person(`visitor ${at}`).page());
  for (const page of others) await page.online();
  const pages = [...person.pages, ...others];
  const pid = world.system.pid();
  if (pid === undefined) throw new Error('no server');
  const attempts = pages.map(({ notes }) => notes.attempts);
  process.kill(pid, 'SIGSTOP');
  pages.forEach((page, at) => page.say(`said into the stall ${at}`));
  await expect(fetch(`${world.system.chat}/healthz`, { signal: AbortSignal.timeout(STALL_MS) })).rejects.toThrow();
  process.kill(pid, 'SIGCONT');
  await person.pages[0]?.sent();
  await operator.answer(visitor, 'awake again');
  await expectSound(() => world.evidence());
  // Those who had nobody behind them yet have signed in meanwhile, on the same connection.
  expect(pages.map(({ notes }) => notes.attempts)).toEqual(attempts);
  expect(pages.flatMap(({ notes }) => notes.closes)).toEqual([]);
});
