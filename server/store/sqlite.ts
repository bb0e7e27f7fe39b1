/**
 * The store in one SQLite file, for an installation of one process.
 *
 * Two connections: one writes, in shared commits (`group-commit.ts`); the other reads, and so sees only committed data,
 * also while a transaction is running. Each commit is fsynced before anybody hears of it (`synchronous = FULL`); deleted
 * data is overwritten (`secure_delete`). Another process may write beside us: the admin command does.
 */
import { mkdirSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { Database as Connection, Statement } from 'better-sqlite3';
import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely';
import { ChatError } from '../../shared/errors.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import { createListeners } from '../base/listeners.ts';
import { backUp } from './backup.ts';
import { Database } from './driver.ts';
import { isBusy, toFault, toStartFault, unusableFile } from './sqlite-faults.ts';
import { createFooting, type Footing } from './footing.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { keyed } from './keyed.ts';
import { migrate, MIGRATIONS, versionOf } from './migrate.ts';
import type { Migration } from './migrations/migration.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';
import { createReader, createTransaction } from './transaction.ts';
import { createWritability, type Trial } from './writability.ts';

export interface SqliteOptions {
  file: string;
  /** How often changes of other processes are looked for. */
  foreignChangeMs: number;
  clock?: Clock;
  /** For tests of the migrations themselves. */
  migrations?: readonly Migration[];
  /**
   * A server, which must be the only one: it takes the database from any other server, which then stores nothing more. It stores
   * nothing itself once `isHeld` says that the folder is another's. `onTrouble` gets once the reason why nothing can be stored,
   * and `null` when storing works again.
   */
  server?: { isHeld(): boolean; onTrouble(reason: string | null): void };
}

/** SQLite's own wait blocks the whole process, so it is short; `group-commit.ts` waits longer without blocking. */
const BUSY_TIMEOUT_MS = 100;
/** Opening and migrating wait for another process that does the same. */
const OPEN_TIMEOUT_MS = 10_000;
const SETTLE_FOR_MS = 15_000;
/** A file of that size is looked through in less than a second, and written anew within the time that others wait for a lock. */
const SMALL_BYTES = 128 * 1024 * 1024;

/**
 * @throws NewerDatabase when a newer program has written the file
 * @throws UnusableDatabase when it is damaged, or cannot be opened
 */
export async function createSqliteStore(options: SqliteOptions): Promise<Store> {
  try {
    return openStore(options);
  } catch (error) {
    throw toStartFault(error, options.file);
  }
}

function openStore({ file, foreignChangeMs, clock = systemClock, migrations = MIGRATIONS, server }: SqliteOptions): Store {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const writing = openForWriting(file, clock, migrations);
  const reading = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  reading.pragma('query_only = ON');

  const epoch = readMeta(writing, 'epoch', randomId);
  const secret = readSecret(writing);
  const footing = createFooting({ file, db: writing, ...(server && { ...server, holder: randomId() }) });
  writing.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const writeDb = createQueries(writing, footing);
  const readDb = createQueries(reading, footing);
  const transaction = createTransaction(writeDb, clock);
  const group = createGroupCommit(writing, clock);
  group.standOn(footing);
  const writability = createWritability(createTrial(writing, group), clock);
  const changes = createChangeWatch(writing, clock, foreignChangeMs, footing);

  return {
    ...createReader(readDb),
    get epoch() {
      return epoch;
    },
    // A restore needs the file for itself.
    onEpoch: () => () => {},
    restoredAt: readRestoredAt(writing),
    secret,
    // There is one writer, who is alone with everything.
    transact: (_, work) => writability.watch(group.run(() => work(transaction))),
    snapshot: (work) => readDb.transaction().execute((at) => work(createReader(at))),
    isWritable: async () => footing.look() && (await writability.ask()),
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
      // How far each chat reaches now: a client that has seen more has seen lost events.
      db.prepare('UPDATE chat SET restored_seq = last_seq').run();
      db.prepare("INSERT INTO meta (key, value) VALUES ('restored_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(
        String(clock.nowSeconds()),
      );
    }).immediate();
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

/** As patient as opening has to be; who goes on to serve shortens that afterwards. */
function openForWriting(file: string, clock: Clock, migrations: readonly Migration[]): Connection {
  const db = new Database(file, { timeout: OPEN_TIMEOUT_MS });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('secure_delete = ON');
    db.pragma('foreign_keys = ON');
    checkSmall(db, file);
    // For steps that key stored hashes. We read it first: a running statement cannot ask for it.
    const version = versionOf(db);
    const secret = version === 0 || version >= migrations.length ? new Uint8Array() : readSecret(db);
    db.function('keyed', { deterministic: true }, (text) => keyed(secret, 'command', String(text)));
    migrate(db, migrations, clock.nowSeconds());
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Whether the pages fit together, where looking costs a moment: reading all of a big database would cost more than most damage does,
 * which shows as soon as it is met.
 */
function checkSmall(db: Connection, file: string): void {
  if (statSync(file).size > SMALL_BYTES) return;
  if (db.pragma('quick_check(1)', { simple: true }) !== 'ok') throw unusableFile(file, 'SQLITE_CORRUPT');
}

function createQueries(db: Connection, footing: Footing): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: withPreparedStatements(db, footing) }) });
}

/** Our queries are few and always the same text: each is compiled once. */
function withPreparedStatements(db: Connection, footing: Footing): SqliteDatabase {
  const statements = new Map<string, Statement<unknown[]>>();
  const noting = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      footing.note(error);
      throw error;
    }
  };
  return {
    prepare(text) {
      const known = statements.get(text) ?? noting(() => db.prepare<unknown[]>(text));
      statements.set(text, known);
      return {
        reader: known.reader,
        all: (parameters) => noting(() => known.all(...parameters)),
        run: (parameters) => noting(() => known.run(...parameters)),
        iterate: (parameters) => known.iterate(...parameters),
      };
    },
    close: () => db.close(),
  };
}

/**
 * The value under `key`; made and kept if there is none. Of two processes that make one, the first one's stays. A process that
 * finds one only reads, which needs no lock: another process may hold that for long.
 */
function readMeta(db: Connection, key: string, make: () => string): string {
  const read = db.prepare('SELECT value FROM meta WHERE key = ?').pluck();
  if (read.get(key) === undefined) db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run(key, make());
  const value: unknown = read.get(key);
  if (typeof value !== 'string') throw new Error(`The database has no ${key}.`);
  return value;
}

function readSecret(db: Connection): Uint8Array {
  return Buffer.from(
    readMeta(db, 'secret', () => randomBytes(32).toString('base64')),
    'base64',
  );
}

function readRestoredAt(db: Connection): number | null {
  const value: unknown = db.prepare("SELECT value FROM meta WHERE key = 'restored_at'").pluck().get();
  return typeof value === 'string' ? Number(value) : null;
}

function createTrial(db: Connection, group: GroupCommit): Trial {
  const put = db.prepare("INSERT INTO meta (key, value) VALUES ('trial', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
  const remove = db.prepare("DELETE FROM meta WHERE key = 'trial'");
  return {
    put: (text) => group.run(async () => put.run(text)),
    remove: () => group.run(async () => remove.run()),
  };
}

/** `data_version` changes when another connection has committed; our second one never writes, so it was another process. */
function createChangeWatch(db: Connection, clock: Clock, everyMs: number, footing: Footing) {
  const listeners = createListeners();
  const version = () => db.pragma('data_version', { simple: true });
  let seen = version();
  let stop = clock.after(everyMs, look);

  function look(): void {
    stop = clock.after(everyMs, look);
    if (!footing.look()) return;
    try {
      const now = version();
      if (now === seen) return;
      seen = now;
    } catch (error) {
      return footing.note(error);
    }
    listeners.tell();
  }

  return {
    subscribe: listeners.add,
    close() {
      stop();
      listeners.clear();
    },
  };
}

/**
 * On a connection of its own, because ours may be in a transaction, and patiently, because writers hold the lock and readers the log's end.
 *
 * SQLite overwrites deleted data, but not the old place of a row that it moved earlier to make room for others. So we rewrite a
 * small database whole; a big one would keep all others waiting for too long.
 */
async function settle(file: string, clock: Clock): Promise<void> {
  const giveUpAt = clock.nowMs() + SETTLE_FOR_MS;
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  const patiently = async (isBusyStill: () => boolean): Promise<void> => {
    while (isBusyStill()) {
      if (clock.nowMs() >= giveUpAt)
        throw new ChatError('unavailable', 'Somebody has held the database for too long; its log was not emptied.');
      await new Promise<void>((resolve) => clock.after(BUSY_TIMEOUT_MS, resolve));
    }
  };
  try {
    // The copy that is made on the way is everybody's: it goes into no file.
    db.pragma('temp_store = MEMORY');
    if (statSync(file).size <= SMALL_BYTES) await patiently(() => isRewriteBusy(db));
    await patiently(() => isCheckpointBusy(db));
  } catch (error) {
    throw toFault(error);
  } finally {
    db.close();
  }
}

function isRewriteBusy(db: Connection): boolean {
  try {
    db.exec('VACUUM');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  }
}

/** The pragma answers in columns: busy, frames in the log, frames brought over. */
function isCheckpointBusy(db: Connection): boolean {
  return db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0;
}
