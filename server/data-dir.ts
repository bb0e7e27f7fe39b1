/**
 * Who serves a data directory. Two servers on one database would each believe to be the only one that hands out places, and
 * `restore` must not swap a database under a running server, so whoever does either claims the directory first.
 *
 * The claim is a lock that the kernel holds on `server.lock` (taken through SQLite, which knows how on every system): it ends
 * with the process however that dies, so nothing stale is ever left and no pid is ever guessed at. `server.pid` beside it only
 * says whom to stop. The other admin commands claim nothing: they write beside a running server.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Somebody else has claimed this directory. */
export class DataDirInUse extends Error {
  constructor(dir: string, pid: string) {
    super(`The data directory ${dir} is in use by another process${pid && ` (${pid})`}. Stop it first, or set DATA_DIR to another directory.`);
    this.name = 'DataDirInUse';
  }
}

/**
 * Makes the directory if it is missing (readable by its owner alone) and claims it for this process.
 *
 * @returns what gives the claim back
 * @throws DataDirInUse
 */
export function claimDataDir(dir: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pidFile = join(dir, 'server.pid');
  const lock = new Database(join(dir, 'server.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw new DataDirInUse(dir, readPid(pidFile));
    throw error;
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return () => {
    if (!lock.open) return;
    rmSync(pidFile, { force: true });
    lock.close();
  };
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
