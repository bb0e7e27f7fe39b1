/** Databases for tests, one each, on the PostgreSQL of this run (`scripts/services-setup.mjs`). */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where it is, or who starts it; `null`: there is none here. */
    postgres: { url: string } | { door: string } | null;
  }
}

export interface TestDatabase {
  url: string;
  name: string;
  /** Runs statements on it, past the store. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Takes all rows out, but leaves the tables. */
  empty(): Promise<void>;
  drop(): Promise<void>;
}

/** Quicker than a new database, and than TRUNCATE with its new files. */
const EMPTY = `
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'migration' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$`;

export const hasPostgres = inject('postgres') !== null;

let server: Promise<string> | undefined;

/** The address of the server, without a database. */
function postgresServer(): Promise<string> {
  return (server ??= askForServer());
}

/** @param template the database that it is a copy of, with nobody connected */
export async function createDatabase(template = 'template0'): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await once('postgres', `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return {
    name,
    url: await addressOf(name),
    query: (text, values) => once(name, text, values),
    empty: async () => void (await once(name, EMPTY)),
    drop: async () => void (await once('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

async function askForServer(): Promise<string> {
  const given = inject('postgres');
  if (given === null) throw new Error('There is no PostgreSQL here.');
  if ('url' in given) return given.url;
  const answer = await fetch(given.door);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

async function addressOf(database: string): Promise<string> {
  return `${await postgresServer()}/${database}`;
}

async function once<Row extends pg.QueryResultRow>(database: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: await addressOf(database) });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
