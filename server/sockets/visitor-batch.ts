/**
 * A batch of a visitor's outbox, whichever way it came: over a connection, or with the last request of a page that ends. The
 * rooms decide; an item that came both ways runs once.
 */
import type { VisitorCommand, Ack, Nack } from '../../shared/wire/protocol.ts';
import { ChatError } from '../../shared/errors.ts';
import { visitorCommandSchema } from '../../shared/wire/requests.ts';
import type { Payers } from '../limits/costs.ts';
import type { Outcome } from '../room/room.ts';
import { runBatch } from './batch.ts';
import type { ConnectionContext } from './context.ts';
import type { VisitorIdentity } from './identity.ts';

export interface VisitorBatch {
  context: Pick<ConnectionContext, 'rooms' | 'costs' | 'ledger' | 'drafts'>;
  who: VisitorIdentity;
  /** Who pays for looking at the items: their carrier, and the network address. The visitor pays for the commands. */
  payers: Payers & { address: string };
  items: readonly { uid: string }[];
  answer: (answer: Ack | Nack, mailed: Outcome['mailed']) => void;
}

/** A command leaves at least this much behind: the memory of it, an event, and their rows. */
const LEAST_BYTES = 512;

/** Runs the commands in their order and answers each. */
export async function runVisitorBatch({ context, who, payers, items, answer }: VisitorBatch): Promise<void> {
  const { rooms, costs, ledger, drafts } = context;
  const { address } = payers;
  let told: Outcome['mailed'];
  costs.charge('item', payers, { times: items.length });

  /**
   * Runs a command if the day has room for what it stores. A command that ran before stores nothing, and is answered as it
   * was even on a day that is full.
   */
  async function runWithinDay(command: VisitorCommand): Promise<Outcome> {
    const bytes = weightOf(command);
    if (bytes === 0) return rooms.visitor(who, command, { address });
    const entry = await ledger.begin('text', command.uid, { site: who.site, visitor: who.visitor, address }, bytes).catch(toRateLimited);
    if (entry instanceof ChatError) return rooms.visitor(who, command, { address, noRoom: entry });
    try {
      const outcome = await rooms.visitor(who, command, { address });
      if (outcome.answer.t === 'ack' && !outcome.answer.dup) entry.keep(bytes);
      return outcome;
    } finally {
      entry.end();
    }
  }

  await runBatch({
    items,
    schema: visitorCommandSchema,
    // Anybody can open many pages without a visitor: all those of one address pay as one.
    admit: () => costs.take('command', { own: who.visitor ?? `address ${address}`, address }),
    async run(command) {
      const { answer, mailed } = await runWithinDay(command);
      told = mailed;
      if (command.kind === 'message.send') drafts.clear(who.presence);
      return answer;
    },
    answer(each) {
      answer(each, told);
      told = undefined;
    },
  });
}

function weightOf(command: VisitorCommand): number {
  return command.kind === 'messages.read' ? 0 : Math.max(LEAST_BYTES, Buffer.byteLength(JSON.stringify(command)));
}

/** @throws any error that is not about the day's room: the command is not to blame for it */
function toRateLimited(error: unknown): ChatError {
  if (error instanceof ChatError && error.code === 'rate_limited') return error;
  throw error;
}
