/**
 * Whether the database can be written to: what the last attempt showed. Once one has failed because of the machine (a full
 * disk, a lock that is never released), the next question makes a trial write, of a size that a nearly full disk has no room
 * for. It decides nothing about the failure itself, which the caller gets as ever.
 */
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import type { Clock } from '../base/clock.ts';

export interface Writability {
  /** Looks at how a transaction ends, and hands it on. */
  watch<T>(transaction: Promise<T>): Promise<T>;
  ask(): Promise<boolean>;
}

/** What a disk that is not full takes in passing: more than the writes of a busy minute. */
const TRIAL_BYTES = 256 * 1024;
/** A caller that asks more often gets the last answer. */
const TRIAL_EVERY_MS = 1_000;
const MACHINE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['storage_full', 'unavailable']);

/** Two commits, so that the bytes really are asked of the disk. */
export interface Trial {
  put(text: string): Promise<unknown>;
  remove(): Promise<unknown>;
}

export function createWritability(trial: Trial, clock: Clock): Writability {
  let isWell = true;
  let triedAtMs = -Infinity;

  async function tryIt(): Promise<void> {
    triedAtMs = clock.nowMs();
    try {
      await trial.put('0'.repeat(TRIAL_BYTES));
      await trial.remove();
      isWell = true;
    } catch {
      isWell = false;
    }
  }

  return {
    async watch(transaction) {
      try {
        return await transaction;
      } catch (error) {
        if (error instanceof ChatError && MACHINE.has(error.code)) isWell = false;
        throw error;
      }
    },
    async ask() {
      if (!isWell && clock.nowMs() - triedAtMs >= TRIAL_EVERY_MS) await tryIt();
      return isWell;
    },
  };
}
