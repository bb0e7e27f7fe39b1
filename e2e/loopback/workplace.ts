/** An operator's workplace in the loopback: the real session over a line that is turned by hand. */
import { randomUUID } from 'node:crypto';
import { createSession } from '../../operator/session/session.ts';
import { memoryStore } from '../../shared/client/platform.ts';
import { parseServerFrame } from '../../shared/wire/protocol.ts';
import { createTransport } from '../../shared/client/transport.ts';
import type { OperatorServerFrame } from '../../shared/wire/workplace.ts';
import type { Hands } from './hands.ts';
import { createLine } from './line.ts';
import type { LoopbackServer } from './server.ts';

export interface WorkplaceOptions {
  hands: Hands;
  server: LoopbackServer;
  visitor: string;
  fraction(): number;
  onBroken(what: string): void;
}

export function createWorkplace({ hands, server, visitor, fraction, onBroken }: WorkplaceOptions) {
  const clock = hands.clock();
  const chance = { uid: () => randomUUID(), fraction };
  const said: string[] = [];
  const line = createLine({
    door: (socket) => server.connect('/operator/socket', server.operator.cookie, socket),
    onSaid(text) {
      const frame = parseServerFrame<OperatorServerFrame>(text);
      if (frame?.t !== 'ack') return;
      const { chat, seq } = frame.result;
      if (chat !== null && seq !== undefined && !server.isStored(chat, seq, frame.uid))
        onBroken(`I10: the operator's ${frame.uid} was acknowledged before it was committed`);
    },
  });
  const session = createSession({
    operator: server.operator.session,
    transport: createTransport<OperatorServerFrame>({ clock, chance, openSocket: line.openSocket }),
    store: memoryStore(),
    sendBytes: () => () => undefined,
    clock,
    chance,
    onRefused: () => onBroken('the operator was signed out'),
  });
  session.setAttentive(true);
  session.setOnline(true);
  session.open(visitor);

  return {
    session,
    line,
    clock,
    said,
    say(text: string): void {
      session.setReply(text);
      session.sendReply();
      // Without an open chat the reply stays in the box.
      if (session.replies.value.has(visitor)) session.setReply('');
      else said.push(text);
    },
    close: () => session.close(),
  };
}

export type Workplace = ReturnType<typeof createWorkplace>;
