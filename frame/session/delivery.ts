/**
 * Delivery: the half of the session that sends. Each command (`commands.ts`) becomes an outbox item and is answered once
 * (`answers.ts`); a message is shown as pending until the timeline has it (`pending.ts`). This file joins the parts and follows the
 * connection. It changes facts only within the session's changes, assigns no signal and tells nobody itself.
 */
import type { ChatEvent, Uid } from '../../shared/chat.ts';
import { createOutbox } from '../../shared/client/outbox.ts';
import type { OutboxStore } from '../../shared/client/platform.ts';
import type { PageEvent } from '../../shared/page/bridge.ts';
import type { VisitorCommand, VisitorCommandKind } from '../../shared/wire/protocol.ts';
import { createAnswers } from './answers.ts';
import { createCallers } from './callers.ts';
import { changeCard, stillRequired } from './card.ts';
import { createClosing } from './closing.ts';
import { createCommands } from './commands.ts';
import type { Delivery, SessionContext } from './context.ts';
import type { Draft, DraftOptions } from './draft.ts';
import type { Identify } from './identify.ts';
import { createLazyDraft, createLazyUploads } from './lazy.ts';
import { noticeOf } from './notice.ts';
import { createOutcomes } from './outcomes.ts';
import { createPending } from './pending.ts';
import type { Beacon } from './platform.ts';
import { createPropertyTeller } from './properties.ts';
import type { Uploads, UploadsOptions } from './uploads.ts';

export interface DeliveryOptions {
  store: OutboxStore<VisitorCommand>;
  /** Fetched with the first file, and with the first letter of a draft. */
  loadUploads(options: Omit<UploadsOptions, 'sendBytes'>): Promise<Uploads>;
  loadDraft(options: DraftOptions): Promise<Draft>;
  /** Few pages name their visitors: fetched with the first one. */
  loadIdentify(): Promise<Identify>;
  /** Missing where there is no browser. */
  beacon?: Beacon;
}

const ADOPT_WAITS_MS = 1_000;

/** Which of our commands an event of our uid answers. */
const ANSWERED_BY: Partial<Record<ChatEvent['kind'], readonly VisitorCommandKind[]>> = {
  'chat.started': ['chat.start', 'invite.accept'],
  'message.added': ['message.send', 'file.send'],
  'rating.set': ['rating.set'],
  'chat.closed': ['chat.close'],
};

const isMinor = ({ kind }: VisitorCommand): boolean => kind === 'messages.read';

export function createDelivery(context: SessionContext, options: DeliveryOptions): Delivery {
  const { clock, transport, chats, history, facts, presence, change, later, words } = context;
  const { isOnline } = presence;
  /** Messages and files this page sent, for as long as it lives. */
  const own = new Map<Uid, 'api' | 'ui'>();
  /** Messages of earlier pages that the first snapshot showed as pending. */
  const inherited = new Set<Uid>();
  /** Told at the end of the change, after the answers to its events. */
  const notices: PageEvent[] = [];
  /** Steady once it is true: a word that comes and goes with each command says nothing. */
  let isForgetful = false;

  const originOf: Delivery['originOf'] = (uid) => own.get(uid) ?? (inherited.has(uid) ? 'inherited' : undefined);
  const discard = (uid: Uid): void => outbox.discard(uid);
  const callers = createCallers(context);
  const closing = createClosing(context, callers, () => outbox.items);
  const outcomes = createOutcomes(context, callers, discard);
  const pending = createPending(context);
  const parts = { context, callers, closing, outcomes, uploads: () => uploads };
  const answers = createAnswers({ ...parts, originOf, discard });

  const outbox = createOutbox<VisitorCommand>({
    clock,
    store: options.store,
    isStoring: false,
    keepsFailed: ({ kind }) => kind === 'message.send' || kind === 'file.send',
    isMinor,
    // The visitor's commands go out under the visitor's name, never under that of the anonymous page before.
    send: (items) => (presence.isSignedIn() || !presence.hasActed()) && transport.send({ t: 'send', items }),
    onAck: (command, result) => change((set) => answers.take(command, result, set)),
    onFailed: (command, code, message) => change((set) => answers.fail(command, code, message, set)),
    onChange: () => {
      transport.expect(outbox.isWaiting);
      change(() => undefined);
    },
  });

  const uploadsOptions: Omit<UploadsOptions, 'sendBytes'> = {
    rules: () => facts.settings.chat,
    isOnline: () => isOnline() && presence.isSignedIn(),
    access: presence.access,
    onArrived: (uid, file) => change(() => outbox.add({ uid, kind: 'file.send', file })),
    onProgress: ({ uid, name, size, loaded }) =>
      change((set) => set.after.push({ name: 'fileprogress', uid, file: name, size, loaded, total: size })),
    onFailed: answers.failFile,
  };
  let uploads = createLazyUploads(
    () => options.loadUploads(uploadsOptions),
    later,
    answers.failFile,
    (real, waiting) =>
      change(() => {
        uploads = real;
        for (const [uid, file] of waiting) real.add(uid, file);
      }),
  );

  const draftOptions: DraftOptions = {
    clock,
    everyMs: () => facts.timing.typingMs,
    isAllowed: () => isOnline() && context.changes.state.state === 'chat' && facts.settings.chat.is_typing_preview,
    send: (text) => transport.send({ t: 'typing', text }),
  };
  let draft = createLazyDraft(
    () => options.loadDraft(draftOptions),
    later,
    (real) => (draft = real),
  );

  const properties = createPropertyTeller({ clock, isOnline, send: (changes) => void transport.send({ t: 'properties', changes }) });

  return {
    commands: createCommands({
      ...parts,
      pending,
      outbox,
      own,
      properties,
      draft: () => draft,
      loadIdentify: options.loadIdentify,
    }),

    show({ card, requiredInfo }) {
      const { items } = outbox;
      const changes = items.flatMap(({ command, failed }) => (command.kind === 'card.set' && failed === null ? [command.card] : []));
      isForgetful ||= outbox.isForgetful && (items.some(({ command }) => !isMinor(command)) || !context.identity.isLasting());
      return {
        card: changes.reduce(changeCard, card),
        requiredInfo: changes.reduce(stillRequired, requiredInfo),
        // Those already answered come first.
        pending: pending.list([...answers.early().map((command) => ({ command, failed: null, order: 0 })), ...items]),
        uploads: uploads.list,
        isForgetful,
        ...outcomes.shown,
      };
    },

    // ── the connection ─────────────────────────────────────────────────────────────────────────────────────────────
    open() {
      outbox.open();
      uploads.proceed();
      draft.retry();
      properties.retell();
    },
    shut(set) {
      outbox.shut();
      for (const close of closing.uids) closing.apply(close, set);
    },
    move: () => outbox.shut(),
    take(frame) {
      if (frame.t === 'mailed') return change((set) => outcomes.endMail(frame.uid, frame.success, frame.error, set));
      transport.expect(false);
      change(() => (frame.t === 'ack' ? outbox.ack(frame.uid, frame.result) : outbox.nack(frame.uid, frame)));
      // Erased, or signed out elsewhere: come back as the visitor that the server knows now.
      if (frame.t === 'nack' && frame.code === 'unauthorized' && frame.retry) presence.doubtIdentity();
    },

    // ── the timeline ───────────────────────────────────────────────────────────────────────────────────────────────
    closing: closing.uids,
    get closed() {
      return closing.applied();
    },
    originOf,
    takeEvent(event) {
      const { kind, uid, chat, message_id, seq, date } = event;
      const notice = chats.isHidden(chat, (close) => closing.uids.has(close)) ? undefined : words.value && noticeOf(event, words.value);
      if (notice) notices.push({ name: 'notice', message: notice });
      if (uid === null) return;
      const command = outbox.items.find((item) => item.uid === uid)?.command;
      if (command !== undefined && ANSWERED_BY[kind]?.includes(command.kind)) outbox.ack(uid, { chat, message_id, seq, date });
    },
    takeSummary(isFirst, set) {
      // Answered before anything that is still in line.
      answers.end(set, true);
      for (const { uid, command } of outbox.items) {
        if (command.kind === 'messages.read') chats.read(command.chat, command.seq);
        const entry = history.find(uid);
        if (entry === undefined) continue;
        const { message_id, date } = entry.message;
        if (isFirst && !own.has(uid)) discard(uid);
        else outbox.ack(uid, { chat: entry.chat, seq: entry.seq, date, ...(message_id !== null && { message_id }) });
      }
    },
    finish(set) {
      answers.end(set);
      set.after.push(...notices.splice(0));
    },
    retryDraft: () => draft.retry(),
    endDraft: () => draft.clear(),

    // ── the page ───────────────────────────────────────────────────────────────────────────────────────────────────
    startStoring: outbox.startStoring,
    async inherit(isEarly) {
      outbox.startStoring();
      const adopting = outbox.adopt().then((commands) => {
        if (commands.length === 0) return;
        change(() => {
          presence.act();
          for (const { uid } of commands) {
            if (history.has(uid)) discard(uid);
            else if (isEarly && !context.catchUp.hasBeenWelcomed()) inherited.add(uid);
          }
        });
      });
      await Promise.race([adopting, new Promise<void>((resolve) => void later(ADOPT_WAITS_MS, resolve))]);
    },
    sendBeacon() {
      const access = presence.accessNow();
      if (access === undefined) return;
      options.beacon?.(
        access,
        outbox.items.flatMap(({ command, failed }) => (failed === null ? command : [])),
      );
    },
    forget(set) {
      callers.forget(set);
      answers.forget();
      isForgetful = false;
      closing.uids.clear();
      inherited.clear();
      uploads.clear();
      draft.clear();
      void outbox.clear();
    },
    close() {
      outbox.close();
      draft.close();
      properties.close();
      uploads.clear();
    },
  };
}
