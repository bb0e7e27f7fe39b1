/**
 * A server's connection of its own to PostgreSQL, beside those for its works. On it we hear what other processes have changed, and a
 * server holds the one lock that says it is the only one: it is free as soon as this connection is gone, however that came.
 *
 * Whatever happened while the connection was lost, nobody will tell us: so everything may have changed then.
 */
import { hostname } from 'node:os';
import pg from 'pg';
import { systemClock, type Clock } from '../base/clock.ts';
import { createListeners } from '../base/listeners.ts';
import { OutOfService } from './footing.ts';
import { lockNumber } from './lock-number.ts';
import { ConnectionLost, isServerError, placeOf } from './postgres-faults.ts';
import { connectionOptions, setUp } from './postgres-pool.ts';
import { UnusableDatabase } from './unusable.ts';

/** The channel of what other processes have changed; it carries who says so. */
export const NOTICES = 'cg_control';

export interface ServerRole {
  /** Gets once the reason why nothing can be stored, and `null` when storing works again. */
  onTrouble(reason: string | null): void;
}

export interface Control {
  /** @throws OutOfService while another server has the database */
  assert(): void;
  isWell(): boolean;
  onChange(listener: () => void): () => void;
  /** Which line of the database's history this is: a standby that becomes the primary begins another. */
  timeline(): string;
  onTimeline(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface ControlOptions {
  url: string;
  /** Our name among those who use the database. */
  node: string;
  clock: Clock;
  server?: ServerRole | undefined;
}

const SERVER_LOCK = lockNumber('the only server');
const HEARTBEAT_MS = 5_000;
const RECONNECT_MS = 500;
/** A server that was killed a moment ago may still be seen by the database. */
const PATIENCE_MS = 6_000;
const AGAIN_MS = 200;

/** @throws UnusableDatabase when another server has the database */
export async function createControl(options: ControlOptions): Promise<Control> {
  const { url, node, server } = options;
  const where = placeOf(url);
  const changes = createListeners();
  const timelines = createListeners();
  const timers = { stop: () => {} };
  let isClosed = false;
  let told: string | null = null;
  let timeline = '';
  let client = await connect();
  try {
    if (server !== undefined) await claimPatiently(client, node, where);
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  watch(client);
  timers.stop = systemClock.after(HEARTBEAT_MS, beat);

  async function connect(): Promise<pg.Client> {
    const next = new pg.Client(connectionOptions(url, `chat-control-${node}`));
    // Heard from the first moment: an error that nobody hears ends the process.
    next.on('error', () => {});
    try {
      await next.connect();
      await setUp(next, where);
      await next.query(`LISTEN ${NOTICES}`);
      await lookAtTimeline(next);
      return next;
    } catch (error) {
      await next.end().catch(() => {});
      throw isServerError(error) || error instanceof UnusableDatabase ? error : new ConnectionLost(error);
    }
  }

  function watch(next: pg.Client): void {
    next.on('notification', ({ payload }) => {
      if (payload !== node) changes.tell();
    });
    next.once('end', () => {
      if (!isClosed && next === client) void reconnect();
    });
  }

  async function lookAtTimeline(next: pg.Client): Promise<void> {
    const { rows } = await next.query<{ timeline: string }>('SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline');
    const before = timeline;
    timeline = rows[0]?.timeline ?? before;
    if (before !== '' && before !== timeline) timelines.tell();
  }

  async function reconnect(): Promise<void> {
    timers.stop();
    try {
      const next = await connect();
      if (isClosed) return await next.end();
      client = next;
      watch(next);
      if (server !== undefined) await holdOn(next);
      changes.tell();
      timers.stop = systemClock.after(HEARTBEAT_MS, beat);
    } catch {
      // The works hear of it themselves, each at its next statement.
      if (!isClosed) timers.stop = systemClock.after(RECONNECT_MS, () => void reconnect());
    }
  }

  /** A connection that is cut off or frozen says nothing of it: whoever gets no answer in time makes another. */
  function beat(): void {
    const asked = client;
    (server === undefined ? asked.query('SELECT 1') : holdOn(asked)).then(
      () => {
        if (!isClosed && asked === client) timers.stop = systemClock.after(HEARTBEAT_MS, beat);
      },
      () => {
        if (isClosed || asked !== client) return;
        asked.removeAllListeners('end');
        asked.end().catch(() => {});
        void reconnect();
      },
    );
  }

  /** Says that we are here, and takes the lock again if it went with a connection. */
  async function holdOn(asked: pg.Client): Promise<void> {
    const isOurs = await claim(asked, node);
    tell(isOurs ? null : await otherServer(asked, where));
  }

  function tell(reason: string | null): void {
    if (reason === told) return;
    told = reason;
    server?.onTrouble(reason);
  }

  return {
    assert() {
      if (told !== null) throw new OutOfService(told);
    },
    isWell: () => told === null,
    onChange: changes.add,
    timeline: () => timeline,
    onTimeline: timelines.add,
    async close() {
      isClosed = true;
      timers.stop();
      changes.clear();
      timelines.clear();
      if (server !== undefined && told === null) await client.query('DELETE FROM node WHERE id = $1', [node]).catch(() => {});
      await client.end().catch(() => {});
    },
  };
}

/** Whether the lock is ours, for as long as this connection lasts. With it goes a line that says who has it. */
async function claim(client: pg.Client, node: string): Promise<boolean> {
  const { rows } = await client.query<{ is_ours: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND objsubid = 1
       AND ((classid::bigint << 32) | objid::bigint) = ${SERVER_LOCK}) OR pg_try_advisory_lock(${SERVER_LOCK}) AS is_ours`,
  );
  if (rows[0]?.is_ours !== true) return false;
  await client.query(
    `WITH others AS (DELETE FROM node WHERE id <> $1)
     INSERT INTO node (id, host, process, seen_at_ms) VALUES ($1, $2, $3, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
     ON CONFLICT (id) DO UPDATE SET seen_at_ms = excluded.seen_at_ms`,
    [node, hostname(), process.pid],
  );
  return true;
}

async function claimPatiently(client: pg.Client, node: string, where: string): Promise<void> {
  const giveUpAt = systemClock.nowMs() + PATIENCE_MS;
  while (!(await claim(client, node))) {
    if (systemClock.nowMs() >= giveUpAt) throw new UnusableDatabase(await otherServer(client, where));
    await new Promise<void>((resolve) => systemClock.after(AGAIN_MS, resolve));
  }
}

async function otherServer(client: pg.Client, where: string): Promise<string> {
  const { rows } = await client.query<{ host: string; process: number }>('SELECT host, process FROM node ORDER BY seen_at_ms DESC LIMIT 1');
  const who = rows[0] === undefined ? 'Another server' : `Another server (process ${rows[0].process} on ${rows[0].host})`;
  return `${who} uses the database ${where}. Stop it first: several servers on one database are not supported yet.`;
}
