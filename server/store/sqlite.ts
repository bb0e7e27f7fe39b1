/**
 * The store in one SQLite file, for an installation of one process.
 *
 * Two connections: one writes, in shared commits (`group-commit.ts`); the other reads, and so sees only what was committed,
 * also while a transaction is under way. What is durable was fsynced before anybody hears of it (`synchronous = FULL`); what
 * was deleted is overwritten (`secure_delete`). Another process may write beside us: the admin command does.
 */
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import Database, { type Database as Connection, type Statement } from 'better-sqlite3';
import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely';
import { ChatError } from '../../shared/errors.ts';
import { systemClock, type Clock } from '../clock.ts';
import { randomId } from '../ids.ts';
import { toFault } from './faults.ts';
import { createGroupCommit } from './group-commit.ts';
import { keyed } from './keyed.ts';
import { migrate, MIGRATIONS, versionOf, type Migration } from './migrate.ts';
import { createReader } from './reader.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';
import { createWritability } from './writability.ts';
import { createTransaction } from './writer.ts';

export interface SqliteOptions {
  file: string;
  /** How often changes of other processes are looked for. */
  foreignChangeMs: number;
  clock?: Clock;
  /** For tests of the migrations themselves. */
  migrations?: readonly Migration[];
}

/** SQLite's own wait blocks the whole process, so it is short; `group-commit.ts` waits longer without blocking. */
const BUSY_TIMEOUT_MS = 100;
/** Opening and migrating wait for another process that does the same. */
const OPEN_TIMEOUT_MS = 10_000;
const SETTLE_FOR_MS = 15_000;
/** Pages copied in one go by a backup: all of them, or a busy writer would make it begin again and again. */
const ALL_PAGES = 0x7fffffff;

/** @throws NewerDatabase when a newer program has written the file */
export async function createSqliteStore({ file, foreignChangeMs, clock = systemClock, migrations = MIGRATIONS }: SqliteOptions): Promise<Store> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const writing = openForWriting(file, clock, migrations);
  const reading = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  reading.pragma('query_only = ON');

  const writeDb = createQueries(writing);
  const readDb = createQueries(reading);
  const transaction = createTransaction(writeDb, createReader(writeDb), clock);
  const group = createGroupCommit(writing, clock);
  const writability = createWritability(writing, group, clock);
  const changes = createChangeWatch(writing, clock, foreignChangeMs);

  return {
    ...createReader(readDb),
    epoch: readMeta(writing, 'epoch', randomId),
    restoredAt: readRestoredAt(writing),
    secret: readSecret(writing),
    transact: (work) => writability.watch(group.run(() => work(transaction))),
    isWritable: writability.ask,
    onForeignChange: changes.subscribe,
    backup: (target) => backUp(reading, target),
    settle: () => settle(file, clock),
    async close() {
      changes.close();
      await group.close();
      if (reading.open) reading.close();
      if (writing.open) writing.close();
    },
  };
}

/**
 * Makes `file` a fresh lineage of the database: a new epoch, so that clients forget what a backup does not know, and no
 * operator signed in, because the backup may be older than somebody's dismissal. Nobody else may have it open.
 */
export function renewDatabase(file: string, clock: Clock = systemClock): void {
  const db = openForWriting(file, clock, MIGRATIONS);
  try {
    if (db.pragma('integrity_check', { simple: true }) !== 'ok') throw new Error('it is damaged.');
    db.transaction(() => {
      readMeta(db, 'epoch', randomId);
      db.prepare("UPDATE meta SET value = ? WHERE key = 'epoch'").run(randomId());
      db.prepare('DELETE FROM session WHERE operator IS NOT NULL').run();
      // How far each chat reaches now: whoever was told of more was told of what is lost.
      db.prepare('UPDATE chat SET restored_seq = last_seq').run();
      db.prepare("INSERT INTO meta (key, value) VALUES ('restored_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(String(clock.nowSeconds()));
    }).immediate();
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

function openForWriting(file: string, clock: Clock, migrations: readonly Migration[]): Connection {
  const db = new Database(file, { timeout: OPEN_TIMEOUT_MS });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('secure_delete = ON');
    db.pragma('foreign_keys = ON');
    // For steps that give a key to what is stored. Read before: within a statement there is no asking for it.
    const version = versionOf(db);
    const secret = version === 0 || version >= migrations.length ? new Uint8Array() : readSecret(db);
    db.function('keyed', { deterministic: true }, (text) => keyed(secret, 'command', String(text)));
    migrate(db, migrations, clock.nowSeconds());
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function createQueries(db: Connection): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: withPreparedStatements(db) }) });
}

/** Our queries are few and always the same text: each is compiled once. */
function withPreparedStatements(db: Connection): SqliteDatabase {
  const statements = new Map<string, Statement<unknown[]>>();
  return {
    prepare(text) {
      const known = statements.get(text) ?? db.prepare<unknown[]>(text);
      statements.set(text, known);
      return {
        reader: known.reader,
        all: (parameters) => known.all(...parameters),
        run: (parameters) => known.run(...parameters),
        iterate: (parameters) => known.iterate(...parameters),
      };
    },
    close: () => db.close(),
  };
}

/** The value under `key`; made and kept if there is none. Of two processes that make one, the first one's stays. */
function readMeta(db: Connection, key: string, make: () => string): string {
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run(key, make());
  const value: unknown = db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key);
  if (typeof value !== 'string') throw new Error(`The database has no ${key}.`);
  return value;
}

function readSecret(db: Connection): Uint8Array {
  return Buffer.from(readMeta(db, 'secret', () => randomBytes(32).toString('base64')), 'base64');
}

function readRestoredAt(db: Connection): number | null {
  const value: unknown = db.prepare("SELECT value FROM meta WHERE key = 'restored_at'").pluck().get();
  return typeof value === 'string' ? Number(value) : null;
}

/** `data_version` changes when another connection has committed; our second one never writes, so it was another process. */
function createChangeWatch(db: Connection, clock: Clock, everyMs: number) {
  const listeners = new Set<() => void>();
  const version = () => db.pragma('data_version', { simple: true });
  let seen = version();
  let stop = clock.after(everyMs, look);

  function look(): void {
    stop = clock.after(everyMs, look);
    const now = version();
    if (now === seen) return;
    seen = now;
    for (const listener of [...listeners]) listener();
  }

  return {
    subscribe(listener: () => void) {
      const own = () => listener();
      listeners.add(own);
      return () => listeners.delete(own);
    },
    close() {
      stop();
      listeners.clear();
    },
  };
}

/** Written aside and renamed, so that what bears the name is always whole. Readable by its owner alone: it holds secrets. */
async function backUp(db: Connection, target: string): Promise<void> {
  const aside = `${target}.${randomId()}.part`;
  try {
    await db.backup(aside, { progress: () => ALL_PAGES });
    chmodSync(aside, 0o600);
    // Without a log of its own: one file, which can also be read from where nothing can be written.
    const copy = new Database(aside);
    copy.pragma('journal_mode = DELETE');
    copy.close();
    renameSync(aside, target);
  } catch (error) {
    rmSync(aside, { force: true });
    throw toFault(error);
  }
}

/** On a connection of its own, because ours may be in a transaction, and patiently, because readers hold the log's end. */
async function settle(file: string, clock: Clock): Promise<void> {
  const giveUpAt = clock.nowMs() + SETTLE_FOR_MS;
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    while (isCheckpointBusy(db)) {
      if (clock.nowMs() >= giveUpAt) throw new ChatError('unavailable', 'Somebody has been reading the database for too long; its log was not emptied.');
      await new Promise<void>((resolve) => clock.after(BUSY_TIMEOUT_MS, resolve));
    }
  } catch (error) {
    throw toFault(error);
  } finally {
    db.close();
  }
}

/** The pragma answers in columns: busy, frames in the log, frames brought over. */
function isCheckpointBusy(db: Connection): boolean {
  return db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0;
}
