/** What a client without a browser writes down as it happens, for the checker to read afterwards. */
import type { Transport, TransportStatus } from '../../shared/client/transport.ts';
import type { VisitorServerFrame } from '../../shared/wire/protocol.ts';
import type { OperatorServerFrame } from '../../shared/wire/workplace.ts';
import type { Witness } from './database.ts';

type Acked = { uid: string; message_id?: string | null; known?: boolean; dup: boolean };

/** What happened to one client, for the checker. */
export interface Notes {
  acked: Acked[];
  refused: { uid: string; code: string; retry: boolean }[];
  heardOf: Set<string>;
  marks: { chat: string; visitor: number; operator: number }[];
  /** Close codes of its connections. */
  closes: number[];
  /** Every change of the connection, with its time. */
  statuses: { status: TransportStatus; at: number }[];
  /** How often a socket was asked for. */
  attempts: number;
  frames: number;
}

export function newNotes(): Notes {
  return { acked: [], refused: [], heardOf: new Set(), marks: [], closes: [], statuses: [], attempts: 0, frames: 0 };
}

/** What a server sends to either client. */
export type AnyFrame = VisitorServerFrame | OperatorServerFrame;

/** Notes what a frame tells; `witness` says whether an acknowledged message was in the database at that moment. */
export function note(notes: Notes, frame: AnyFrame, witness: Witness | undefined): void {
  notes.frames += 1;
  if (frame.t === 'evt') notes.heardOf.add(frame.event.chat);
  if (frame.t === 'read') notes.marks.push({ chat: frame.chat, visitor: frame.visitor, operator: frame.operator });
  if (frame.t === 'nack') notes.refused.push({ uid: frame.uid, code: frame.code, retry: frame.retry });
  if (frame.t !== 'ack' || frame.result.message_id === undefined) return;
  notes.acked.push({
    uid: frame.uid,
    message_id: frame.result.message_id,
    dup: frame.dup,
    ...(witness !== undefined && { known: witness.knows(frame.uid) }),
  });
}

/** The same transport, with every change of its state written down. */
export function noting<F>(transport: Transport<F>, notes: Notes): Transport<F> {
  return {
    ...transport,
    get status() {
      return transport.status;
    },
    start: (handlers) =>
      transport.start({
        ...handlers,
        onStatus(status) {
          notes.statuses.push({ status, at: Date.now() });
          handlers.onStatus(status);
        },
      }),
  };
}
