/**
 * A batch of a visitor's outbox, whichever way it came: over a connection, or with a request of a page that is ending. The rooms
 * decide; an item that came both ways is carried out once.
 */
import type { Ack, Nack, VisitorCommand } from '../../shared/wire/protocol.ts';
import { visitorCommandSchema } from '../../shared/wire/requests.ts';
import { carryOutBatch } from './batch.ts';
import type { Payers } from '../limits/costs.ts';
import type { GatewayParts } from './gateway.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Outcome } from '../room/room.ts';
import type { VisitorIdentity } from './visitor-connection.ts';

export interface VisitorBatch {
  parts: Pick<GatewayParts, 'rooms' | 'costs' | 'ledger' | 'drafts'>;
  who: VisitorIdentity;
  /** Who pays for looking at the items: what carried them, and the network address. Commands are the visitor's. */
  payers: Payers & { address: string };
  items: readonly { uid: string }[];
  /** A transcript is under way, whose fate is still to be told. */
  onTranscript: (uid: string) => void;
  answer: (answer: Ack | Nack, mailed: Outcome['mailed']) => void;
}

export async function carryOutForVisitor({ parts, who, payers, items, onTranscript, answer }: VisitorBatch): Promise<void> {
  const { rooms, costs, ledger, drafts } = parts;
  const { address } = payers;
  let told: Outcome['mailed'];
  costs.charge('item', payers, { times: items.length });

  /** Carries out what the day still has room for. What was stored before is not stored again, and is answered as it was also on a day that is full. */
  async function stored(command: VisitorCommand): Promise<Outcome> {
    const bytes = weightOf(command);
    if (bytes === 0) return rooms.visitor(who, command, { address });
    const entry = await ledger.begin('text', command.uid, { site: who.site, visitor: who.visitor, address }, bytes).catch(toRefusal);
    if (entry instanceof ChatError) return rooms.visitor(who, command, { address, noRoom: entry });
    try {
      const outcome = await rooms.visitor(who, command, { address });
      if (outcome.answer.t === 'ack' && !outcome.answer.dup) entry.keep(bytes);
      return outcome;
    } finally {
      entry.end();
    }
  }

  await carryOutBatch({
    items,
    schema: visitorCommandSchema,
    // Of pages without a visitor anybody can have many: they are one.
    admit: () => costs.take('command', { own: who.visitor ?? `address ${address}`, address }),
    async carryOut(command) {
      const { answer, mailed } = await stored(command);
      told = mailed;
      if (command.kind === 'transcript.mail' && mailed === undefined && answer.t === 'ack') onTranscript(command.uid);
      if (command.kind === 'message.send') drafts.clear(who.presence);
      return answer;
    },
    answer(each) {
      answer(each, told);
      told = undefined;
    },
  });
}

/** What a command leaves behind at least: the memory of it, an event, and what hangs on them. */
const LEAST_BYTES = 512;

function weightOf(command: VisitorCommand): number {
  return command.kind === 'messages.read' ? 0 : Math.max(LEAST_BYTES, Buffer.byteLength(JSON.stringify(command)));
}

/** @throws what says nothing of the day: that is no fault of the command's */
function toRefusal(error: unknown): ChatError {
  if (error instanceof ChatError && error.code === 'rate_limited') return error;
  throw error;
}
