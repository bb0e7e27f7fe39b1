/**
 * How a connection reads out of the database: in pieces that are bounded, in its turn among all who read, paid for by weight, and
 * no piece before the peer has taken the one before. Whoever writes is served between any two pieces.
 *
 * It knows nothing of what is read. The rest of a long answer is asked for by the client (`more` in `shared/wire/protocol.ts`).
 */
import type { Clock } from '../base/clock.ts';
import type { Connection } from './connection.ts';
import type { Costs, Payers } from '../limits/costs.ts';
import type { Fair } from '../limits/fair-queue.ts';

/** Bytes of one answer: some two milliseconds of processor. What is longer comes with the next request. */
export const ANSWER_BYTES = 128 * 1024;
/** Pieces that are read at the same time, for everybody together: those of one group share a commit. */
export const READING_AT_ONCE = 4;

export interface ReadingOptions {
  connection: Pick<Connection<never>, 'flushed'>;
  costs: Pick<Costs, 'charge' | 'owedMs'>;
  payers: Payers;
  /** Among whom turns go round, from the widest to the narrowest. */
  who: readonly string[];
  turns: Fair;
  clock: Clock;
  isOver: () => boolean;
}

/** Answers one request, or one piece of it. `answer` says how many bytes it has sent. */
export type Reading = (answer: () => Promise<number>) => Promise<void>;

export function createReading({ connection, costs, payers, who, turns, clock, isOver }: ReadingOptions): Reading {
  return async (answer) => {
    // Paid for before: many who ask in the same moment would all find a full purse.
    costs.charge('read', payers);
    const owedMs = costs.owedMs('read', payers);
    if (owedMs > 0) await new Promise<void>((resolve) => clock.after(owedMs, resolve));
    await connection.flushed();
    if (isOver()) return;
    await turns.run(who, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (!isOver()) costs.charge('read', payers, { times: 0, bytes: await answer() });
    });
  };
}
