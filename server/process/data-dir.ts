/**
 * Which process owns a data directory. Two servers on one database would each believe to be the only one that numbers events,
 * and `restore` must not swap a database under a running server. So both claim the directory first.
 *
 * The claim is a lock that the kernel holds on `server.lock` (taken through SQLite, which knows how on every system): it ends
 * with the process, however that dies, so no stale lock remains and we never guess at a pid. `server.pid` beside it only names
 * the process to stop. Removing the lock's file frees nothing: its holder checks it repeatedly, and takes it anew. The other
 * admin commands claim nothing: they write beside a running server.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { Database } from '../store/driver.ts';

/** Somebody else has claimed this directory. */
export class DataDirInUse extends Error {
  constructor(dir: string, pid: string) {
    super(
      `The data directory ${dir} is in use by another process${pid && ` (${pid})`}. Stop it first, or set DATA_DIR to another directory.`,
    );
    this.name = 'DataDirInUse';
  }
}

/** Gives the claim back. */
export interface Claim {
  (): void;
  /** Whether the directory is ours still. A lock that somebody has removed is taken again, unless somebody else has been quicker. */
  isHeld(): boolean;
}

/**
 * Makes the directory if it is missing (readable by its owner alone) and claims it for this process.
 *
 * @returns what gives the claim back
 * @throws DataDirInUse
 */
export function claimDataDir(dir: string): Claim {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pidFile = join(dir, 'server.pid');
  const lockFile = join(dir, 'server.lock');
  let lock = takeLock(lockFile);
  if (lock === undefined) throw new DataDirInUse(dir, readPid(pidFile));
  const folder = identityOf(dir);
  let file = identityOf(lockFile);
  writeFileSync(pidFile, `${process.pid}\n`);

  const release = () => {
    if (lock?.open !== true) return;
    // A folder that another has taken since has another's pid in it.
    if (identityOf(lockFile) === file) rmSync(pidFile, { force: true });
    lock.close();
  };
  return Object.assign(release, {
    isHeld(): boolean {
      if (lock?.open !== true || identityOf(dir) !== folder) return false;
      if (identityOf(lockFile) === file) return true;
      const again = takeLock(lockFile);
      if (again === undefined) return false;
      lock.close();
      lock = again;
      file = identityOf(lockFile);
      writeFileSync(pidFile, `${process.pid}\n`);
      return true;
    },
  });
}

/** `undefined` if another process has it. */
function takeLock(file: string): Connection | undefined {
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
}

function identityOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'none' : `${found.dev}:${found.ino}`;
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
