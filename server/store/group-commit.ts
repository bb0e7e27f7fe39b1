/**
 * Many transactions, one commit. An fsync costs milliseconds, a savepoint microseconds: all work that was handed in during
 * one turn of the event loop runs inside one BEGIN IMMEDIATE … COMMIT.
 *
 * 1. Works run strictly one after the other, each in a savepoint of its own; one that throws is undone alone.
 * 2. No caller gets an answer before the COMMIT. If that fails, every caller in the group gets the error.
 *    The same holds if the database, before or after it, turns out not to be the one at its path any more.
 * 3. We wait for another process's lock (the admin command) without blocking the event loop.
 * 4. Some faults (a full disk) make SQLite undo the whole transaction by itself. Then the works that had run get the error,
 *    and the others are tried in the next group.
 *
 * A work must not call `run` and wait for it: it would wait for its own commit.
 */
import type { Database } from 'better-sqlite3';
import type { Clock } from '../base/clock.ts';
import { ChatError } from '../../shared/errors.ts';
import { isBusy, toFault } from './sqlite-faults.ts';
import type { Footing } from './footing.ts';

/** How long somebody else's lock is waited for, and how often it is tried. Longer than any command of ours holds it. */
const BUSY_FOR_MS = 15_000;
const BUSY_RETRY_MS = 50;

export interface GroupCommit {
  /** From now on nobody is answered while this says that nothing may be promised. */
  standOn(footing: Footing): void;
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Lets what was handed in end, and takes no more. */
  close(): Promise<void>;
}

interface Task {
  /** Runs the work and says what to tell its caller after the commit, or throws. */
  run(): Promise<() => void>;
  fail(error: unknown): void;
}

export function createGroupCommit(db: Database, clock: Clock): GroupCommit {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const save = db.prepare('SAVEPOINT work');
  const release = db.prepare('RELEASE work');
  const undo = db.prepare('ROLLBACK TO work');

  let waiting: Task[] = [];
  let draining: Promise<void> | undefined;
  let footing: Footing | undefined;
  let isClosed = false;

  function run<T>(work: () => Promise<T>): Promise<T> {
    if (isClosed) return Promise.reject(new ChatError('unavailable', 'The store is closed.'));
    return new Promise<T>((resolve, reject) => {
      waiting.push({
        run: async () => {
          const value = await work();
          return () => resolve(value);
        },
        fail: (error) => reject(toFault(error)),
      });
      draining ??= drain();
    });
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      // Everything that this turn of the event loop still hands in comes along.
      await new Promise((resolve) => setImmediate(resolve));
      const group = waiting;
      waiting = [];
      await commitGroup(group);
    }
    draining = undefined;
  }

  async function commitGroup(group: Task[]): Promise<void> {
    try {
      footing?.assert();
      await beginPatiently();
    } catch (error) {
      for (const task of group) task.fail(error);
      return;
    }
    const done: { task: Task; answer: () => void }[] = [];
    for (const [index, task] of group.entries()) {
      try {
        done.push({ task, answer: await runSaved(task) });
      } catch (error) {
        if (!db.inTransaction) {
          for (const each of done) each.task.fail(error);
          task.fail(error);
          waiting.unshift(...group.slice(index + 1));
          return;
        }
        // Told together with the others, so that nobody acts on a store that still holds a lock.
        done.push({ task, answer: () => task.fail(error) });
      }
    }
    try {
      footing?.assertAlone();
      commit.run();
      footing?.assert();
    } catch (error) {
      if (db.inTransaction) rollback.run();
      for (const { task } of done) task.fail(error);
      return;
    }
    for (const { answer } of done) answer();
  }

  async function runSaved(task: Task): Promise<() => void> {
    save.run();
    try {
      const answer = await task.run();
      release.run();
      return answer;
    } catch (error) {
      if (db.inTransaction) {
        undo.run();
        release.run();
      }
      throw error;
    }
  }

  async function beginPatiently(): Promise<void> {
    const giveUpAt = clock.nowMs() + BUSY_FOR_MS;
    while (true) {
      try {
        begin.run();
        return;
      } catch (error) {
        if (!isBusy(error) || clock.nowMs() >= giveUpAt) throw error;
      }
      await new Promise<void>((resolve) => clock.after(BUSY_RETRY_MS, resolve));
    }
  }

  return {
    run,
    standOn(given) {
      footing = given;
    },
    async close() {
      isClosed = true;
      await draining;
    },
  };
}
