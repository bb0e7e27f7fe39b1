/** Operators without a browser: the workplace's own session on a real socket. */
import type { WebSocket } from 'ws';
import type { Session as OperatorSessionOf } from '../../operator/session/contract.ts';
import { createSession as createOperatorSession } from '../../operator/session/session.ts';
import { createTransport } from '../../shared/client/transport.ts';
import type { OperatorCommand, OperatorServerFrame, OperatorSession } from '../../shared/wire/workplace.ts';
import type { Screen, Writing } from './checker.ts';
import { newNotes, noting, type Notes } from './notes.ts';
import { ask, chanceOn, clock, createShelf, openSocket, until, type Road } from './wire.ts';

export interface WireOperator {
  readonly session: OperatorSessionOf;
  readonly notes: Readonly<Notes>;
  /** Opens the visitor, joins the chat if nobody has it, and answers. */
  answer(visitor: string, text: string): Promise<void>;
  /** Says it in the chat of the visitor who is open, if there is one. */
  say(text: string): boolean;
  discardFailed(): void;
  open(visitor: string): Promise<void>;
  online(): Promise<void>;
  pause(isPaused: boolean): void;
  /** Of the visitor who is open. */
  view(): Screen | undefined;
  writing(): Writing;
  secrets(): string[];
  close(): void;
}

/** An operator who signs in over the road and is online. */
export async function createOperator({
  name,
  email,
  password,
  road,
}: {
  name: string;
  email: string;
  password: string;
  road: Road;
}): Promise<WireOperator> {
  const { answer: operator, cookie } = await ask<OperatorSession>(road, '/operator/login', { email, password });
  const notes = newNotes();
  const wrote: { uid: string; text: string }[] = [];
  const discarded: string[] = [];
  let socket: WebSocket | undefined;
  let isOver = false;
  const transport = createTransport<OperatorServerFrame>({
    clock,
    chance: chanceOn(road),
    openSocket(listener) {
      const made = openSocket({ road, path: '/operator/socket', headers: { cookie }, notes }, listener);
      socket = made.ws;
      return made;
    },
  });
  const shelf = createShelf<OperatorCommand>();
  const session = createOperatorSession({
    operator,
    transport: noting(transport, notes),
    store: shelf.open('workplace'),
    sendBytes: () => () => undefined,
    clock,
    chance: chanceOn(road),
    onRefused: () => undefined,
  });
  session.setOnline(true);
  await until(() => session.isReady.value && session.self.value.isOnline, `${name} is online`);

  const open = async (visitor: string): Promise<void> => {
    if (session.current.value?.visitor !== visitor) session.open(visitor);
    await until(() => session.current.value?.visitor === visitor && session.current.value.isLoaded, `${name} has opened a visitor`);
  };
  const say = (text: string): boolean => {
    if (session.current.value?.chat?.isOpen !== true) return false;
    const before = new Set(session.pending.value.map(({ uid }) => uid));
    session.setReply(text);
    session.sendReply();
    const mine = session.pending.value.find(({ uid }) => !before.has(uid));
    if (mine !== undefined) wrote.push({ uid: mine.uid, text });
    return mine !== undefined;
  };
  return {
    session,
    notes,
    open,
    say,
    async answer(visitor, text) {
      await open(visitor);
      await until(() => session.current.value?.chat?.isOpen === true, `${name} sees a chat`);
      if (!say(text)) throw new Error(`${name} could not say ${text}`);
    },
    discardFailed() {
      for (const { uid, failed } of session.pending.value) {
        if (failed === null) continue;
        session.discard(uid);
        discarded.push(uid);
      }
    },
    online: async () => void (await until(() => session.connection.value === 'online', `${name} comes online`)),
    pause(value) {
      if (value) socket?.pause();
      else socket?.resume();
    },
    view() {
      const current = session.current.value;
      if (isOver || current === null || !current.isLoaded) return undefined;
      const stored = current.events.flatMap((event) =>
        event.kind === 'message.added' ? [{ message_id: event.message_id, uid: event.uid, text: event.text }] : [],
      );
      const unsent = session.pending.value
        .filter(({ chat }) => chat === current.chat?.id)
        .map(({ uid, text }) => ({ message_id: null, uid, text }));
      return { who: `workplace of ${name}`, visitor: current.visitor, shown: [...stored, ...unsent] };
    },
    writing: () => ({ who: name, wrote, acked: notes.acked, outbox: session.pending.value.map(({ uid }) => uid), discarded }),
    secrets: () => [cookie.split('=')[1] ?? '', operator.csrf].filter((secret) => secret !== ''),
    close() {
      isOver = true;
      session.close();
      socket?.terminate();
    },
  };
}
