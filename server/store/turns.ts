/**
 * Works that share a lock, one after the other in the order in which they came: within this process, before they take a connection, so
 * that those who wait hold none. The database's own locks do the same among processes.
 */
import type { Lock } from './locks.ts';

export interface Turns {
  /** Runs `work` when all earlier ones that share a lock with it have ended. */
  take<T>(locks: readonly Lock[], work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  /** The end of the last work that has come with each lock. */
  const ends = new Map<Lock, Promise<void>>();

  return {
    async take(locks, work) {
      const earlier = locks.map((lock) => ends.get(lock));
      let end = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      for (const lock of locks) ends.set(lock, ended);
      try {
        await Promise.all(earlier);
        return await work();
      } finally {
        for (const lock of locks) if (ends.get(lock) === ended) ends.delete(lock);
        end();
      }
    },
  };
}
