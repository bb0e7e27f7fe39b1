/**
 * Brings a PostgreSQL database to the shape that this program knows, forward only. Each step and the note that it was made are one
 * transaction. Of several programs that start at once one does it, and the others wait for that.
 */
import pg from 'pg';
import { lockNumber } from './lock-number.ts';
import { NewerDatabase } from './migrate.ts';
import type { PostgresMigration } from './migrations/migration.ts';
import { ConnectionLost, isServerError, placeOf } from './postgres-faults.ts';
import { connectionOptions, setUp } from './postgres-pool.ts';
import { UnusableDatabase } from './unusable.ts';

const MIGRATE_LOCK = lockNumber('migrate');
/** A step may have much to do. */
const STEP_TIMEOUT = '10min';
/** Another program that does the same has that long for it. */
const LOCK_TIMEOUT = '11min';

/** @throws NewerDatabase @throws UnusableDatabase when the database holds something that is not ours */
export async function migratePostgres(url: string, migrations: readonly PostgresMigration[], nowSeconds: number): Promise<void> {
  const where = placeOf(url);
  const client = new pg.Client({ ...connectionOptions(url, 'chat-migrate'), query_timeout: 0 });
  client.on('error', () => {});
  try {
    await client.connect();
    await setUp(client, where);
    if (await isUpToDate(client, migrations, where)) return;
    await client.query(`SET statement_timeout = '${STEP_TIMEOUT}'; SET lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query(`SELECT pg_advisory_lock(${MIGRATE_LOCK})`);
    await client.query("SET lock_timeout = '8s'");
    // Asked again inside the lock.
    if (await isUpToDate(client, migrations, where)) return;
    await takeSteps(client, migrations, nowSeconds);
  } catch (error) {
    throw isServerError(error) || error instanceof UnusableDatabase || error instanceof NewerDatabase ? error : new ConnectionLost(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function isUpToDate(client: pg.Client, migrations: readonly PostgresMigration[], where: string): Promise<boolean> {
  const known = migrations.at(-1)?.version ?? 0;
  const version = await versionOf(client, where);
  if (version > known) throw new NewerDatabase(where, version, known);
  return version === known;
}

async function takeSteps(client: pg.Client, migrations: readonly PostgresMigration[], nowSeconds: number): Promise<void> {
  await client.query('CREATE TABLE IF NOT EXISTS migration (version bigint PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)');
  const { rows } = await client.query<{ version: number }>('SELECT version FROM migration');
  const made = new Set(rows.map(({ version }) => version));
  for (const { version, name, postgres } of migrations) {
    if (made.has(version)) continue;
    await client.query('BEGIN');
    await client.query(postgres);
    await client.query('INSERT INTO migration (version, name, applied_at) VALUES ($1, $2, $3)', [version, name, nowSeconds]);
    await client.query('COMMIT');
  }
}

/** 0 for an empty database. */
async function versionOf(client: pg.Client, where: string): Promise<number> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT relname::text AS name FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND relkind IN ('r', 'p', 'v', 'm')",
  );
  const tables = new Set(rows.map(({ name }) => name));
  if (tables.size === 0) return 0;
  // Ours begins with the first of these, and has the other as soon as it has anything.
  if (!tables.has('migration') || (tables.size > 1 && !tables.has('meta')))
    throw new UnusableDatabase(
      `The database ${where} is not empty, and what it holds is not this program's: expected a database of its own in DATABASE_URL.`,
    );
  const found = await client.query<{ version: number | null }>('SELECT max(version) AS version FROM migration');
  return found.rows[0]?.version ?? 0;
}
