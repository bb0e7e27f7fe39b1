/**
 * How a connection reads from the database: in bounded pieces, in turn among all readers, and paid for by weight. The peer has to
 * take one piece before the next is read. Writers are served between any two pieces.
 *
 * It does not know the content. The client asks for the rest of a long answer (`more` in `shared/wire/protocol.ts`).
 */
import type { Clock } from '../base/clock.ts';
import type { Connection } from './connection.ts';
import type { Costs, Payers } from '../limits/costs.ts';
import type { FairQueue } from '../limits/fair-queue.ts';

/** Bytes of one answer, some two milliseconds of processor time. The rest of a longer answer comes with the next request. */
export const ANSWER_BYTES = 128 * 1024;
/** Pieces that are read at the same time, for everybody together: the pieces of one group share a commit. */
export const READS_AT_ONCE = 4;

/** Who reads now. */
export interface Reader {
  payers: Payers;
  /** From the widest name to the narrowest: the queue serves each level in turn. */
  who: readonly string[];
}

export interface ReadingOptions {
  connection: Pick<Connection<never>, 'flushed'>;
  costs: Pick<Costs, 'charge' | 'owedMs'>;
  reader: () => Reader;
  reads: FairQueue;
  clock: Clock;
  isOver: () => boolean;
}

/** Answers one request, or one piece of it. `answer` says how many bytes it has sent. */
export type Reading = (answer: () => Promise<number>) => Promise<void>;

export function createReading({ connection, costs, reader, reads, clock, isOver }: ReadingOptions): Reading {
  return async (answer) => {
    const { payers, who } = reader();
    // Paid in advance: many requests of the same moment would all find a full budget.
    costs.charge('read', payers);
    const owedMs = costs.owedMs('read', payers);
    if (owedMs > 0) await new Promise<void>((resolve) => clock.after(owedMs, resolve));
    await connection.flushed();
    if (isOver()) return;
    await reads.run(who, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (!isOver()) costs.charge('read', payers, { times: 0, bytes: await answer() });
    });
  };
}
