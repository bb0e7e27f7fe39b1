/**
 * A batch of a visitor's outbox, whichever way it came: over a connection, or with a request of a page that is ending. The rooms
 * decide; an item that came both ways is carried out once.
 */
import type { Ack, Nack } from '../shared/protocol.ts';
import { visitorCommandSchema } from '../shared/requests.ts';
import { carryOutBatch } from './commands.ts';
import type { Payers } from './costs.ts';
import type { GatewayParts } from './gateway.ts';
import type { Outcome } from './room.ts';
import type { VisitorIdentity } from './visitor-connection.ts';

export interface VisitorBatch {
  parts: Pick<GatewayParts, 'rooms' | 'costs' | 'drafts'>;
  who: VisitorIdentity;
  /** Who pays for looking at the items: what carried them, and the network address. Commands are the visitor's. */
  payers: Payers & { address: string };
  items: readonly { uid: string }[];
  /** A transcript is under way, whose fate is still to be told. */
  onTranscript: (uid: string) => void;
  answer: (answer: Ack | Nack, mailed: Outcome['mailed']) => void;
}

export async function carryOutForVisitor({ parts, who, payers, items, onTranscript, answer }: VisitorBatch): Promise<void> {
  const { rooms, costs, drafts } = parts;
  const { address } = payers;
  let told: Outcome['mailed'];
  costs.charge('item', payers, { times: items.length });
  await carryOutBatch({
    items,
    schema: visitorCommandSchema,
    // Of pages without a visitor anybody can have many: they are one.
    admit: () => costs.take('command', { own: who.visitor ?? `address ${address}`, address }),
    async carryOut(command) {
      const { answer, mailed } = await rooms.visitor(who, command, { address });
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
