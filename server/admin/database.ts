/**
 * Backup and restore of the database. A backup is one file and needs no pause; a restore replaces the database of a server
 * that is not running, and makes it a new lineage (epoch) so that no client mistakes old places for new ones.
 */
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { claimDataDir } from '../process/data-dir.ts';
import { NewerDatabase, versionOf } from '../store/migrate.ts';
import { renewDatabase } from '../store/sqlite.ts';
import { syncFile } from '../store/backup.ts';
import { Refused, type Command } from './command.ts';
import { toPlainFile, toTarget } from './plain-file.ts';
import { Database } from '../store/driver.ts';

export const databaseCommands: readonly Command[] = [
  {
    name: 'backup',
    usage: 'FILE',
    does: 'copies the database into one file, beside a running server',
    flags: [],
    needs: 'store',
    async run({ config, store, args, print }) {
      refusePostgres(config);
      const file = toTarget(resolve(args.words('FILE')[0]), config.databaseFile);
      try {
        await store.backup(file);
      } catch (error) {
        throw new Refused(`The backup could not be written to ${file}: ${error instanceof Error ? error.message : String(error)}`);
      }
      print(`Backup written to ${file}. It holds secrets and what visitors wrote: keep it safe.`);
      const loaders = join(config.dataDir, 'loaders');
      print(
        `Not in it: uploaded files (${config.filesDir}), avatars (${config.avatarsDir}) and pinned loaders (${loaders}). Copy these folders too.`,
      );
    },
  },
  {
    name: 'restore',
    usage: 'FILE',
    does: 'replaces the database by a backup; the server must not be running',
    flags: [],
    needs: 'file',
    async run({ config, args, print }) {
      refusePostgres(config);
      const file = resolve(args.words('FILE')[0]);
      const release = claimDataDir(config.dataDir);
      const next = `${config.databaseFile}.restoring`;
      try {
        makeReady(file, next);
        dropLog(config.databaseFile);
        renameSync(next, config.databaseFile);
        syncFile(config.dataDir);
      } finally {
        for (const rest of [next, `${next}-wal`, `${next}-shm`]) rmSync(rest, { force: true });
        release();
      }
      print(`Restored from ${file}. Operators must sign in again; what happened after the backup is gone.`);
      print('Of which chats clients were told more, they say when they come back. To see it: npm run admin -- lost list');
    },
  },
];

/** Its own tools do it better, and beside a standby. */
function refusePostgres({ databaseUrl }: Pick<Config, 'databaseUrl'>): void {
  if (databaseUrl !== null)
    throw new Refused('DATABASE_URL is set: back up and restore that database by its own tools, such as pg_dump and pg_restore.');
}

/** A copy of the backup in this program's shape, as a new lineage. */
function makeReady(file: string, next: string): void {
  toPlainFile(file);
  try {
    copyFileSync(file, next);
    refuseOthers(file, next);
    renewDatabase(next);
    syncFile(next);
  } catch (error) {
    if (error instanceof NewerDatabase || error instanceof Refused) throw error;
    throw new Refused(`${file} cannot be restored: ${error instanceof Error ? error.message : String(error)} The database is as it was.`);
  }
}

/** Our tables must not be written into just any database. Asked of the copy: merely reading leaves traces beside a file. */
function refuseOthers(file: string, copy: string): void {
  let version = 0;
  try {
    const db = new Database(copy, { readonly: true });
    version = versionOf(db);
    db.close();
  } catch {
    // Not a database at all: the version stays 0.
  }
  if (version === 0) throw new Refused(`${file} is no backup of this program.`);
}

/**
 * Brings the log of the old database home, so that its remains are never taken for changes of the new one. A database that
 * cannot be read any more (the reason for many a restore) just loses its log.
 */
function dropLog(file: string): void {
  try {
    const db = new Database(file, { fileMustExist: true });
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
  } catch {
    // Damaged or absent.
  }
  for (const rest of [`${file}-wal`, `${file}-shm`]) rmSync(rest, { force: true });
}
