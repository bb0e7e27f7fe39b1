/**
 * The store in a PostgreSQL database, for one server at a time (`postgres-control.ts` sees to that) and the admin command beside it.
 *
 * A work takes its locks in the round trip that begins its transaction and before its first read, since a statement sees only what was
 * committed before it began. So READ COMMITTED is enough: what a work must be alone with is said by its locks. Whoever reads without
 * one sees single rows as they are; several that fit together are read by `snapshot`.
 *
 * Erased data stays in the database's own log and in the places that are free for new rows until it has cleaned up, which is its
 * administrator's to see to.
 */
import { randomBytes } from 'node:crypto';
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import { ChatError } from '../../shared/errors.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import { lockNumber } from './lock-number.ts';
import { inOrder, type Lock } from './locks.ts';
import { POSTGRES_MIGRATIONS } from './migrate.ts';
import type { PostgresMigration } from './migrations/migration.ts';
import { createControl, NOTICES, type ServerRole } from './postgres-control.ts';
import { ConnectionLost, isWorthAnotherTry, placeOf, toPostgresStartFault } from './postgres-faults.ts';
import { migratePostgres } from './postgres-migrate.ts';
import { createPool, faultOf, type Lease, type Pool } from './postgres-pool.ts';
import type { Store, Transaction } from './store.ts';
import type { Tables } from './tables.ts';
import { createReader, createTransaction } from './transaction.ts';
import { createTurns } from './turns.ts';
import { createWritability } from './writability.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  clock?: Clock;
  /** For tests of the migrations themselves. */
  migrations?: readonly PostgresMigration[];
  /** A server, which must be the only one. */
  server?: ServerRole;
}

/** So often a work is run again that another one has stood in the way of. */
const MOST_TRIES = 4;
const RETRY_MS = 20;

/**
 * @throws NewerDatabase when a newer program has written the database
 * @throws UnusableDatabase when it cannot be reached or used, or is somebody else's
 */
export async function createPostgresStore(options: PostgresOptions): Promise<Store> {
  try {
    return await openStore(options);
  } catch (error) {
    throw toPostgresStartFault(error, placeOf(options.url));
  }
}

async function openStore({ url, clock = systemClock, migrations = POSTGRES_MIGRATIONS, server }: PostgresOptions): Promise<Store> {
  const node = randomId();
  await migratePostgres(url, migrations, clock.nowSeconds());
  const control = await createControl({ url, node, clock, server });
  const pool = createPool(url, `chat-${node}`);
  try {
    return await overPool(pool, control, node, clock);
  } catch (error) {
    await control.close();
    await pool.close();
    throw error;
  }
}

async function overPool(pool: Pool, control: Awaited<ReturnType<typeof createControl>>, node: string, clock: Clock): Promise<Store> {
  const readDb = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { connect: () => lendToReader(pool), end: () => pool.close() } }),
  });
  const meta = await readMeta(readDb);
  const turns = createTurns();
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  async function transact<T>(locks: readonly Lock[], work: (tx: Transaction) => Promise<T>): Promise<T> {
    const held = inOrder(locks);
    try {
      return await turns.take(held, () => persistently(held, work));
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** Once more for each loss of the connection that was certainly before the commit, some times for others who stood in the way. */
  async function persistently<T>(locks: readonly Lock[], work: (tx: Transaction) => Promise<T>): Promise<T> {
    const lost = { count: 0 };
    for (let tries = 1; ; tries += 1) {
      const attempt = { isSent: false };
      try {
        return await once(locks, work, attempt);
      } catch (error) {
        const isLost = error instanceof ConnectionLost && !attempt.isSent && (lost.count += 1) === 1;
        if (isClosed || !(isLost || (isWorthAnotherTry(error) && tries < MOST_TRIES))) throw error;
        await new Promise<void>((resolve) => systemClock.after(RETRY_MS * tries * (0.5 + Math.random()), resolve));
      }
    }
  }

  /** @param attempt says afterwards whether the commit had been sent, so that nobody knows whether it was done */
  async function once<T>(locks: readonly Lock[], work: (tx: Transaction) => Promise<T>, attempt: { isSent: boolean }): Promise<T> {
    control.assert();
    return leased(async (lease, db) => {
      await lease.query(['BEGIN', ...locks.map((lock) => `SELECT pg_advisory_xact_lock(${lockNumber(lock)})`)].join('; '));
      const notice = { isDue: false };
      const value = await work(noticing(createTransaction(db, clock), notice));
      if (notice.isDue) await lease.query('SELECT pg_notify($1, $2)', [NOTICES, node]);
      attempt.isSent = true;
      const { command } = await lease.conclude('COMMIT');
      if (command !== 'COMMIT') throw new Error('A work went on after a statement of it had failed: nothing of it was stored.');
      return value;
    });
  }

  /** A connection of its own for `use`, with nothing left open on it afterwards. */
  async function leased<T>(use: (lease: Lease, db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const lease = await pool.lend();
    try {
      return await use(lease, queriesOver(lease));
    } catch (error) {
      if (!lease.isBroken()) await lease.conclude('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      lease.release();
    }
  }

  async function snapshot<T>(work: Parameters<Store['snapshot']>[0]): Promise<T> {
    try {
      return await leased(async (lease, db) => {
        await lease.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const value = (await work(createReader(db))) as T;
        await lease.conclude('COMMIT');
        return value;
      });
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** Whoever closes the store waits for what it has taken on. */
  function accept<T>(work: () => Promise<T>): Promise<T> {
    if (isClosed) return Promise.reject(new ChatError('unavailable', 'The store is closed.'));
    const done = work();
    running.add(done);
    const forget = () => void running.delete(done);
    done.then(forget, forget);
    return done;
  }

  const writability = createWritability(
    {
      put: (value) =>
        readDb
          .insertInto('meta')
          .values({ key: 'trial', value })
          .onConflict((c) => c.column('key').doUpdateSet({ value }))
          .execute(),
      remove: () => readDb.deleteFrom('meta').where('key', '=', 'trial').execute(),
    },
    clock,
  );

  return {
    ...translated(createReader(readDb)),
    secret: meta.secret,
    restoredAt: meta.restoredAt,
    get epoch() {
      return `${meta.epoch}-${control.timeline()}`;
    },
    onEpoch: control.onTimeline,
    transact: (locks, work) => accept(() => writability.watch(transact(locks, work))),
    snapshot: (work) => accept(() => snapshot(work)),
    async isWritable() {
      if (isClosed || !control.isWell() || !(await writability.ask())) return false;
      return leased((lease) => lease.query('SELECT 1')).then(
        () => true,
        () => false,
      );
    },
    onForeignChange: control.onChange,
    async backup() {
      throw new ChatError('unavailable', 'A PostgreSQL database is backed up by its own tools, such as pg_dump.');
    },
    /** What is left of erased rows, PostgreSQL clears away in its own time: nothing that we could ask of it makes sure of more. */
    settle: async () => {},
    async close() {
      isClosed = true;
      await Promise.allSettled([...running]);
      await control.close();
      await pool.close();
    },
  };
}

/** The query builder over one lease, which it can give back but not end. */
function queriesOver(lease: Lease): Kysely<Tables> {
  const client = { query: lease.query, release: () => {} } as PostgresPoolClient;
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: { connect: async () => client, end: async () => {} } }) });
}

/** For single reads: a connection for each statement. */
async function lendToReader(pool: Pool): Promise<PostgresPoolClient> {
  const { query, release } = await pool.lend();
  return { query, release } as PostgresPoolClient;
}

/** The same reader, whose errors are the chat's. */
function translated<R extends object>(reader: R): R {
  const entries = Object.entries(reader as Record<string, (...args: unknown[]) => Promise<unknown>>);
  const read = entries.map(([name, ask]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await ask(...args);
      } catch (error) {
        throw faultOf(error);
      }
    },
  ]);
  return Object.fromEntries(read) as R;
}

/** What other processes keep in memory, so that they must hear when it has changed. Nothing of it comes with every message. */
const TOLD: ReadonlySet<keyof Transaction> = new Set<keyof Transaction>([
  'saveSite',
  'removeSite',
  'saveGroup',
  'removeGroup',
  'saveOperator',
  'saveIdentityKey',
  'removeIdentityKey',
  'removeSession',
  'removeSessionsOf',
  'eraseVisitor',
]);

function noticing(tx: Transaction, notice: { isDue: boolean }): Transaction {
  const writers = tx as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const told = [...TOLD].map((name) => [
    name,
    (...args: unknown[]) => {
      notice.isDue = true;
      return writers[name]?.(...args);
    },
  ]);
  return { ...tx, ...(Object.fromEntries(told) as object) };
}

/** What the database is, made if it is new. Of two who make it, the first one's stays. */
async function readMeta(db: Kysely<Tables>): Promise<Pick<Store, 'epoch' | 'secret' | 'restoredAt'>> {
  const made = { epoch: randomId(), secret: randomBytes(32).toString('base64') };
  for (const [key, value] of Object.entries(made))
    await db
      .insertInto('meta')
      .values({ key, value })
      .onConflict((c) => c.doNothing())
      .execute();
  const rows = await db.selectFrom('meta').selectAll().where('key', 'in', ['epoch', 'secret', 'restored_at']).execute();
  const valueOf = (key: string) => rows.find((row) => row.key === key)?.value;
  const [epoch, secret, restoredAt] = [valueOf('epoch'), valueOf('secret'), valueOf('restored_at')];
  if (epoch === undefined || secret === undefined) throw new Error('The database has no epoch or no secret.');
  return { epoch, secret: Buffer.from(secret, 'base64'), restoredAt: restoredAt === undefined ? null : Number(restoredAt) };
}
