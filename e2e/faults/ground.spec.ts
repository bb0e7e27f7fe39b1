/** The ground goes from under a running server: its folder, its database or its lock is removed, moved, replaced or overwritten. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expectSound } from './checker.ts';
import { integrity } from './database.ts';
import { expect, test, until, type FaultWorld } from './world.ts';
import { Database } from '../../server/store/driver.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const PAGE = 4_096;
const RESTORE = 'npm run admin -- restore';

const status = async ({ system }: FaultWorld, path: string): Promise<number> => (await fetch(`${system.chat}${path}`)).status;
const isReady = async (world: FaultWorld): Promise<boolean> => (await status(world, '/readyz')) === 200;
const troubles = ({ system }: FaultWorld): string[] =>
  system
    .output()
    .split('\n')
    .filter((line) => line.includes('nothing can be stored'));

/** Each is a way to lose what a server stands on; `mend` brings it back where that can be. */
const LOSSES: Record<string, (dir: string) => (() => void) | undefined> = {
  'the folder is moved away': (dir) => {
    renameSync(dir, `${dir}.moved`);
    return () => renameSync(`${dir}.moved`, dir);
  },
  'a copy takes the folder’s place': (dir) => {
    renameSync(dir, `${dir}.moved`);
    cpSync(`${dir}.moved`, dir, { recursive: true });
    return () => {
      rmSync(dir, { recursive: true });
      renameSync(`${dir}.moved`, dir);
    };
  },
  'the database is moved away': (dir) => {
    renameSync(join(dir, 'chat.sqlite'), join(dir, 'elsewhere.sqlite'));
    return () => renameSync(join(dir, 'elsewhere.sqlite'), join(dir, 'chat.sqlite'));
  },
  'the folder is removed': (dir) => {
    rmSync(dir, { recursive: true });
    return undefined;
  },
};

for (const [title, lose] of Object.entries(LOSSES)) {
  test(`[fault 61] ${title}: nothing is acknowledged, it is said once, and what comes back is gone on with`, async ({ start }) => {
    const world = await start();
    const { person, operator, visitor } = await world.conversation();
    const page = person.pages[0];
    if (page === undefined) throw new Error('nobody is there');
    // The acknowledgements that are still on their way belong to the time before.
    await page.sent();
    const acked = page.notes.acked.length;
    const mend = lose(world.system.dataDir);
    await until(async () => !(await isReady(world)), 'the server is not ready');
    const uid = page.say('said without ground');
    await until(() => page.notes.refused.some((each) => each.uid === uid), 'it is answered');
    expect(page.notes.refused.filter(({ retry }) => !retry)).toEqual([]);
    expect(page.notes.acked.length).toBe(acked);
    expect([await status(world, '/healthz'), await status(world, '/readyz')]).toEqual([200, 503]);
    if (mend === undefined) {
      // Reading goes on as far as it can, and the server does not disturb an administrator who makes the folder anew.
      expect(existsSync(world.system.dataDir)).toBe(false);
      expect(operator.session.connection.value).toBe('online');
    } else {
      mend();
      await until(() => isReady(world), 'the server is ready again');
      await page.sent();
      await operator.answer(visitor, 'on firm ground again');
      await expectSound(() => world.evidence());
      expect(integrity(world.system.dataDir)).toBe('ok');
    }
    expect(troubles(world)).toHaveLength(1);
  });
}

test('[fault 61] the lock is removed: no second server gets in, and the first goes on', async ({ start }) => {
  const world = await start();
  const { person } = await world.conversation();
  const page = person.pages[0];
  rmSync(join(world.system.dataDir, 'server.lock'));
  page?.say('said without a lock');
  await page?.sent();
  await until(() => existsSync(join(world.system.dataDir, 'server.lock')), 'the lock is taken again');
  const second = await run(world, { PORT: '0' });
  expect(second.code).toBe(1);
  expect(second.output).toContain('is in use by another process');
  expect(await isReady(world)).toBe(true);
  page?.say('said beside one who was refused');
  await page?.sent();
  await expectSound(() => world.evidence());
});

/** Another server on the same folder, until it ends. */
async function run({ system }: FaultWorld, env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/server/main.js')], {
    env: { ...process.env, DATA_DIR: system.dataDir, DEMO_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, output };
}

/** Whatever was written stands in the file itself, and no more in the log beside it. */
function settle(file: string): void {
  const db = new Database(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

/** Writes nonsense over pages of the database. */
function overwrite(file: string, pages: readonly number[]): void {
  const fd = openSync(file, 'r+');
  for (const page of pages) writeSync(fd, Buffer.alloc(PAGE, 0xa5), 0, PAGE, page * PAGE);
  closeSync(fd);
}

for (const { every, title } of [
  { every: 10, title: 'every tenth page' },
  { every: 1, title: 'each page in its turn @campaign' },
]) {
  test(`[fault 63] pages of the database are overwritten: the start is refused in one line, and a backup is gone on with (${title})`, async ({
    start,
  }) => {
    test.setTimeout(600_000);
    const world = await start();
    const { person } = await world.conversation();
    const page = person.pages[0];
    const { system } = world;
    const backup = `${system.dataDir}.backup.sqlite`;
    await system.admin('backup', backup);
    page?.say('said after the backup');
    await page?.sent();
    await system.stopServer();
    const file = join(system.dataDir, 'chat.sqlite');
    settle(file);
    const whole = `${system.dataDir}.whole.sqlite`;
    cpSync(file, whole);
    const pages = Array.from({ length: statSync(file).size / PAGE }, (_, at) => at).filter((at) => at % every === 0);
    expect(pages.length).toBeGreaterThan(3);
    for (const at of pages) {
      cpSync(whole, file);
      overwrite(file, [at]);
      const { code, output } = await run(world, { PORT: String(system.port) });
      expect([at, code]).toEqual([at, 1]);
      const lines = output
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('{'));
      expect(lines, `page ${at}`).toEqual([expect.stringContaining(RESTORE)]);
    }
    await system.admin('restore', backup);
    await system.startServer();
    await until(() => page?.session.connection.value === 'online', 'the page is back');
    const uid = page?.say('said after the restore');
    await until(() => page?.notes.acked.some((acked) => acked.uid === uid), 'what is said is stored again');
    expect(integrity(system.dataDir)).toBe('ok');
    for (const copy of [backup, whole]) rmSync(copy);
  });
}

test('[fault 63] damage that shows under the running server: not ready, and nothing is acknowledged', async ({ start }) => {
  const world = await start();
  const { person } = await world.conversation();
  const page = person.pages[0];
  const { system } = world;
  const file = join(system.dataDir, 'chat.sqlite');
  settle(file);
  overwrite(
    file,
    Array.from({ length: statSync(file).size / PAGE - 1 }, (_, at) => at + 1),
  );
  // What the server remembers of its pages is good until somebody else writes: the first page is whole.
  const db = new Database(file);
  db.pragma('application_id = 7');
  db.close();
  const acked = page?.notes.acked.length;
  const others = Array.from({ length: 3 }, (_, at) => world.person(`visitor ${at}`).page());
  for (const other of others) other.say('hello');
  page?.say('said over nonsense');
  await until(async () => !(await isReady(world)), 'the server is not ready');
  expect(page?.notes.acked.length).toBe(acked);
  expect(await status(world, '/healthz')).toBe(200);
  expect(troubles(world)).toHaveLength(1);
});
