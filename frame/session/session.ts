/**
 * The session: the one owner of what this visitor's chat is now. It folds what the server says into signals, turns
 * commands into outbox items, and tells each page event once. It never touches the DOM, a socket or a database by itself:
 * transport, storage, clock and chance are handed in by `main.tsx`.
 *
 * Two users stand on it side by side and call the same commands: `ui/` for the visitor's fingers, `bridge.ts` for the
 * page's script. Both only read signals; only this file assigns one.
 */
import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import type {
  AlternateWay,
  CardChange,
  CardField,
  ChatEvent,
  ChatId,
  ChatSummary,
  Invite,
  Message,
  MessageAdded,
  OfflineRequest,
  OperatorCard,
  PageInfo,
  Uid,
  VisitorCard,
} from '../../shared/chat.ts';
import type { Answer, CallId, PageEvent, PendingMessage, Presentation } from '../../shared/bridge.ts';
import { createCursors } from '../../shared/client/cursors.ts';
import { createOutbox } from '../../shared/client/outbox.ts';
import type { Chance, Clock, OutboxItem, OutboxStore } from '../../shared/client/outside.ts';
import { DEFAULT_SETTINGS } from '../../shared/default-settings.ts';
import { toErrorCode, type ErrorCode } from '../../shared/errors.ts';
import { MESSAGE_MAX_LENGTH, codePoints } from '../../shared/limits.ts';
import {
  CLOSE,
  DEFAULT_CLIENT_TIMING,
  PROTOCOL_VERSION,
  type CommandResult,
  type Nack,
  type VisitorCommand,
  type VisitorCommandKind,
  type VisitorRegister,
  type VisitorServerFrame,
  type VisitorWelcome,
} from '../../shared/protocol.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Transport, TransportStatus } from '../../shared/transport.ts';
import { changeCard, stillRequired, tidyChange } from './card.ts';
import { createChats } from './chats.ts';
import { createDraft } from './draft.ts';
import { createHistory, type Entry } from './history.ts';
import type { Identity, Peers, Upload as CarryFile } from './outside.ts';
import { createUploads } from './uploads.ts';
import { eventsBetween, viewOf, type View } from './view.ts';
import { createVisitor } from './visitor.ts';
import { METHOD_OF, REQUEST_TEXTS, cleanText, cut } from './words.ts';

export type ConnectionStatus = 'connecting' | 'online' | 'offline' | 'closed';

/** Who gave a command: the visitor's fingers or the page's script. `id` correlates the page's promise. */
export type Caller = { via: 'ui' } | { via: 'api'; id?: CallId };

/** A file on its way. Ends as a message, or `failed` until it is discarded or resent. */
export interface Upload {
  uid: Uid;
  name: string;
  size: number;
  loaded: number;
  failed: string | null;
}

/** What changed, in the words of the bridge: one patch and the events that belong to it, in order. */
export interface SessionChange {
  added?: Message[];
  older?: { messages: Message[]; hasOlder: boolean };
  /** Everything was replaced (reset, new identity): the page needs a snapshot. */
  isReplaced?: boolean;
  events: PageEvent[];
}

export interface Session {
  readonly connection: ReadonlySignal<ConnectionStatus>;
  readonly state: ReadonlySignal<'available' | 'invite' | 'chat'>;
  readonly isAvailable: ReadonlySignal<boolean>;
  /** Stored messages of all chats that are loaded, oldest first. */
  readonly messages: ReadonlySignal<readonly Message[]>;
  readonly hasOlder: ReadonlySignal<boolean>;
  /** Own messages not stored yet, in order; with the reason if they failed for good. */
  readonly pending: ReadonlySignal<readonly PendingMessage[]>;
  readonly uploads: ReadonlySignal<readonly Upload[]>;
  /** The open chat, else the last one. */
  readonly chat: ReadonlySignal<ChatSummary | null>;
  readonly operator: ReadonlySignal<OperatorCard | null>;
  readonly card: ReadonlySignal<VisitorCard>;
  readonly requiredInfo: ReadonlySignal<readonly CardField[]>;
  readonly rating: ReadonlySignal<number | null>;
  /** Whether `rate` and `mail` have a chat to apply to: the current one, or the last one of the last 24 hours. */
  readonly canRate: ReadonlySignal<boolean>;
  readonly invite: ReadonlySignal<Invite | null>;
  readonly retention: ReadonlySignal<AlternateWay | null>;
  readonly unread: ReadonlySignal<number>;
  /** Name of the operator who is typing, for a few seconds after the last sign. */
  readonly typing: ReadonlySignal<string | null>;
  readonly canSendFile: ReadonlySignal<boolean>;
  readonly settings: ReadonlySignal<Settings>;
  readonly visitorId: ReadonlySignal<string | null>;
  readonly sessionId: ReadonlySignal<string | null>;
  /** `true` where nothing can be stored: the conversation ends with the page, and the interface says so. */
  readonly isForgetful: ReadonlySignal<boolean>;
  /** The last `sendchatbymail` and `sendofflinerequest` answers, for the interface. */
  readonly mailed: ReadonlySignal<{ success: boolean; error?: string } | null>;
  readonly requested: ReadonlySignal<{ success: boolean; title: string; message: string } | null>;

  start(group: string | null, by: Caller): void;
  closeChat(by: Caller): void;
  /** Shows the message at once as pending and keeps trying until the server has it. Returns it. */
  send(text: string, group: string | null, by: Caller, uid?: Uid): Message | null;
  resend(uid: Uid): void;
  discard(uid: Uid): void;
  /** Takes files already checked for type and size; each becomes an upload, then a message with the same uid. */
  sendFiles(files: readonly { uid: Uid; file: FileLike }[], by: Caller): void;
  /** The whole draft, sent to the operator throttled while the site allows it; never stored. */
  setDraft(text: string): void;
  rate(mark: number, by: Caller): void;
  mail(address: string, by: Caller): void;
  setCard(change: CardChange, by: Caller): void;
  acceptInvite(by: Caller): void;
  rejectInvite(by: Caller): void;
  /** Everything up to now has been seen. */
  read(): void;
  sendRequest(request: OfflineRequest, by: Caller): void;
  /** Loads one more page of history. */
  older(): void;
  identify(jwt: string, by: Caller): void;
  setConsent(isGiven: boolean): void;
  setPage(page: { url: string; title: string }, isInvitable: boolean): void;

  /** Every change in order, for the bridge. Returns what ends it. */
  subscribe(listener: (change: SessionChange) => void): () => void;
  close(): void;
}

/** The part of the browser's `File` that the session needs; the DOM stays outside. */
export interface FileLike {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/**
 * What the interface is given beside the session: how the page wants it drawn, and the one way to ask the page for
 * something. Opening and closing are the page's to decide (its `before…` handlers may refuse).
 */
export interface Stage {
  readonly presentation: ReadonlySignal<Presentation>;
  open(view: 'chat' | 'offline_message'): void;
  close(): void;
  place(mode: 'hidden' | 'launcher' | 'bubble' | 'panel', width: number, height: number): void;
  /** Prints the conversation from the frame's own document. */
  print(): void;
}

export type { Answer };

export interface SessionOptions {
  site: string;
  /** Random per document. */
  tab: string;
  transport: Transport<VisitorServerFrame>;
  clock: Clock;
  chance: Chance;
  identity: Identity;
  store: OutboxStore<VisitorCommand>;
  upload: CarryFile;
  peers?: Peers;
  /** Nothing leaves this page, and nothing is stored, before `setConsent(true)`. */
  isConsentRequired?: boolean;
}

/** What this page remembers of a command it gave, until the command has ended. */
interface Given {
  by: Caller;
  /** It was applied here already; what the server says about it later is not told again. */
  isAnswered: boolean;
}

/** One step from facts to facts: what it has to say beside the difference that can be seen. */
interface Step {
  /** Told before the difference, and after it. */
  first: PageEvent[];
  then: PageEvent[];
  added: Message[];
  older: { messages: Message[]; hasOlder: boolean } | undefined;
  isReplaced: boolean;
  /** Nobody is told of the difference: it is where the page begins. */
  isQuiet: boolean;
  hasJoined: boolean;
}

/** `operator.left` may be the first half of a close; it waits so long for the other half, to be told in the promised order. */
const LEAVING_MS = 100;
/** An operator who has shown no sign of typing for so long has stopped, and one who goes on is told of so often. */
const TYPING_LASTS_MS = 5_000;
const TYPING_EVERY_MS = 3_000;
/** An answer whose event does not come is believed without it. */
const ANSWER_WAITS_MS = 5_000;
/** Offline for so long, a request is given back to the visitor. */
const REQUEST_WAITS_MS = 10_000;
/** A transcript that was accepted and of which nothing bad is heard is on its way. */
const MAIL_WAITS_MS = 30_000;
/** Pages that are just going away may still hold their messages: looked for again after these times. */
const ADOPT_AGAIN_MS = [3_000, 30_000];
const ADOPT_WAITS_MS = 1_000;
const SIGN_IN_AGAIN_MS = 2_000;
/** Chats whose cursors a reconnect names. */
const RESUMED_CHATS = 5;
/** A draft that was longer could not be sent as a message anyway. */
const DRAFT_LENGTH = MESSAGE_MAX_LENGTH * 2;

const NOBODY: VisitorRegister = { card: {}, requiredInfo: [], invite: null, isAvailable: false };

/**
 * The session of one page.
 *
 * @example
 * const session = createSession({ site, tab, transport, clock, chance, identity, store, upload });
 * session.setPage(page, true); // connects
 */
export function createSession(options: SessionOptions): Session {
  const { site, tab, transport, clock, chance, identity, peers } = options;

  // ── facts ──────────────────────────────────────────────────────────────────────────────────────────────────────
  const chats = createChats();
  const history = createHistory();
  const visitor = createVisitor(identity, clock);
  let register = NOBODY;
  let timing = DEFAULT_CLIENT_TIMING;
  let epoch: string | undefined;
  let page: PageInfo | undefined;
  let isInvitable = false;
  let status: TransportStatus = 'connecting';
  let isConsented = options.isConsentRequired !== true;
  let isStarted = false;
  let isClosed = false;
  let hasActed = false;
  let hasWelcome = false;
  let welcomedAt = 0;
  /** The connection speaks for a visitor, not for an anonymous page. */
  let isSignedIn = false;
  let isSigningIn = false;
  let hasToldPeers = false;
  /** What is cached is not to be resumed from. */
  let isStale = false;
  let leaving: { event: ChatEvent; stop: () => void } | undefined;
  let olderAsked: { n: number } | undefined;
  let olderCount = 0;
  let typingName: string | null = null;
  let typingToldAt = -Infinity;
  let stopTyping: (() => void) | undefined;
  let stopHearing: (() => void) | undefined;

  const numbers = new Map<ChatId, number>();
  const given = new Map<Uid, Given>();
  /** Messages and files this page sent, for as long as it lives. */
  const own = new Map<Uid, 'api' | 'ui'>();
  /** Messages of earlier pages that the first snapshot showed as pending. */
  const inherited = new Set<Uid>();
  /** Closes of this page that the server has not carried out yet. */
  const closing = new Set<Uid>();
  /** Answers that came before the event they speak of. */
  let held: { command: VisitorCommand; result: CommandResult; stop: () => void }[] = [];
  const shownPending = new Map<Uid, PendingMessage>();
  const stops = new Set<() => void>();
  const listeners = new Set<(change: SessionChange) => void>();
  const unheard: SessionChange[] = [];
  let isTelling = false;
  let step: Step | undefined;

  // ── signals ────────────────────────────────────────────────────────────────────────────────────────────────────
  const signals = {
    connection: signal<ConnectionStatus>('connecting'),
    state: signal<'available' | 'invite' | 'chat'>('available'),
    isAvailable: signal(false),
    messages: signal<readonly Message[]>([]),
    hasOlder: signal(false),
    pending: signal<readonly PendingMessage[]>([]),
    uploads: signal<readonly Upload[]>([]),
    chat: signal<ChatSummary | null>(null),
    operator: signal<OperatorCard | null>(null),
    card: signal<VisitorCard>({}),
    requiredInfo: signal<readonly CardField[]>([]),
    rating: signal<number | null>(null),
    canRate: signal(false),
    invite: signal<Invite | null>(null),
    retention: signal<AlternateWay | null>(null),
    unread: signal(0),
    typing: signal<string | null>(null),
    canSendFile: signal(false),
    settings: signal<Settings>(DEFAULT_SETTINGS),
    visitorId: signal<string | null>(null),
    sessionId: signal<string | null>(null),
    isForgetful: signal(false),
    mailed: signal<{ success: boolean; error?: string } | null>(null),
    requested: signal<{ success: boolean; title: string; message: string } | null>(null),
  };

  const rules = (): Settings['chat'] => signals.settings.value.chat;
  const isOnline = (): boolean => status === 'online' && hasWelcome;

  const cursors = createCursors<ChatEvent>({ clock, sync: (chat, after) => void transport.send({ t: 'sync', chat, after }) });

  const outbox = createOutbox<VisitorCommand>({
    clock,
    store: options.store,
    isStoring: false,
    keepsFailed: ({ kind }) => kind === 'message.send' || kind === 'file.send',
    // What the visitor does goes out under the visitor's name, never under that of the anonymous page before.
    send: (items) => (isSignedIn || !hasActed) && transport.send({ t: 'send', items }),
    onAck: (command, result) => change((now) => (isFolded(command, result) ? settle(command, result, now) : hold(command, result))),
    onFailed: (command, code, message) => change((now) => fail(command, code, message, now)),
    onChange: () => {
      transport.expect(outbox.isWaiting);
      change(() => undefined);
    },
  });

  const uploads = createUploads({
    carry: options.upload,
    rules,
    isOnline: () => isOnline() && isSignedIn,
    access: async () => ((await visitor.ensure(true)) ? visitor.access : undefined),
    onArrived: (uid, file) => change(() => outbox.add({ uid, kind: 'file.send', file })),
    onProgress: ({ uid, name, size, loaded }) =>
      change((now) => now.then.push({ name: 'fileprogress', uid, file: name, size, loaded, total: size })),
    onFailed: (uid, code, message) => change((now) => failMessage('file.send', uid, code, message, now)),
  });

  const draft = createDraft({
    clock,
    everyMs: () => timing.typingMs,
    isAllowed: () => isOnline() && signals.state.value === 'chat' && rules().is_typing_preview,
    send: (text) => transport.send({ t: 'typing', text }),
  });

  let view: View = look();

  // ── one step ───────────────────────────────────────────────────────────────────────────────────────────────────

  function look(): View {
    const chat = chats.current;
    return viewOf({
      chat,
      isHidden: chat !== null && chats.isHidden(chat.id, (close) => closing.has(close)),
      register,
      isRatingEnabled: rules().is_consultant_operator_rating,
      nowSeconds: clock.now() / 1000,
    });
  }

  /** Runs `work` on the facts, then assigns what it changed and tells it. Steps within a step are part of it. */
  function change(work: (now: Step) => unknown): void {
    if (isClosed) return;
    if (step !== undefined) {
      work(step);
      return;
    }
    const mine: Step = { first: [], then: [], added: [], older: undefined, isReplaced: false, isQuiet: false, hasJoined: false };
    const before = view;
    step = mine;
    try {
      work(mine);
      releaseHeld(mine);
    } finally {
      step = undefined;
    }
    view = look();
    const seen = eventsBetween(before, view, { hasJoined: mine.hasJoined, isRatingEnabled: rules().is_consultant_operator_rating });
    batch(assign);
    if (view.state !== before.state) draft.retry();
    tell({
      ...(mine.added.length > 0 && { added: mine.added }),
      ...(mine.older && { older: mine.older }),
      ...(mine.isReplaced && { isReplaced: true }),
      events: [...mine.first, ...(mine.isQuiet ? [] : seen), ...mine.then],
    });
  }

  function assign(): void {
    const chat = chats.current;
    const changes = cardChanges();
    set(signals.connection, status);
    set(signals.state, view.state);
    set(signals.isAvailable, view.isAvailable);
    set(signals.messages, history.messages);
    set(signals.hasOlder, history.hasOlder);
    set(signals.pending, pendingNow());
    set(signals.uploads, uploads.list);
    set(signals.chat, chat !== null && chat.isOpen && view.state !== 'chat' ? { ...chat, isOpen: false, operator: null, retention: null } : chat);
    set(signals.operator, view.operator?.card ?? null);
    set(signals.card, changes.reduce(changeCard, register.card));
    set(signals.requiredInfo, changes.reduce(stillRequired, register.requiredInfo));
    set(signals.rating, view.rating);
    set(signals.canRate, view.canRate);
    set(signals.invite, view.invite);
    set(signals.retention, view.retention);
    set(signals.unread, countUnread());
    set(signals.typing, view.state === 'chat' ? typingName : null);
    set(signals.canSendFile, isOnline() && rules().is_file_transfer);
    set(signals.isForgetful, outbox.isForgetful && !identity.isLasting());
  }

  /** Tells every listener each change in order, also those that a listener causes. */
  function tell(news: SessionChange): void {
    unheard.push(news);
    if (isTelling) return;
    isTelling = true;
    try {
      for (let next = unheard.shift(); next !== undefined; next = unheard.shift()) {
        for (const listener of [...listeners]) listener(next);
      }
    } finally {
      isTelling = false;
    }
  }

  /** Calls back once after `ms`, unless the session is closed before. Returns what prevents it. */
  function later(ms: number, callback: () => void): () => void {
    const stop = (): void => {
      stops.delete(stop);
      cancel();
    };
    const cancel = clock.after(ms, () => {
      stops.delete(stop);
      callback();
    });
    stops.add(stop);
    return stop;
  }

  function countUnread(): number {
    return history.countUnread((chat) => chats.get(chat)?.readByVisitor);
  }

  /** Changes of the card that the server has not confirmed: shown at once, in order, over what it last said. */
  function cardChanges(): CardChange[] {
    return outbox.items.flatMap(({ command, failed }) => (command.kind === 'card.set' && failed === null ? [command.card] : []));
  }

  /** Own messages that are not in the timeline yet, those already answered first. */
  function pendingNow(): readonly PendingMessage[] {
    const answered = held.map(({ command }) => ({ command, failed: null, order: 0 }));
    const list = [...answered, ...outbox.items].flatMap((item) => toPending(item) ?? []);
    for (const uid of shownPending.keys()) if (!list.some(({ message }) => message.uid === uid)) shownPending.delete(uid);
    const old = signals.pending.value;
    return list.length === old.length && list.every((item, at) => item === old[at]) ? old : list;
  }

  function toPending({ command, failed, order }: Pick<OutboxItem<VisitorCommand>, 'command' | 'failed' | 'order'>): PendingMessage | undefined {
    if (command.kind !== 'message.send' || history.has(command.uid)) return undefined;
    const shown = shownPending.get(command.uid);
    const reason = failed === null ? null : toErrorCode(failed);
    if (shown !== undefined && shown.failed === reason) return shown;
    const message = shown?.message ?? optimistic(command.uid, command.text, order);
    const pending = { message, failed: reason };
    shownPending.set(command.uid, pending);
    return pending;
  }

  function optimistic(uid: Uid, text: string, ms: number): Message {
    const chat_id = view.state === 'chat' ? view.chatId : null;
    return { text, date: Math.floor(ms / 1000), source: 'Visitor', from: 'Visitor', sender: 'visitor', chat_id, message_id: null, uid };
  }

  // ── commands ───────────────────────────────────────────────────────────────────────────────────────────────────

  function give(command: VisitorCommand, by: Caller): void {
    given.set(command.uid, { by, isAnswered: false });
    outbox.add(command);
  }

  /** The visitor acts: from here on there is someone to remember, if that is allowed. */
  function act(): void {
    hasActed = true;
    if (isConsented) beginStoring();
    void signIn();
  }

  function beginStoring(): void {
    identity.leaveTrace();
    outbox.startStoring();
  }

  /** Speaks for a visitor from now on, over the connection that is there; a connection to come does so by itself. */
  async function signIn(): Promise<void> {
    if (isSigningIn || isSignedIn || !isOnline()) return;
    isSigningIn = true;
    const isReached = await visitor.ensure(hasActed);
    isSigningIn = false;
    if (isClosed || isSignedIn || !isOnline()) return;
    if (isReached && visitor.access !== undefined) hello();
    else if (hasActed) later(SIGN_IN_AGAIN_MS * (1 + chance.fraction()), () => void signIn());
  }

  function answer(uid: Uid, outcome: Answer, now: Step): void {
    const command = given.get(uid);
    given.delete(uid);
    if (command === undefined || command.isAnswered) return;
    reply(command.by, outcome, now);
  }

  function reply(by: Caller, outcome: Answer, now: Step): void {
    if (by.via === 'api' && by.id !== undefined) now.then.push({ name: 'answer', id: by.id, answer: outcome });
  }

  function refuse(by: Caller, command: string, code: ErrorCode, message: string): void {
    change((now) => {
      now.then.push({ name: 'error', code, message, command });
      reply(by, { ok: false, code, message }, now);
    });
  }

  /** The close is carried out here before the server can: whatever was begun before it counts as answered. */
  function closeLocally(close: Uid, now: Step): void {
    const command = given.get(close);
    if (command === undefined || command.isAnswered) return;
    const starts = outbox.items.filter(({ command: { kind }, failed }) => failed === null && BEGINS.has(kind));
    for (const { uid, command: { kind } } of starts) {
      const start = given.get(uid);
      if (start === undefined || start.isAnswered || (kind !== 'chat.start' && kind !== 'invite.accept')) continue;
      now.then.push({ name: kind === 'chat.start' ? 'startchat' : 'inviteaccept' });
      reply(start.by, { ok: true }, now);
      start.isAnswered = true;
    }
    if (chats.current?.isOpen === true) chats.hide(chats.current.id, [close]);
    if (view.state === 'chat' || starts.length > 0) now.then.push({ name: 'closechat' });
    reply(command.by, { ok: true }, now);
    command.isAnswered = true;
  }

  // ── what became of a command ───────────────────────────────────────────────────────────────────────────────────

  /** Whether the timeline already shows what an answer speaks of. */
  function isFolded(command: VisitorCommand, { chat, seq }: CommandResult): boolean {
    if (chat === null) return true;
    switch (command.kind) {
      case 'message.send':
      case 'file.send':
        return history.has(command.uid) || (seq !== undefined && cursors.at(chat) >= seq);
      case 'chat.start':
      case 'invite.accept':
        return chats.get(chat) !== undefined;
      case 'chat.close':
        return chats.get(chat)?.isOpen === false;
      default:
        return true;
    }
  }

  function hold(command: VisitorCommand, result: CommandResult): void {
    const answered = { command, result, stop: later(ANSWER_WAITS_MS, () => change((now) => release(answered, now))) };
    held = [...held, answered];
  }

  function release(answered: (typeof held)[number], now: Step): void {
    if (!held.includes(answered)) return;
    answered.stop();
    held = held.filter((other) => other !== answered);
    settle(answered.command, answered.result, now);
  }

  function releaseHeld(now: Step): void {
    for (const answered of held) if (isFolded(answered.command, answered.result)) release(answered, now);
  }

  function settle(command: VisitorCommand, result: CommandResult, now: Step): void {
    const { uid } = command;
    const isMine = given.get(uid)?.isAnswered === false;
    switch (command.kind) {
      case 'chat.start':
        if (isMine) now.then.push({ name: 'startchat' });
        break;
      case 'invite.accept':
        if (isMine) now.then.push({ name: 'inviteaccept' });
        break;
      case 'chat.close':
        closing.delete(uid);
        if (isMine && result.chat !== null) now.then.push({ name: 'closechat' });
        break;
      case 'invite.reject':
        register = { ...register, invite: null };
        if (isMine) now.then.push({ name: 'invitereject' });
        break;
      case 'message.send':
        if (own.has(uid) || inherited.has(uid)) tellDelivered(uid, result, now);
        break;
      case 'file.send':
        uploads.remove(uid);
        break;
      case 'rating.set':
        if (isMine) now.first.push({ name: 'setrating', mark: command.mark });
        break;
      case 'card.set':
        register = { ...register, card: changeCard(register.card, command.card), requiredInfo: stillRequired(register.requiredInfo, command.card) };
        break;
      case 'transcript.mail':
        // The answer proper is `mailed`.
        if (isMine) later(MAIL_WAITS_MS, () => change((then) => endMail(uid, true, undefined, then)));
        return;
      case 'request.send':
        endRequest(uid, true, now);
        return;
      case 'messages.read':
        break;
    }
    answer(uid, { ok: true }, now);
  }

  function tellDelivered(uid: Uid, result: CommandResult, now: Step): void {
    const stored = history.find(uid)?.message;
    const message_id = result.message_id ?? stored?.message_id;
    const chat_id = result.chat ?? stored?.chat_id;
    if (message_id && chat_id) now.then.push({ name: 'messagedelivered', uid, message_id, chat_id, date: result.date ?? stored?.date ?? 0 });
  }

  function fail(command: VisitorCommand, code: ErrorCode, message: string, now: Step): void {
    const { uid, kind } = command;
    closing.delete(uid);
    if (kind === 'file.send') {
      uploads.fail(uid, code, message);
      // Left by an earlier page: there is nothing to show it by and nobody to try it again.
      if (!uploads.has(uid)) outbox.discard(uid);
    } else if (kind === 'message.send') {
      failMessage(kind, uid, code, message, now);
    } else if (kind === 'transcript.mail') {
      endMail(uid, false, code, now, message);
    } else if (kind === 'request.send') {
      endRequest(uid, false, now, code, message);
    } else {
      failCommand(kind, uid, code, message, now);
    }
  }

  function failMessage(kind: 'message.send' | 'file.send', uid: Uid, code: ErrorCode, message: string, now: Step): void {
    now.then.push({ name: 'messagefailed', uid, reason: code });
    failCommand(kind, uid, code, message, now);
  }

  function failCommand(kind: VisitorCommandKind, uid: Uid, code: ErrorCode, message: string, now: Step): void {
    const command = METHOD_OF[kind];
    if (given.get(uid)?.isAnswered === false && command !== undefined) now.then.push({ name: 'error', code, message, command });
    answer(uid, { ok: false, code, message }, now);
  }

  function endMail(uid: Uid, success: boolean, error: string | undefined, now: Step, message = 'The transcript could not be sent.'): void {
    if (!given.has(uid)) return;
    const outcome = success ? { success } : { success, error: error ?? 'unavailable' };
    set(signals.mailed, outcome);
    now.then.push({ name: 'sendchatbymail', ...outcome });
    if (success) answer(uid, { ok: true }, now);
    else failCommand('transcript.mail', uid, toErrorCode(error ?? 'unavailable'), message, now);
  }

  function endRequest(uid: Uid, success: boolean, now: Step, code: ErrorCode = 'unavailable', message = 'The server could not be reached.'): void {
    if (!given.has(uid)) return;
    const outcome = { success, ...REQUEST_TEXTS[success ? 'sent' : 'failed'] };
    set(signals.requested, outcome);
    now.then.push({ name: 'sendofflinerequest', ...outcome });
    if (success) answer(uid, { ok: true }, now);
    else failCommand('request.send', uid, code, message, now);
  }

  /** Gives a request back when there is nobody to take it; never one that may be on its way. */
  function watchRequest(uid: Uid): void {
    later(REQUEST_WAITS_MS, () => {
      if (!given.has(uid)) return;
      if (isOnline()) {
        watchRequest(uid);
        return;
      }
      change((now) => {
        endRequest(uid, false, now);
        outbox.discard(uid);
      });
    });
  }

  // ── what the server says ───────────────────────────────────────────────────────────────────────────────────────

  function receive(frame: VisitorServerFrame): void {
    switch (frame.t) {
      case 'welcome':
        beWelcomed(frame);
        break;
      case 'evt':
        numbers.set(frame.event.chat, frame.number);
        for (const event of cursors.take(frame.event)) takeEvent(event);
        break;
      case 'ack':
        transport.expect(false);
        change(() => outbox.ack(frame.uid, frame.result));
        break;
      case 'nack':
        transport.expect(false);
        takeNack(frame);
        break;
      case 'history':
        if (frame.n === olderAsked?.n) change((now) => takeOlder(frame.page, now));
        break;
      case 'register':
        change(() => {
          register = frame.register;
        });
        break;
      case 'settings':
        change(() => set(signals.settings, frame.settings));
        break;
      case 'read':
        change((now) => markRead(frame.chat, frame.visitor, now));
        break;
      case 'typing':
        takeTyping(frame.name);
        break;
      case 'mailed':
        change((now) => endMail(frame.uid, frame.success, frame.error, now));
        break;
      case 'reset':
        reset(frame.reason);
        break;
      case 'ping':
      case 'goaway':
        // The transport's own business.
        break;
    }
  }

  function beWelcomed(welcome: VisitorWelcome): void {
    const isFirst = !hasWelcome;
    change((now) => {
      now.isQuiet = isFirst;
      const wasOnline = isOnline();
      const isResumed = welcome.resumed && !isStale && (epoch === undefined || epoch === welcome.epoch);
      timing = welcome.timing;
      epoch = welcome.epoch;
      isStale = false;
      hasWelcome = true;
      status = 'online';
      isSignedIn = welcome.visitor !== null;
      if (isFirst) welcomedAt = Math.floor(welcome.serverTime / 1000);
      register = welcome.register;
      set(signals.settings, welcome.settings);
      set(signals.visitorId, welcome.visitor);
      set(signals.sessionId, welcome.session);
      if (!wasOnline && !isFirst) now.first.push({ name: 'connectionchange', isOnline: true });
      if (!isResumed) startOver(welcome, isFirst, now);
    });
    if (isSignedIn) {
      outbox.startStoring();
      if (hasActed && !hasToldPeers) peers?.tell('acted');
      hasToldPeers ||= hasActed;
    } else if (hasActed) {
      // Acted while we said hello as nobody; or the token was not believed, which must not become a race around.
      if (visitor.access === undefined) void signIn();
      else later(SIGN_IN_AGAIN_MS, () => void signIn());
      visitor.expire();
      return;
    }
    outbox.open();
    uploads.proceed();
    draft.retry();
    if (olderAsked !== undefined) askOlder();
  }

  /** Takes the server's summary for what is, and keeps of the old only what it continues. */
  function startOver(welcome: VisitorWelcome, isFirst: boolean, now: Step): void {
    leaving?.stop();
    leaving = undefined;
    const known = new Map(chats.all().map((chat) => [chat.id, cursors.at(chat.id)]));
    const chat = welcome.chat;
    cursors.clear();
    chats.replace(chat);
    if (chat !== null) {
      numbers.set(chat.id, chat.number);
      cursors.set(chat.id, chat.lastSeq);
      if (!isFirst && !known.has(chat.id)) chats.hide(chat.id, closing);
      for (const { command } of outbox.items) if (command.kind === 'messages.read') chats.read(command.chat, command.seq);
    }
    const before = history.messages;
    history.replace(welcome.history ?? { items: [], hasOlder: false });
    const isNew = (entry: Entry): boolean => {
      const seq = known.get(entry.chat);
      return !isFirst && (seq === undefined ? entry.chat === chat?.id && chat.startedAt >= welcomedAt : entry.seq > seq);
    };
    const fresh = history.entries.filter(isNew);
    const last = before.at(-1)?.message_id;
    if (before.length === 0) {
      const old = history.entries.filter((entry) => !isNew(entry)).map((entry) => entry.message);
      if (!isFirst && old.length > 0) now.older = { messages: old, hasOlder: history.hasOlder };
      now.added.push(...fresh.map((entry) => entry.message));
    } else if (history.messages.at(-1)?.message_id !== last || history.messages.length !== before.length) {
      now.isReplaced = true;
    }
    for (const { uid } of outbox.items) settleByHistory(uid, isFirst);
    for (const entry of fresh) announce(entry, now);
    for (const answered of held) release(answered, now);
  }

  /** A message that turns out to be stored needs no answer any more. */
  function settleByHistory(uid: Uid, isFirst: boolean): void {
    const entry = history.find(uid);
    if (entry === undefined) return;
    const { message_id, date } = entry.message;
    if (isFirst && !own.has(uid)) outbox.discard(uid);
    else outbox.ack(uid, { chat: entry.chat, seq: entry.seq, date, ...(message_id !== null && { message_id }) });
  }

  /** Tells a close as one step, although the operator's leaving comes as an event of its own. */
  function takeEvent(event: ChatEvent): void {
    const left = leaving;
    leaving = undefined;
    left?.stop();
    const isClose = left !== undefined && event.kind === 'chat.closed' && event.chat === left.event.chat;
    if (left !== undefined && !isClose) change((now) => fold(left.event, now));
    if (event.kind === 'operator.left') {
      leaving = { event, stop: later(LEAVING_MS, () => {
        leaving = undefined;
        change((now) => fold(event, now));
      }) };
      return;
    }
    change((now) => {
      if (isClose) fold(left.event, now);
      fold(event, now);
    });
  }

  function fold(event: ChatEvent, now: Step): void {
    chats.apply(event, numbers.get(event.chat) ?? 1);
    switch (event.kind) {
      case 'chat.started':
        chats.hide(event.chat, closing);
        if (event.via === 'invite') invited.add(event.chat);
        register = { ...register, invite: null };
        break;
      case 'operator.joined':
        now.hasJoined = true;
        break;
      case 'message.added':
        addMessage(event, now);
        break;
      case 'operator.left':
      case 'chat.closed':
        endTyping();
        if (event.kind === 'chat.closed') draft.clear();
        break;
      case 'rating.set':
      case 'retention.offered':
        break;
    }
    if (event.uid !== null && ANSWERED_BY[event.kind]?.has(outbox.items.find((item) => item.uid === event.uid)?.command.kind)) {
      const { chat, message_id, seq, date } = event;
      outbox.ack(event.uid, { chat, message_id, seq, date });
    }
  }

  /** Chats that began with an invitation: their first message was shown as such and is not told again. */
  const invited = new Set<ChatId>();

  function addMessage(event: MessageAdded, now: Step): void {
    const isInvitation = event.seq === 2 && event.author.kind !== 'visitor' && invited.has(event.chat);
    const entry = history.add(event, isInvitation);
    now.added.push(entry.message);
    if (event.author.kind === 'operator') endTyping();
    if (!isInvitation) announce(entry, now);
  }

  function announce({ message }: Entry, now: Step): void {
    const uid = message.uid ?? '';
    const via = own.get(uid);
    if (message.sender === 'visitor' && message.fx_link === undefined && (via !== undefined || inherited.has(uid))) return;
    if (message.sender === 'visitor' && via !== undefined) now.then.push({ name: 'messagesent', message: { ...message }, via });
    now.then.push({ name: 'sendmessage', message: { ...message } });
  }

  function takeNack(nack: Nack): void {
    change(() => outbox.nack(nack.uid, nack));
    if (nack.code !== 'unauthorized' || !nack.retry) return;
    // Erased, or signed out elsewhere: come back as whoever we are now.
    visitor.expire();
    isSignedIn = false;
    void signIn();
  }

  function takeTyping(name: string): void {
    if (view.state !== 'chat') return;
    stopTyping?.();
    stopTyping = later(TYPING_LASTS_MS, () => change(endTyping));
    change((now) => {
      const isNews = name !== typingName || clock.now() - typingToldAt >= TYPING_EVERY_MS;
      typingName = name;
      if (!isNews) return;
      typingToldAt = clock.now();
      now.then.push({ name: 'chattyping', operator: name });
    });
  }

  function endTyping(): void {
    stopTyping?.();
    stopTyping = undefined;
    typingName = null;
    typingToldAt = -Infinity;
  }

  function markRead(chat: ChatId, seq: number, now: Step): void {
    const before = countUnread();
    chats.read(chat, seq);
    if (countUnread() < before) now.then.push({ name: 'messageviewed' });
  }

  function askOlder(): void {
    olderAsked = { n: ++olderCount };
    if (isOnline()) transport.send({ t: 'history', n: olderAsked.n, before: history.cursor() });
  }

  function takeOlder(older: { items: MessageAdded[]; hasOlder: boolean }, now: Step): void {
    olderAsked = undefined;
    now.older = { messages: history.prepend(older), hasOlder: older.hasOlder };
  }

  function reset(reason: 'epoch' | 'retention' | 'erased'): void {
    isStale = true;
    if (reason === 'erased') {
      forget();
      void identity.forget().catch(() => undefined);
      transport.restart();
      return;
    }
    hello();
  }

  // ── connection ─────────────────────────────────────────────────────────────────────────────────────────────────

  function connect(): void {
    if (isStarted || isClosed || !isConsented || page === undefined) return;
    isStarted = true;
    transport.start({ prepare, onOpen: hello, onFrame: receive, onStatus: takeStatus, onClose: (code) => {
      if (code === CLOSE.unauthorized) visitor.expire();
    } });
    if (peers !== undefined && stopHearing === undefined) stops.add((stopHearing = peers.listen(hearPeer)));
  }

  /** Finds out who this is, and what earlier pages have left to be sent, before a socket is opened. */
  async function prepare(): Promise<boolean> {
    const isNew = !hasWelcome && !visitor.isKnown;
    const hasTraces = isNew && identity.hasTraces();
    if (hasTraces) await inherit(true);
    if (!(await visitor.ensure(hasActed))) return false;
    if (isNew && visitor.access !== undefined) {
      outbox.startStoring();
      if (!hasTraces) await inherit(true);
    }
    if (isNew && (hasTraces || visitor.access !== undefined)) for (const ms of ADOPT_AGAIN_MS) later(ms, () => void inherit(false));
    return !isClosed;
  }

  /** Takes over what pages that are gone left unsent. `isEarly`: before anyone has seen this page's messages. */
  async function inherit(isEarly: boolean): Promise<void> {
    const adopting = outbox.adopt().then((commands) => {
      if (commands.length === 0 || isClosed) return;
      change(() => {
        hasActed = true;
        outbox.startStoring();
        for (const { uid } of commands) {
          if (history.has(uid)) outbox.discard(uid);
          else if (isEarly && !hasWelcome) inherited.add(uid);
        }
      });
      void signIn();
    });
    await Promise.race([adopting, new Promise<void>((resolve) => void later(ADOPT_WAITS_MS, resolve))]);
  }

  function hello(): void {
    if (page === undefined) return;
    const { access } = visitor;
    const resumed = isStale || access === undefined ? [] : [...chats.all()].sort((a, b) => b.number - a.number).slice(0, RESUMED_CHATS);
    transport.send({
      t: 'hello',
      v: PROTOCOL_VERSION,
      site,
      tab,
      page,
      isInvitable,
      ...(access !== undefined && { access }),
      ...(epoch !== undefined && !isStale && { epoch }),
      cursors: Object.fromEntries(resumed.map(({ id }) => [id, cursors.at(id)])),
    });
  }

  function takeStatus(next: TransportStatus): void {
    // `online` is said by the welcome, together with all that it brings.
    if (next === 'online') return;
    change((now) => {
      if (isOnline()) now.first.push({ name: 'connectionchange', isOnline: false });
      status = next;
      isSignedIn = false;
      endTyping();
      outbox.shut();
      if (hasWelcome) for (const close of closing) closeLocally(close, now);
    });
  }

  function hearPeer(word: 'acted' | 'forgotten'): void {
    if (word === 'forgotten') {
      withdraw();
      return;
    }
    if (isSignedIn || hasActed) return;
    visitor.doubt();
    void signIn();
  }

  /** Forgets the visitor here; the server and the other pages are told by whoever decided it. */
  function forget(): void {
    change((now) => {
      for (const uid of [...given.keys()]) answer(uid, { ok: false, code: 'destroyed', message: 'The visitor was forgotten.' }, now);
      for (const { stop } of held) stop();
      held = [];
      leaving?.stop();
      leaving = undefined;
      visitor.forget();
      hasActed = false;
      isSignedIn = false;
      hasToldPeers = false;
      closing.clear();
      inherited.clear();
      cursors.clear();
      chats.replace(null);
      history.replace({ items: [], hasOlder: false });
      register = { ...NOBODY, isAvailable: register.isAvailable };
      set(signals.visitorId, null);
      set(signals.sessionId, null);
      uploads.clear();
      void outbox.clear();
      endTyping();
      draft.clear();
      now.isReplaced = true;
    });
  }

  function withdraw(): void {
    isConsented = false;
    isStarted = false;
    transport.stop();
    forget();
  }

  // ── the session's face ─────────────────────────────────────────────────────────────────────────────────────────

  return {
    ...signals,

    start(group, by) {
      change(() => {
        act();
        give({ uid: chance.uid(), kind: 'chat.start', group: tidyGroup(group) }, by);
      });
    },

    closeChat(by) {
      change((now) => {
        const uid = chance.uid();
        closing.add(uid);
        give({ uid, kind: 'chat.close' }, by);
        if (hasWelcome && !isOnline()) closeLocally(uid, now);
      });
    },

    send(text, group, by, uid = chance.uid()) {
      const clean = cleanText(text);
      if (clean.trim() === '') return null;
      if (codePoints(clean) > MESSAGE_MAX_LENGTH) {
        refuse(by, 'sendChatMessage', 'too_long', `A message has at most ${MESSAGE_MAX_LENGTH} characters.`);
        return null;
      }
      const message = optimistic(uid, clean, clock.now());
      if (own.has(uid)) return message;
      change((now) => {
        act();
        own.set(uid, by.via);
        shownPending.set(uid, { message, failed: null });
        give({ uid, kind: 'message.send', text: clean, group: tidyGroup(group) }, by);
        draft.clear();
        now.then.push({ name: 'messagesent', message: { ...message }, via: by.via });
      });
      return { ...message };
    },

    resend(uid) {
      change(() => {
        const via = own.get(uid);
        if (via !== undefined) given.set(uid, { by: { via }, isAnswered: false });
        if (!uploads.retry(uid)) outbox.resend(uid);
      });
    },

    discard(uid) {
      change(() => {
        given.delete(uid);
        uploads.remove(uid);
        outbox.discard(uid);
      });
    },

    sendFiles(files, by) {
      if (files.length === 0) return;
      change(() => {
        act();
        for (const { uid, file } of files) {
          if (own.has(uid)) continue;
          own.set(uid, by.via);
          given.set(uid, { by, isAnswered: false });
          uploads.add(uid, file);
        }
      });
    },

    setDraft: (text) => draft.set(cut(text, DRAFT_LENGTH)),

    rate(mark, by) {
      if (!Number.isInteger(mark) || mark < 1 || mark > 5) {
        refuse(by, 'setOperatorRating', 'invalid_argument', 'A rating is a whole number from 1 to 5.');
      } else if (!rules().is_consultant_operator_rating) {
        refuse(by, 'setOperatorRating', 'disabled', 'Rating is switched off for this site.');
      } else {
        change(() => give({ uid: chance.uid(), kind: 'rating.set', mark }, by));
      }
    },

    mail(address, by) {
      change(() => {
        set(signals.mailed, null);
        give({ uid: chance.uid(), kind: 'transcript.mail', address: cut(address.trim(), 1000) }, by);
      });
    },

    setCard(change_, by) {
      const card = tidyChange(change_);
      change((now) => {
        if (Object.keys(card).length === 0) {
          reply(by, { ok: true }, now);
          return;
        }
        act();
        give({ uid: chance.uid(), kind: 'card.set', card }, by);
      });
    },

    acceptInvite(by) {
      change(() => {
        act();
        give({ uid: chance.uid(), kind: 'invite.accept' }, by);
      });
    },

    rejectInvite(by) {
      change(() => give({ uid: chance.uid(), kind: 'invite.reject' }, by));
    },

    read() {
      change((now) => {
        const unreadChats = new Set(history.entries.filter((entry) => entry.isCounted && entry.seq > (chats.get(entry.chat)?.readByVisitor ?? Infinity)).map((entry) => entry.chat));
        for (const chat of unreadChats) {
          const seq = cursors.at(chat);
          markRead(chat, seq, now);
          outbox.prune((command) => command.kind === 'messages.read' && command.chat === chat);
          outbox.add({ uid: chance.uid(), kind: 'messages.read', chat, seq });
        }
      });
    },

    sendRequest(request, by) {
      change(() => {
        const uid = chance.uid();
        set(signals.requested, null);
        give({ uid, kind: 'request.send', request: cleanRequest(request) }, by);
        watchRequest(uid);
      });
    },

    older() {
      if (olderAsked !== undefined) return;
      if (history.hasOlder) askOlder();
      else change((now) => (now.older = { messages: [], hasOlder: false }));
    },

    identify: (_jwt, by) => refuse(by, 'identify', 'disabled', 'identity is not configured'),

    setConsent(isGiven) {
      if (isGiven === isConsented) return;
      if (isGiven) {
        isConsented = true;
        if (hasActed) beginStoring();
        connect();
        return;
      }
      withdraw();
      void identity.forget().catch(() => undefined);
      peers?.tell('forgotten');
    },

    setPage({ url, title }, invitable) {
      page = { url: cut(url, 2048), title: cut(title, 512) };
      isInvitable = invitable;
      if (isStarted) transport.send({ t: 'page', page, isInvitable });
      else connect();
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    close() {
      if (isClosed) return;
      isClosed = true;
      transport.close();
      outbox.close();
      cursors.close();
      draft.close();
      uploads.clear();
      for (const stop of [...stops]) stop();
      listeners.clear();
    },
  };
}

/** Commands that may begin a chat. */
const BEGINS: ReadonlySet<VisitorCommandKind> = new Set(['chat.start', 'message.send', 'file.send', 'invite.accept']);

/** Which of our commands an event of our uid answers. */
const ANSWERED_BY: Partial<Record<ChatEvent['kind'], ReadonlySet<VisitorCommandKind | undefined>>> = {
  'chat.started': new Set(['chat.start', 'invite.accept']),
  'message.added': new Set(['message.send', 'file.send']),
  'rating.set': new Set(['rating.set']),
  'chat.closed': new Set(['chat.close']),
};

/** Assigns only what differs, so that nothing is drawn or sent for nothing. Lists are compared by identity and length. */
function set<T>(target: Signal<T>, value: T): void {
  const old = target.peek();
  if (Object.is(old, value)) return;
  const isLarge = Array.isArray(value) && value.length > 5;
  if (!isLarge && JSON.stringify(old) === JSON.stringify(value)) return;
  target.value = value;
}

function tidyGroup(group: string | null): string | null {
  return group === null ? null : cut(group, 64);
}

function cleanRequest(request: OfflineRequest): OfflineRequest {
  return Object.fromEntries(Object.entries(request).map(([key, value]) => [key, cleanText(String(value))]));
}
