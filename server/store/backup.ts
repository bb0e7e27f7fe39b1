/**
 * A copy of the database in one file. We write it aside in the same folder, check it and sync it to the disk before it takes its
 * name. So the file of that name, the earlier backup or this one, is always whole. Only its owner can read it: it holds secrets.
 */
import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { randomId } from '../base/ids.ts';
import { toFault } from './sqlite-faults.ts';
import { Database } from './driver.ts';

/** Pages copied in one go: all of them, or a busy writer would make it begin again and again. */
const ALL_PAGES = 0x7fffffff;

export async function backUp(db: Connection, target: string): Promise<void> {
  const aside = `${target}.${randomId()}.part`;
  try {
    await db.backup(aside, { progress: () => ALL_PAGES });
    chmodSync(aside, 0o600);
    const copy = new Database(aside);
    try {
      // Without a log of its own: one file, which can also be read from where nothing can be written.
      copy.pragma('journal_mode = DELETE');
      if (copy.pragma('quick_check(1)', { simple: true }) !== 'ok')
        throw new Error('the database is damaged, and so would be the backup. What stood there is as it was.');
    } finally {
      copy.close();
    }
    syncFile(aside);
    renameSync(aside, target);
    syncFile(dirname(target));
  } catch (error) {
    for (const rest of [aside, `${aside}-journal`]) rmSync(rest, { force: true });
    throw toFault(error);
  }
}

/** Brings a file, or what a folder says of its files, to the disk. */
export function syncFile(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some systems sync no folders; there the name is as safe as it gets.
    if (!(error instanceof Error && 'code' in error && (error.code === 'EINVAL' || error.code === 'EPERM'))) throw error;
  } finally {
    closeSync(fd);
  }
}
