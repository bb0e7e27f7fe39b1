/**
 * A batch of a visitor's outbox, whichever way it came: over a connection, or with a request of a page that is ending. The rooms
 * decide; an item that came both ways is carried out once.
 */
import type { Ack, Nack, VisitorCommand } from '../shared/protocol.ts';
import { visitorCommandSchema } from '../shared/requests.ts';
import { carryOutBatch } from './commands.ts';
import type { Payers } from './costs.ts';
import type { GatewayParts } from './gateway.ts';
import { ChatError } from '../shared/errors.ts';
import type { Outcome } from './room.ts';
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

  /** Carries out what the day still has room for. What was stored before is not stored again. */
  async function stored(command: VisitorCommand, carryOut: () => Promise<Outcome>): Promise<Outcome> {
    const bytes = weightOf(command);
    if (bytes === 0) return carryOut();
    const entry = await ledger.begin('text', command.uid, { site: who.site, visitor: who.visitor, address }).catch(toRefusal);
    if (entry instanceof ChatError) return refused(command, entry);
    try {
      entry.take(bytes);
      const outcome = await carryOut();
      if (outcome.answer.t === 'ack' && !outcome.answer.dup) entry.keep(bytes);
      return outcome;
    } catch (error) {
      return refused(command, toRefusal(error));
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
      const { answer, mailed } = await stored(command, () => rooms.visitor(who, command, { address }));
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

/** @throws what is no refusal of ours */
function toRefusal(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  throw error;
}

function refused({ uid }: VisitorCommand, { code, message }: ChatError): Outcome {
  return { answer: { t: 'nack', uid, code, message, retry: false } };
}
