/** A database that is moved, replaced, taken by another server or damaged under the running store: nothing is promised then. */
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSettings } from '../../shared/settings.ts';
import { UnusableDatabase } from './unusable.ts';
import { createSqliteStore } from './sqlite.ts';
import type { Store } from './store.ts';

let dir: string;
let file: string;
let troubles: (string | null)[];
const opened: Store[] = [];
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'footing-')), 'data');
  file = join(dir, 'chat.sqlite');
  troubles = [];
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close().catch(() => undefined);
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

const open = async (isHeld = () => true) => {
  const store = await createSqliteStore({ file, foreignChangeMs: 1e9, server: { isHeld, onTrouble: (reason) => troubles.push(reason) } });
  opened.push(store);
  return store;
};
const addSite = (store: Store, key: string, name = key) =>
  store.transact([], (tx) => tx.saveSite({ key, name, origins: ['https://shop.example'], settings: parseSettings({}) }));
const refused = (store: Store) => expect(addSite(store, 'refused')).rejects.toMatchObject({ code: 'unavailable' });

describe('a database under which the ground moves', () => {
  it('[FF.B3] [ST.footing] acknowledges nothing once its folder was moved, says why once, and goes on when it is back', async () => {
    const store = await open();
    await addSite(store, 'before');
    expect(await store.sites()).toHaveLength(1);
    renameSync(dir, `${dir}-away`);
    for (let at = 0; at < 3; at += 1) await refused(store);
    expect(await store.isWritable()).toBe(false);
    expect((await store.sites()).map(({ key }) => key)).toEqual(['before']);
    renameSync(`${dir}-away`, dir);
    await addSite(store, 'after');
    expect(await store.isWritable()).toBe(true);
    expect((await store.sites()).map(({ key }) => key)).toEqual(['after', 'before']);
    expect(troubles).toEqual([expect.stringContaining(`${file} is not the file that was opened`), null]);
  });

  it('[FF.B3] [ST.footing] is refused for ever when the folder was removed, also when another stands there since', async () => {
    const store = await open();
    await addSite(store, 'before');
    rmSync(dir, { recursive: true });
    await refused(store);
    mkdirSync(dir);
    await addSite(await open(), 'of the other');
    await refused(store);
    expect(await store.isWritable()).toBe(false);
  });

  it.each(['', '-wal', '-shm'])('[FF.B3] [ST.footing] sees chat.sqlite%s removed', async (suffix) => {
    const store = await open();
    await addSite(store, 'before');
    rmSync(`${file}${suffix}`);
    await refused(store);
    expect(await store.isWritable()).toBe(false);
  });

  it('[FF.B3] [ST.footing] answers nobody whose commit went into a file that was removed while it ran', async () => {
    const store = await open();
    const write = store.transact([], async (tx) => {
      await tx.saveSite({ key: 'lost', name: 'lost', origins: [], settings: parseSettings({}) });
      rmSync(dir, { recursive: true });
    });
    await expect(write).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('[FF.B3] [ST.footing] leaves the database to a second server that was let in, and to no two at once', async () => {
    const first = await open();
    await addSite(first, 'one');
    const second = await open();
    await addSite(second, 'two');
    await refused(first);
    await addSite(second, 'three');
    expect(await first.isWritable()).toBe(false);
    expect(troubles).toEqual([expect.stringContaining('Another server has taken the database')]);
    // The admin command takes nothing.
    const admin = await createSqliteStore({ file, foreignChangeMs: 1e9 });
    opened.push(admin);
    await addSite(admin, 'four');
    await addSite(second, 'five');
  });

  it('[FF.B3] [ST.footing] stores nothing while its folder is held by somebody else', async () => {
    let isHeld = true;
    const store = await open(() => isHeld);
    isHeld = false;
    await refused(store);
    isHeld = true;
    await addSite(store, 'again');
  });
});

/** Writes nonsense over the pages of a closed database. */
function overwrite(from: number, pages: number): void {
  const fd = openSync(file, 'r+');
  for (let at = 0; at < pages; at += 1) writeSync(fd, Buffer.alloc(4096, 0xa5), 0, 4096, (from + at) * 4096);
  closeSync(fd);
}

describe('a damaged database', () => {
  const fill = async () => {
    const store = await open();
    for (let at = 0; at < 40; at += 1) await addSite(store, `site-${at}`, 'x'.repeat(60));
    await store.settle();
    return store;
  };

  it.each([
    ['its first page', 0],
    ['a page in the middle', 12],
    ['its last pages', -3],
  ])('[FF.B6] [ST.damage] is refused at the start in one line that says what to do: %s', async (_, from) => {
    await (await fill()).close();
    const pages = statSync(file).size / 4096;
    overwrite(from < 0 ? pages + from : from, from < 0 ? -from : 1);
    const failure: unknown = await open().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnusableDatabase);
    expect(String((failure as Error).message)).toMatch(
      /^The database .*chat\.sqlite is damaged \(SQLITE_\w+\)\. Restore a backup: npm run admin -- restore FILE$/,
    );
  });

  it('[FF.B6] [ST.damage] refuses a file that is no database, or cannot be opened, in one line, too', async () => {
    mkdirSync(dir);
    writeFileSync(file, 'not a database at all, but long enough to look like one '.repeat(100));
    await expect(open()).rejects.toThrow(/is damaged \(SQLITE_NOTADB\)\. Restore a backup/);
    rmSync(file);
    mkdirSync(file);
    await expect(open()).rejects.toThrow(/cannot be opened \(SQLITE_CANTOPEN\w*\): expected a file/);
  });

  it('[FF.B6] [ST.damage] that shows while the store is open: not writable from then on, said once', async () => {
    const store = await fill();
    const pages = statSync(file).size / 4096;
    overwrite(1, pages - 1);
    // A new connection has none of it in its cache; ours may have.
    const failures: unknown[] = [];
    for (let at = 0; at < 40; at += 1) await store.site(`site-${at}`).catch((error: unknown) => failures.push(error));
    await addSite(store, 'more').catch((error: unknown) => failures.push(error));
    await store.sites().catch((error: unknown) => failures.push(error));
    expect(failures.length).toBeGreaterThan(0);
    await refused(store);
    expect(await store.isWritable()).toBe(false);
    expect(troubles).toEqual([
      expect.stringMatching(/is damaged \(SQLITE_CORRUPT\w*\)\. Stop the server and restore a backup: npm run admin -- restore FILE\.$/),
    ]);
    expect(existsSync(file)).toBe(true);
  });
});
