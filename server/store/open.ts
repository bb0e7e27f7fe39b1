/** Opens the store that the configuration names: a PostgreSQL database, or the file in the data directory. */
import type { Clock } from '../base/clock.ts';
import { placeOf, toPostgresStartFault } from './postgres-faults.ts';
import { toStartFault } from './sqlite-faults.ts';
import { createSqliteStore, type SqliteOptions } from './sqlite.ts';
import type { Store } from './store.ts';

export interface StoreConfig {
  /** `null`: SQLite. */
  databaseUrl: string | null;
  databaseFile: string;
}

export interface OpenOptions {
  foreignChangeMs: number;
  clock?: Clock;
  /** A server, which must be the only one. */
  server?: NonNullable<SqliteOptions['server']>;
}

/** @throws NewerDatabase, UnusableDatabase with a line for the person who starts the program */
export async function openStore({ databaseUrl, databaseFile }: StoreConfig, options: OpenOptions): Promise<Store> {
  if (databaseUrl === null) return createSqliteStore({ file: databaseFile, ...options });
  // Whoever has SQLite need not load the other's driver.
  const { createPostgresStore } = await import('./postgres.ts');
  const { clock, server } = options;
  return createPostgresStore({ url: databaseUrl, ...(clock && { clock }), ...(server && { server }) });
}

/** The same error; in one line if the person who starts the program can do something about it. */
export function storeFault(error: unknown, { databaseUrl, databaseFile }: StoreConfig): unknown {
  return databaseUrl === null ? toStartFault(error, databaseFile) : toPostgresStartFault(error, placeOf(databaseUrl));
}
