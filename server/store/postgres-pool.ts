/**
 * Connections to PostgreSQL. Each is set up alike: how long it may take for what, so that a frozen or cut-off program holds nobody
 * up for long, and whether the server is one that we can work with at all.
 *
 * What the query builder gets is never the driver's client but a lease of it: one statement at a time, none after its end, and a
 * client that can no longer be trusted is thrown away.
 */
import type { PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { ChatError } from '../../shared/errors.ts';
import { ConnectionLost, isFatal, isServerError, placeOf, toPostgresFault } from './postgres-faults.ts';
import { UnusableDatabase } from './unusable.ts';

/** The version whose behaviour our tests show. */
const OLDEST_VERSION = 15;

/** Busy with some thousand messages a second; more connections would only wait for the same disk. */
const MOST_CONNECTIONS = 10;
const CONNECT_MS = 5_000;
const IDLE_MS = 30_000;
const LIFETIME_SECONDS = 1_800;
/** Only we can tell that the server is frozen or cut off: longer than it gives a statement itself. */
const ANSWER_MS = 12_000;
/** What the server gives us: a work that stands still, a statement, the wait for a lock; and when it looks whether we are still there. */
const SESSION = {
  idle_in_transaction_session_timeout: '5s',
  statement_timeout: '10s',
  lock_timeout: '8s',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  client_min_messages: 'warning',
};

const INT8 = 20;

/** All our numbers are smaller than 2^53. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 && format !== 'binary' ? Number : (pg.types.getTypeParser(oid, format) as unknown)),
};

/** A connection, lent for some statements. */
export interface Lease {
  query<R>(text: unknown, values?: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  /** Its last statement: what is asked from now on is refused, and runs in nobody else's transaction. */
  conclude(text: string): Promise<{ command: string }>;
  /** Whether the connection cannot be used any more. */
  isBroken(): boolean;
  release(): void;
}

export interface Pool {
  lend(): Promise<Lease>;
  close(): Promise<void>;
}

/** What every connection is made with. `name` is what the server's lists show. */
export function connectionOptions(url: string, name: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    types: TYPES,
  };
}

/** @throws UnusableDatabase for a server that we cannot work with */
export async function setUp(client: pg.ClientBase, where: string): Promise<void> {
  const settings = Object.entries(SESSION).map(([name, value]) => `set_config('${name}', '${value}', false)`);
  const { rows } = await client.query<{ version: string; is_standby: boolean }>(
    `SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS is_standby, ${settings.join(', ')}`,
  );
  const [server] = rows;
  if (server === undefined || Number.parseInt(server.version, 10) < OLDEST_VERSION)
    throw new UnusableDatabase(
      `The database ${where} runs on PostgreSQL ${server?.version ?? '?'}: expected version ${OLDEST_VERSION} or newer.`,
    );
  if (server.is_standby)
    throw new UnusableDatabase(`The database ${where} only reads, as a standby does: DATABASE_URL must name the primary.`);
}

export function createPool(url: string, name: string): Pool {
  const where = placeOf(url);
  const pool = new pg.Pool({
    ...connectionOptions(url, name),
    max: MOST_CONNECTIONS,
    idleTimeoutMillis: IDLE_MS,
    maxLifetimeSeconds: LIFETIME_SECONDS,
    // The pool waits for it, whatever its types say.
    onConnect: ((client: pg.ClientBase) => setUp(client, where)) as (client: pg.ClientBase) => void,
  });
  // An idle connection that breaks is nobody's loss: the pool makes another. Unheard, the error would end the process.
  pool.on('error', () => {});
  return {
    async lend() {
      const client = await pool.connect().catch((error: unknown) => {
        throw error instanceof UnusableDatabase ? error : new ConnectionLost(error);
      });
      return lease(client, (isBroken) => client.release(isBroken));
    },
    async close() {
      if (!pool.ending) await pool.end();
    },
  };
}

/** @param release gives the connection back, or throws it away */
function lease(client: pg.ClientBase, release: (isBroken: boolean) => void): Lease {
  let last: Promise<unknown> = Promise.resolve();
  let isBroken = false;
  let isOver = false;
  const onError = () => {
    isBroken = true;
  };
  // A connection that breaks while nothing is asked says so here, and only here.
  client.on('error', onError);

  async function ask(text: unknown, values: readonly unknown[] | undefined) {
    try {
      return await client.query(text as string, values as unknown[]);
    } catch (error) {
      if (isServerError(error)) {
        isBroken ||= isFatal(error);
        throw error;
      }
      // The driver's own: cut off, or not answered in time. Its answer may still come, and would be taken for that of the next.
      isBroken = true;
      throw new ConnectionLost(error);
    }
  }

  function queue<R>(text: unknown, values?: readonly unknown[]) {
    const answer = last.then(() => ask(text, values));
    last = answer.catch(() => {});
    return answer as unknown as Promise<PostgresQueryResult<R>>;
  }

  return {
    async query<R>(text: unknown, values?: readonly unknown[]) {
      if (isOver) throw new Error('A statement after the end of its work.');
      return queue<R>(text, values);
    },
    conclude(text) {
      isOver = true;
      return queue(text);
    },
    isBroken: () => isBroken,
    release() {
      isOver = true;
      client.off('error', onError);
      release(isBroken);
    },
  };
}

/** What a caller of the store hears. */
export function faultOf(error: unknown): unknown {
  if (error instanceof UnusableDatabase) return Object.assign(new ChatError('unavailable', error.message), { cause: error });
  return toPostgresFault(error);
}
