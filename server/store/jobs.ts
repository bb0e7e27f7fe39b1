/** Jobs: work that has a time and survives a restart. */
import { sql, type Kysely } from 'kysely';
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { larger } from './dialect.ts';
import { PAGE, fromJson } from './queries.ts';
import type { Tables } from './tables.ts';

/**
 * Work that survives a restart. At most one per `key`; a newer one with the same key replaces it.
 */
export interface Job {
  key: string;
  kind: 'waiting' | 'invite' | 'mail' | 'upload' | 'scan' | 'away' | 'left';
  site: SiteKey;
  /** Whom it is about, so that it goes with them. */
  visitor: VisitorId | null;
  runAtMs: number;
  tries: number;
  payload: unknown;
}

/** A job whose time has come. */
export interface DueJob extends Job {
  /** Tries that began and never ended: the process ended with them. */
  begun: number;
}

/** Reads jobs. */
export interface JobReader {
  /** Jobs whose time has come: those never cut off first, then by time. */
  dueJobs(nowMs: number, limit: number): Promise<DueJob[]>;
  job(key: string): Promise<Job | undefined>;
  /** Jobs of one kind, due or not, by key, a page at a time. */
  jobs(kind: Job['kind'], after?: string): Promise<Job[]>;
  /** Jobs about a visitor. */
  jobsOf(site: SiteKey, visitor: VisitorId): Promise<Job[]>;
  /** When the next job is due, if there is one. */
  nextJobAtMs(): Promise<number | undefined>;
}

/** Changes jobs, inside a transaction. */
export interface JobWriter {
  putJob(job: Job): Promise<void>;
  removeJob(key: string): Promise<void>;
  /** Notes that a try of each begins, before it does anything. */
  beginJobs(keys: readonly string[]): Promise<void>;
  /** Takes the note of `beginJobs` back: we stopped these ourselves. */
  spareJobs(keys: readonly string[]): Promise<void>;
  /** A try has failed and said so: sets the next one. Does nothing if the job has gone. */
  delayJob(key: string, next: Pick<Job, 'runAtMs' | 'tries'>): Promise<void>;
}

/** No job lies so far ahead. One that does was put by a wrong clock, and is due. */
const LONGEST_JOB_MS = 60 * 24 * 3_600_000;

export function readJobs(db: Kysely<Tables>): JobReader {
  return {
    async dueJobs(nowMs, limit) {
      const rows = await db
        .selectFrom('job')
        .selectAll()
        .where((e) => e.or([e('run_at_ms', '<=', nowMs), e('run_at_ms', '>', nowMs + LONGEST_JOB_MS)]))
        .orderBy('begun')
        .orderBy('run_at_ms')
        .orderBy('key')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...toJob(row), begun: row.begun }));
    },
    async job(key) {
      const row = await db.selectFrom('job').selectAll().where('key', '=', key).executeTakeFirst();
      return row && toJob(row);
    },
    async jobs(kind, after = '') {
      const rows = await db
        .selectFrom('job')
        .selectAll()
        .where('kind', '=', kind)
        .where('key', '>', after)
        .orderBy('key')
        .limit(PAGE)
        .execute();
      return rows.map(toJob);
    },
    async jobsOf(site, visitor) {
      const rows = await db.selectFrom('job').selectAll().where('site', '=', site).where('visitor', '=', visitor).orderBy('key').execute();
      return rows.map(toJob);
    },
    async nextJobAtMs() {
      const row = await db.selectFrom('job').select('run_at_ms').orderBy('run_at_ms').limit(1).executeTakeFirst();
      return row?.run_at_ms;
    },
  };
}

export function writeJobs(db: Kysely<Tables>): JobWriter {
  return {
    async putJob(job) {
      const { key, ...rest } = fromJob(job);
      await db
        .insertInto('job')
        .values({ key, ...rest })
        .onConflict((c) => c.column('key').doUpdateSet(rest))
        .execute();
    },
    async removeJob(key) {
      await db.deleteFrom('job').where('key', '=', key).execute();
    },
    async beginJobs(keys) {
      for (const key of keys)
        await db
          .updateTable('job')
          .set((e) => ({ begun: e('begun', '+', 1) }))
          .where('key', '=', key)
          .execute();
    },
    async spareJobs(keys) {
      for (const key of keys)
        await db
          .updateTable('job')
          .set({ begun: larger(db, 0, sql<number>`begun - 1`) })
          .where('key', '=', key)
          .execute();
    },
    async delayJob(key, { runAtMs, tries }) {
      await db
        .updateTable('job')
        .set({ begun: 0, run_at_ms: Math.round(runAtMs), tries })
        .where('key', '=', key)
        .execute();
    },
  };
}

function toJob({ begun: _, run_at_ms, payload, ...rest }: Tables['job']): Job {
  return { ...rest, runAtMs: run_at_ms, payload: fromJson<unknown>(payload) };
}

function fromJob(job: Job): Tables['job'] {
  const { runAtMs, payload, ...rest } = job;
  // A new job has not begun.
  return { ...rest, run_at_ms: Math.round(runAtMs), begun: 0, payload: JSON.stringify(payload ?? null) };
}
