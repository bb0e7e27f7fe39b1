/**
 * The way out: commands through the outbox, files through the uploads, and both as the screen draws them. An own message is
 * shown from the moment it is given until its event comes back, so that nothing flickers in between.
 */
import { batch, signal, type ReadonlySignal } from '@preact/signals-core';
import type { ChatEvent, Uid } from '../../shared/chat.ts';
import type { Clock, OutboxStore } from '../../shared/client/platform.ts';
import { createOutbox, type Outbox } from '../../shared/client/outbox.ts';
import type { Transport } from '../../shared/client/transport.ts';
import { toErrorCode, type ErrorCode } from '../../shared/errors.ts';
import type { OperatorCommand, OperatorCommandKind, OperatorFrame, OperatorServerFrame } from '../../shared/wire/workplace.ts';
import { runningKey, type OutgoingMessage } from './outgoing.ts';
import { createUploads, type SendBytes, type Uploads } from './uploads.ts';

export interface Delivery extends Pick<Outbox<OperatorCommand>, 'add' | 'prune' | 'ack' | 'nack' | 'open' | 'shut'> {
  readonly pending: ReadonlySignal<readonly OutgoingMessage[]>;
  readonly uploads: Uploads['list'];
  /** Commands that wait for an answer, each as a `runningKey`. */
  readonly running: ReadonlySignal<ReadonlySet<string>>;
  readonly isForgetful: ReadonlySignal<boolean>;
  isRunning(kind: OperatorCommandKind, target: string): boolean;
  /** Takes over what earlier pages of this operator left behind. */
  adopt(): void;
  sendFile: Uploads['start'];
  /** An own event has come back: it replaces what was shown for it until now. */
  confirm(uid: Uid, event: ChatEvent): void;
  /** These events are on the screen now. */
  dropLanded(events: readonly ChatEvent[]): void;
  resend(uid: Uid): void;
  discard(uid: Uid): void;
  /** The server's database is another one: no accepted message waits for its event any more. */
  startOver(): void;
  close(): void;
}

export interface DeliveryOptions {
  clock: Clock;
  store: OutboxStore<OperatorCommand>;
  transport: Transport<OperatorServerFrame>;
  sendBytes: SendBytes;
  /** The server's time, in milliseconds. */
  serverNowMs(): number;
  /** Whether the event of this command is on the screen already. */
  isStored(uid: Uid): boolean;
  /** The server has refused a command of which nothing is left on the screen. */
  onRefused(command: OperatorCommand, code: ErrorCode): void;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { clock, transport, serverNowMs } = options;
  const pending = signal<readonly OutgoingMessage[]>([]);
  const running = signal<ReadonlySet<string>>(new Set());
  const isForgetful = signal(false);
  /** Accepted by the server, and its event has not come back yet. */
  let landed: readonly OutgoingMessage[] = [];

  const outbox = createOutbox<OperatorCommand>({
    clock,
    store: options.store,
    send: (items) => transport.send({ t: 'send', items } satisfies OperatorFrame),
    keepsFailed: (command) => command.kind === 'message.send' || (command.kind === 'file.send' && uploads.has(command.uid)),
    isMinor: ({ kind }) => kind === 'messages.read',
    onAck: handleAck,
    onFailed: handleFailed,
    onChange: draw,
  });

  const uploads = createUploads({
    sendBytes: options.sendBytes,
    onUploaded: (upload, file) => outbox.add({ uid: upload.uid, kind: 'file.send', chat: upload.chat, file }),
  });

  function handleAck(command: OperatorCommand): void {
    if (command.kind !== 'message.send' || options.isStored(command.uid)) return;
    landed = [...landed, toOutgoing(command, serverNowMs(), null)];
  }

  function handleFailed(command: OperatorCommand, code: ErrorCode): void {
    if (command.kind === 'message.send' || command.kind === 'messages.read') return;
    if (command.kind === 'file.send' && uploads.has(command.uid)) uploads.fail(command.uid, code);
    else options.onRefused(command, code);
  }

  /** What the outbox holds, in the words of the screen. */
  function draw(): void {
    const waiting: OutgoingMessage[] = [];
    const unanswered = new Set<string>();
    for (const { command, order, failed } of outbox.items) {
      if (command.kind === 'message.send') waiting.push(toOutgoing(command, order + serverNowMs() - clock.now(), failed));
      else if (failed === null) unanswered.add(runningKey(command.kind, targetOf(command)));
    }
    batch(() => {
      pending.value = [...landed, ...waiting];
      running.value = unanswered;
      isForgetful.value = outbox.isForgetful;
    });
    transport.expect(outbox.isWaiting);
  }

  function forgetLanded(uids: ReadonlySet<Uid | null>): void {
    landed = landed.filter(({ uid }) => !uids.has(uid));
  }

  return {
    pending,
    uploads: uploads.list,
    running,
    isForgetful,
    isRunning: (kind, target) => running.peek().has(runningKey(kind, target)),
    add: outbox.add,
    prune: outbox.prune,
    ack: outbox.ack,
    nack: outbox.nack,
    open: outbox.open,
    shut: outbox.shut,
    adopt: () => void outbox.adopt(),
    sendFile: uploads.start,
    confirm(uid, { chat, message_id, seq, date }) {
      uploads.forget(uid);
      // The event may have overtaken its ack, which then puts the message among the landed.
      if (outbox.has(uid)) outbox.ack(uid, { chat, message_id, seq, date });
      forgetLanded(new Set([uid]));
      draw();
    },
    dropLanded(events) {
      forgetLanded(new Set(events.map(({ uid }) => uid)));
      draw();
    },
    resend(uid) {
      if (outbox.has(uid)) outbox.resend(uid);
      else uploads.resend(uid);
    },
    discard(uid) {
      uploads.forget(uid);
      outbox.discard(uid);
    },
    startOver() {
      landed = [];
    },
    close() {
      outbox.close();
      uploads.close();
    },
  };
}

function toOutgoing(
  { uid, chat, text }: Extract<OperatorCommand, { kind: 'message.send' }>,
  atMs: number,
  failed: string | null,
): OutgoingMessage {
  return { uid, chat, text, date: Math.floor(atMs / 1000), failed: failed === null ? null : toErrorCode(failed) };
}

function targetOf(command: OperatorCommand): string {
  if ('chat' in command) return command.chat;
  return 'visitor' in command ? command.visitor : command.request;
}
