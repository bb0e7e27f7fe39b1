/**
 * The session: the one owner of what this visitor's chat is now. It folds what the server says into signals and tells each
 * page event once, after everything a query could ask has changed. It never touches the DOM, a socket or a database by
 * itself: transport, identity, clock and chance are handed in by `main.tsx`.
 *
 * Two users stand on it side by side and call the same commands: `ui/` for the visitor's fingers, `bridge.ts` for the
 * page's script. Both only read signals; only this file assigns one. What a command does is in `deeds.ts`, which is fetched
 * once the session lives; a command that comes earlier waits for it.
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
  UnixSeconds,
  VisitorCard,
} from '../../shared/chat.ts';
import type { CallId, PageEvent, PendingMessage, Place, Presentation } from '../../shared/page/bridge.ts';
import { createCursors } from '../../shared/client/cursors.ts';
import type { Chance, Clock } from '../../shared/client/outside.ts';
import {
  CLOSE,
  DEFAULT_CLIENT_TIMING,
  PROTOCOL_VERSION,
  type VisitorRegister,
  type VisitorServerFrame,
  type VisitorWelcome,
} from '../../shared/wire/protocol.ts';
import type { Settings } from '../../shared/settings.ts';
import { MOVED, type Transport, type TransportStatus } from '../../shared/client/transport.ts';
import { createChats } from './chats.ts';
import type { Deeds, Ground, Step } from './ground.ts';
import { createHistory, type Entry } from './history.ts';
import type { Identity, PeerWord, Peers } from './outside.ts';
import { cut } from './text.ts';
import { eventsBetween, viewOf, type View } from './view.ts';
import { createVisitor } from './visitor.ts';

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
  /** The operator has no connection at the moment. */
  readonly isAway: ReadonlySignal<boolean | undefined>;
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
  /** What was known here is not so any more: old messages were removed, or the server has gone back to a backup. */
  readonly lost: ReadonlySignal<'retention' | 'epoch' | null>;
  /** The last `sendchatbymail` and `sendofflinerequest` answers, for the interface. */
  readonly mailed: ReadonlySignal<{ success: boolean; error?: string } | null>;
  readonly requested: ReadonlySignal<{ success: boolean; title: string; message: string } | null>;

  /** The server's time, in seconds: whatever is said of a date is said by it. */
  now(): UnixSeconds;

  start(group: string | null, by: Caller): void;
  closeChat(by: Caller): void;
  /** Shows the message at once as pending and keeps trying until the server has it. Returns it. */
  send(text: string, group: string | null, by: Caller, uid?: Uid): Message | null;
  resend(uid: Uid): void;
  /** Gives up what has failed, or a file still on its way. `false` if it is neither: it may be stored already. */
  discard(uid: Uid): boolean;
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
  /** What operators should see of the visitor; an empty value takes it back. No act: nothing is stored by it before there is one. */
  setProperty(name: string, value: string): void;

  /** The page may end now: what is unanswered is left to the browser as well. It stays here, and the next page asks again. */
  handOver(): void;

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
  place(place: Place): void;
  /** Prints the conversation from the frame's own document. */
  print(): void;
}

export interface SessionOptions {
  site: string;
  /** Random per document. */
  tab: string;
  /** The origin of the page that shows the frame. */
  embedder?: string | null;
  transport: Transport<VisitorServerFrame>;
  clock: Clock;
  chance: Chance;
  identity: Identity;
  /** Fetches the half that acts. Asked again if it fails. */
  loadDeeds(): Promise<(ground: Ground) => Deeds>;
  peers?: Peers;
  /** The site's settings as the frame's document carries them; the server sends every change. */
  settings: Settings;
  /** Nothing leaves this page, and nothing is stored, before `setConsent(true)`. */
  isConsentRequired?: boolean;
}

/** Members of the session that are signals, and what each shows. */
type Sign = { [K in keyof Session]: Session[K] extends ReadonlySignal<unknown> ? K : never }[keyof Session];
type Shown = { [K in Sign]: Session[K] extends ReadonlySignal<infer T> ? T : never };

/** `operator.left` may be the first half of a close; it waits so long for the other half, to be told in the promised order. */
const LEAVING_MS = 100;
/** An operator who has shown no sign of typing for so long has stopped, and one who goes on is told of so often. */
const TYPING_LASTS_MS = 5_000;
const TYPING_EVERY_MS = 3_000;
/** Pages that are just going away may still hold their messages: looked for again after these times. */
const INHERIT_AGAIN_MS = [3_000, 30_000];
/** Between two attempts at what the network refused. */
const AGAIN_MS = 2_000;
/** Chats whose cursors a reconnect names. */
const RESUMED_CHATS = 5;

const NOBODY: VisitorRegister = { card: {}, requiredInfo: [], invite: null, isAvailable: false };

/**
 * The session of one page.
 *
 * @example
 * const session = createSession({ site, tab, transport, clock, chance, identity, settings, loadDeeds });
 * session.setPage(page, true); // connects
 */
export function createSession(options: SessionOptions): Session {
  const { site, tab, transport, clock, chance, identity, peers } = options;

  // ── facts ──────────────────────────────────────────────────────────────────────────────────────────────────────
  const chats = createChats();
  const history = createHistory();
  const visitor = createVisitor(identity, clock);
  let register = NOBODY;
  let { settings } = options;
  let timing = DEFAULT_CLIENT_TIMING;
  let visitorId: string | null = null;
  let sessionId: string | null = null;
  let epoch: string | undefined;
  let lost: 'retention' | 'epoch' | null = null;
  let page: PageInfo | undefined;
  let isInvitable = false;
  let status: TransportStatus = 'connecting';
  let isConsented = options.isConsentRequired !== true;
  let isStarted = false;
  let isClosed = false;
  let hasActed = false;
  let hasWelcome = false;
  let welcomedAt = 0;
  /** The server's time when our own clock had elapsed nothing, in milliseconds; `undefined` until it has said it. */
  let serverStart: number | undefined;
  /** The connection speaks for a visitor, not for an anonymous page. */
  let isSignedIn = false;
  let isSigningIn = false;
  let hasToldPeers = false;
  /** What is cached is not to be resumed from. */
  let isStale = false;
  let leaving: { event: ChatEvent; stop: () => void } | undefined;
  let olderAsked: number | undefined;
  let olderCount = 0;
  let typingName: string | null = null;
  let typingToldAt = -Infinity;
  let stopTyping: (() => void) | undefined;
  let stopHearing: (() => void) | undefined;

  const numbers = new Map<ChatId, number>();
  /** Chats that began with an invitation: their first message was shown as such and is not told again. */
  const invited = new Set<ChatId>();
  const stops = new Set<() => void>();
  const listeners = new Set<(change: SessionChange) => void>();
  const unheard: SessionChange[] = [];
  /** Events of later chats that came while one before them is incomplete. */
  let parked: Extract<VisitorServerFrame, { t: 'evt' }>[] = [];
  let isTelling = false;
  let step: Step | undefined;

  let deeds: Deeds | undefined;
  let loading: Promise<void> | undefined;
  let waiting: ((deeds: Deeds) => void)[] = [];

  const rules = (): Settings['chat'] => settings.chat;
  const isOnline = (): boolean => status === 'online' && hasWelcome;
  const cursors = createCursors<ChatEvent>({ clock, sync: (chat, after) => void transport.send({ t: 'sync', chat, after }) });

  let view: View = look();
  const signals = toSignals(show());

  // ── one step ───────────────────────────────────────────────────────────────────────────────────────────────────

  function look(): View {
    const chat = chats.current;
    return viewOf({
      chat,
      isHidden: chat !== null && chats.isHidden(chat.id, (close) => deeds?.closing.has(close) === true),
      register,
      isRatingEnabled: rules().is_consultant_operator_rating,
      nowSeconds: now(),
    });
  }

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
      deeds?.endStep(mine);
    } finally {
      step = undefined;
    }
    view = look();
    const seen = eventsBetween(before, view, { hasJoined: mine.hasJoined, isRatingEnabled: rules().is_consultant_operator_rating });
    const shown = show();
    batch(() => keysOf(shown).forEach((key) => assign(signals, shown, key)));
    if (view.state !== before.state) deeds?.afterStep();
    tell({
      ...(mine.added.length > 0 && { added: mine.added }),
      ...(mine.older && { older: mine.older }),
      ...(mine.isReplaced && { isReplaced: true }),
      events: [...mine.first, ...(mine.isQuiet ? [] : seen), ...mine.then],
    });
  }

  /** Everything the signals say, from the facts as they are. */
  function show(): Shown {
    const chat = chats.current;
    const { card, requiredInfo } = deeds?.foreseen(register) ?? register;
    return {
      connection: status,
      state: view.state,
      isAvailable: view.isAvailable,
      messages: history.messages,
      hasOlder: history.hasOlder,
      pending: deeds?.pending ?? [],
      uploads: deeds?.uploads ?? [],
      chat: chat !== null && chat.isOpen && view.state !== 'chat' ? { ...chat, isOpen: false, operator: null, retention: null } : chat,
      operator: view.operator?.card ?? null,
      isAway: register.isAway,
      card,
      requiredInfo,
      rating: view.rating,
      canRate: view.canRate,
      invite: view.invite,
      retention: view.retention,
      unread: countUnread(),
      typing: view.state === 'chat' ? typingName : null,
      canSendFile: isOnline() && rules().is_file_transfer,
      settings,
      visitorId,
      sessionId,
      isForgetful: deeds?.isForgetful === true,
      lost,
      mailed: deeds?.mailed ?? null,
      requested: deeds?.requested ?? null,
    };
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

  /** What the server's clock says: a visitor's own may be wrong, and may be set meanwhile. */
  function now(): UnixSeconds {
    return (serverStart === undefined ? clock.now() : serverStart + clock.elapsed()) / 1000;
  }

  function countUnread(): number {
    return history.countUnread((chat) => chats.get(chat)?.readByVisitor);
  }

  // ── the half that acts ─────────────────────────────────────────────────────────────────────────────────────────

  const ground: Ground = {
    clock,
    chance,
    identity,
    transport,
    chats,
    history,
    change,
    later,
    rules,
    isOnline,
    act,
    cursorAt: (chat) => cursors.at(chat),
    view: () => view,
    timing: () => timing,
    hasBeenWelcomed: () => hasWelcome,
    isArriving: () => isStarted && !hasWelcome && status === 'connecting',
    isSignedIn: () => isSignedIn,
    hasActed: () => hasActed,
    doubtIdentity() {
      visitor.expire();
      isSignedIn = false;
      void signIn();
    },
    access: async () => ((await visitor.ensure(true)) ? visitor.access : undefined),
    accessNow: () => visitor.access,
    register: () => register,
    foresee(part) {
      register = { ...register, ...part };
    },
    optimistic,
    knowsTime: () => serverStart !== undefined,
  };

  /** Resolves when commands can be carried out; those that came before have been, then. */
  function loadDeeds(): Promise<void> {
    loading ??= options.loadDeeds().then(
      (create) => {
        if (isClosed) return;
        deeds = create(ground);
        if (isSignedIn) deeds.startStoring();
        if (isOnline() && (isSignedIn || !hasActed)) deeds.open();
        for (const command of waiting.splice(0)) command(deeds);
      },
      () => {
        loading = undefined;
        if (!isClosed) later(AGAIN_MS, () => void loadDeeds());
      },
    );
    return loading;
  }

  /** Carries the command out, in the order given. */
  function carryOut(command: (deeds: Deeds) => void): void {
    if (isClosed) return;
    if (deeds !== undefined) {
      command(deeds);
      return;
    }
    waiting.push(command);
    void loadDeeds();
  }

  function optimistic(uid: Uid, text: string, ms: number): Message {
    const chat_id = view.state === 'chat' ? view.chatId : null;
    return {
      text,
      date: Math.floor(ms / 1000 + now() - clock.now() / 1000),
      source: 'Visitor',
      from: 'Visitor',
      sender: 'visitor',
      chat_id,
      message_id: null,
      uid,
    };
  }

  function act(): void {
    hasActed = true;
    if (isConsented) beginStoring();
    void signIn();
  }

  function beginStoring(): void {
    identity.leaveTrace();
    deeds?.startStoring();
  }

  /** Speaks for a visitor from now on, over the connection that is there; a connection to come does so by itself. */
  async function signIn(): Promise<void> {
    if (isSigningIn || isSignedIn || !isOnline()) return;
    isSigningIn = true;
    const isReached = await visitor.ensure(hasActed);
    isSigningIn = false;
    if (isClosed || isSignedIn || !isOnline()) return;
    if (isReached && visitor.access !== undefined) hello();
    else if (hasActed) later(AGAIN_MS * (1 + chance.fraction()), () => void signIn());
  }

  // ── what the server says ───────────────────────────────────────────────────────────────────────────────────────

  function receive(frame: VisitorServerFrame): void {
    switch (frame.t) {
      case 'welcome':
        beWelcomed(frame);
        break;
      case 'evt':
        takeFrame(frame);
        break;
      case 'more':
        cursors.expect(frame.chat, frame.seq);
        break;
      case 'ack':
        deeds?.takeAck(frame);
        break;
      case 'nack':
        deeds?.takeNack(frame);
        break;
      case 'mailed':
        deeds?.takeMailed(frame.uid, frame.success, frame.error);
        break;
      case 'history':
        if (frame.n !== olderAsked) break;
        olderAsked = undefined;
        change((now) => (now.older = { messages: history.prepend(frame.page), hasOlder: frame.page.hasOlder }));
        break;
      case 'register':
        change(() => (register = frame.register));
        break;
      case 'settings':
        change(() => (settings = frame.settings));
        break;
      case 'read':
        change((now) => markRead(frame.chat, frame.visitor, now));
        break;
      case 'typing':
        takeTyping(frame.name);
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

  /** A visitor's chats follow one another, and so do their messages: a gap is filled before a later chat goes on. */
  function takeFrame(frame: (typeof parked)[number]): void {
    if (cursors.incomplete !== undefined && cursors.incomplete !== frame.event.chat) {
      parked.push(frame);
      return;
    }
    numbers.set(frame.event.chat, frame.number);
    for (const event of cursors.take(frame.event)) takeEvent(event);
    if (cursors.incomplete === undefined) parked.splice(0).forEach(takeFrame);
  }

  function beWelcomed(welcome: VisitorWelcome): void {
    const isFirst = !hasWelcome;
    // What follows brings them again.
    parked = [];
    change((now) => {
      now.isQuiet = isFirst;
      const wasOnline = isOnline();
      const isSame = epoch === undefined || epoch === welcome.epoch;
      const isResumed = welcome.resumed && !isStale && isSame;
      if (!isSame) lost = 'epoch';
      ({ timing, epoch, register, settings } = welcome);
      serverStart = welcome.serverTime - clock.elapsed();
      visitorId = welcome.visitor;
      sessionId = welcome.session;
      isSignedIn = visitorId !== null;
      isStale = false;
      hasWelcome = true;
      status = 'online';
      if (isFirst) welcomedAt = Math.floor(welcome.serverTime / 1000);
      else if (!wasOnline) now.first.push({ name: 'connectionchange', isOnline: true });
      if (!isResumed) startOver(welcome, isFirst, now);
    });
    if (isSignedIn) {
      deeds?.startStoring();
      if (hasActed && !hasToldPeers) peers?.tell('acted');
      hasToldPeers ||= hasActed;
    } else if (hasActed) {
      // Acted while we said hello as nobody; or the token was not believed, which must not become a race around.
      if (visitor.access === undefined) void signIn();
      else later(AGAIN_MS, () => void signIn());
      visitor.expire();
      return;
    }
    deeds?.open();
    if (olderAsked !== undefined) askOlder();
    void loadDeeds();
  }

  /** Takes the server's summary for what is, and keeps of the old only what it continues. */
  function startOver({ chat, history: newest }: VisitorWelcome, isFirst: boolean, now: Step): void {
    leaving?.stop();
    leaving = undefined;
    const known = new Map(chats.all().map(({ id }) => [id, cursors.at(id)]));
    cursors.clear();
    chats.replace(chat);
    if (chat !== null) {
      numbers.set(chat.id, chat.number);
      cursors.set(chat.id, chat.lastSeq);
      if (!known.has(chat.id)) chats.hide(chat.id, (isFirst ? deeds?.closed : deeds?.closing) ?? []);
    }
    const before = history.messages;
    history.replace(newest ?? { items: [], hasOlder: false });
    const isNew = (entry: Entry): boolean => {
      const seq = known.get(entry.chat);
      return !isFirst && (seq === undefined ? entry.chat === chat?.id && chat.startedAt >= welcomedAt : entry.seq > seq);
    };
    const fresh = history.entries.filter(isNew);
    if (before.length === 0) {
      const old = history.entries.filter((entry) => !isNew(entry)).map(({ message }) => message);
      if (!isFirst && old.length > 0) now.older = { messages: old, hasOlder: history.hasOlder };
      now.added.push(...fresh.map(({ message }) => message));
    } else if (history.messages.at(-1)?.message_id !== before.at(-1)?.message_id || history.messages.length !== before.length) {
      now.isReplaced = true;
    }
    deeds?.takeSummary(isFirst, now);
    for (const entry of fresh) announce(entry, now);
  }

  /** Tells a close as one step, although the operator's leaving comes as an event of its own. */
  function takeEvent(event: ChatEvent): void {
    const left = leaving;
    leaving = undefined;
    left?.stop();
    const isClose = left !== undefined && event.kind === 'chat.closed' && event.chat === left.event.chat;
    if (left !== undefined && !isClose) change((now) => fold(left.event, now));
    if (event.kind === 'operator.left') {
      leaving = {
        event,
        stop: later(LEAVING_MS, () => {
          leaving = undefined;
          change((now) => fold(event, now));
        }),
      };
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
        chats.hide(event.chat, deeds?.closing ?? []);
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
        endTyping();
        break;
      case 'chat.closed':
        endTyping();
        deeds?.endDraft();
        break;
      case 'rating.set':
      case 'retention.offered':
        break;
    }
    deeds?.takeEvent(event);
  }

  function addMessage(event: MessageAdded, now: Step): void {
    const isInvitation = event.seq === 2 && event.author.kind !== 'visitor' && invited.has(event.chat);
    const entry = history.add(event, isInvitation);
    now.added.push(entry.message);
    if (event.author.kind === 'operator') endTyping();
    if (!isInvitation) announce(entry, now);
  }

  function announce({ message }: Entry, now: Step): void {
    const origin = message.sender === 'visitor' && message.uid !== null ? deeds?.originOf(message.uid) : undefined;
    // Own text was there from the moment it was sent; own files appear everywhere only now.
    if (origin !== undefined && message.fx_link === undefined) return;
    if (origin === 'api' || origin === 'ui') now.then.push({ name: 'messagesent', message: { ...message }, via: origin });
    now.then.push({ name: 'sendmessage', message: { ...message } });
  }

  function takeTyping(name: string): void {
    if (view.state !== 'chat') return;
    stopTyping?.();
    stopTyping = later(TYPING_LASTS_MS, () => change(endTyping));
    change((now) => {
      const isNews = name !== typingName || clock.elapsed() - typingToldAt >= TYPING_EVERY_MS;
      typingName = name;
      if (!isNews) return;
      typingToldAt = clock.elapsed();
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
    olderAsked = ++olderCount;
    if (isOnline()) transport.send({ t: 'history', n: olderAsked, before: history.cursor() });
  }

  function reset(reason: 'epoch' | 'retention' | 'erased'): void {
    isStale = true;
    if (reason !== 'erased') {
      lost = reason;
      hello();
      return;
    }
    forget();
    void identity.forget().catch(() => undefined);
    transport.restart();
  }

  // ── connection ─────────────────────────────────────────────────────────────────────────────────────────────────

  function connect(): void {
    if (isStarted || isClosed || !isConsented || page === undefined) return;
    isStarted = true;
    transport.start({
      prepare,
      onOpen: hello,
      onFrame: receive,
      onStatus: takeStatus,
      onClose: (code) => {
        if (code === CLOSE.unauthorized) visitor.expire();
        if (code === MOVED) deeds?.move();
      },
    });
    if (peers !== undefined && stopHearing === undefined) stops.add((stopHearing = peers.listen(hearPeer)));
  }

  /** Finds out who this is, and what earlier pages have left to be sent, before a socket is opened. */
  async function prepare(): Promise<boolean> {
    const isNew = !hasWelcome && !visitor.isKnown;
    const hasTraces = isNew && (await identity.hasTraces());
    if (hasTraces) await inherit(true);
    if (!(await visitor.ensure(hasActed))) return false;
    const isSomebody = isNew && visitor.access !== undefined;
    if (isSomebody && !hasTraces) await inherit(true);
    if (isSomebody || hasTraces) for (const ms of INHERIT_AGAIN_MS) later(ms, () => void inherit(false));
    return !isClosed;
  }

  async function inherit(isEarly: boolean): Promise<void> {
    await loadDeeds();
    await deeds?.inherit(isEarly && !hasWelcome);
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
      embedder: options.embedder,
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
      // Refused for good (the site is closed, we are too old for the server): nobody will answer here any more.
      if (next === 'closed' && isStarted) register = { ...register, isAvailable: false };
      endTyping();
      deeds?.shut(now);
    });
  }

  function hearPeer(word: PeerWord): void {
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
      leaving?.stop();
      leaving = undefined;
      visitor.forget();
      hasActed = isSignedIn = hasToldPeers = false;
      visitorId = sessionId = lost = null;
      cursors.clear();
      parked = [];
      chats.replace(null);
      history.replace({ items: [], hasOlder: false });
      register = { ...NOBODY, isAvailable: register.isAvailable };
      endTyping();
      deeds?.forget(now);
      now.isReplaced = true;
    });
  }

  function withdraw(): void {
    isConsented = isStarted = false;
    waiting = [];
    transport.stop();
    forget();
  }

  // ── the session's face ─────────────────────────────────────────────────────────────────────────────────────────

  return {
    ...signals,
    now,
    start: (group, by) => carryOut((d) => d.start(group, by)),
    closeChat: (by) => carryOut((d) => d.closeChat(by)),
    send(text, group, by, uid = chance.uid()) {
      if (deeds !== undefined) return deeds.send(text, group, by, uid);
      carryOut((d) => d.send(text, group, by, uid));
      return text.trim() === '' ? null : optimistic(uid, text, clock.now());
    },
    resend: (uid) => carryOut((d) => d.resend(uid)),
    discard: (uid) => deeds?.discard(uid) === true,
    sendFiles: (files, by) => carryOut((d) => d.sendFiles(files, by)),
    setDraft: (text) => carryOut((d) => d.setDraft(text)),
    setProperty: (name, value) => carryOut((d) => d.setProperty(name, value)),
    rate: (mark, by) => carryOut((d) => d.rate(mark, by)),
    mail: (address, by) => carryOut((d) => d.mail(address, by)),
    setCard: (card, by) => carryOut((d) => d.setCard(card, by)),
    acceptInvite: (by) => carryOut((d) => d.acceptInvite(by)),
    rejectInvite: (by) => carryOut((d) => d.rejectInvite(by)),
    sendRequest: (request, by) => carryOut((d) => d.sendRequest(request, by)),
    identify: (jwt, by) => carryOut((d) => d.identify(jwt, by)),

    read() {
      change((now) => {
        for (const { id, readByVisitor } of chats.all()) {
          if (!history.entries.some((entry) => entry.chat === id && entry.isCounted && entry.seq > readByVisitor)) continue;
          const seq = cursors.at(id);
          markRead(id, seq, now);
          carryOut((d) => d.tellRead(id, seq));
        }
      });
    },

    older() {
      if (olderAsked !== undefined) return;
      if (history.hasOlder) askOlder();
      else change((now) => (now.older = { messages: [], hasOlder: false }));
    },

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

    handOver: () => deeds?.handOver(),

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    close() {
      if (isClosed) return;
      isClosed = true;
      transport.close();
      cursors.close();
      deeds?.close();
      for (const stop of [...stops]) stop();
      listeners.clear();
    },
  };
}

type Signals = { [K in Sign]: Signal<Shown[K]> };

const keysOf = <T extends object>(object: T) => Object.keys(object) as (keyof T)[];

/** One signal for each thing that is shown. The compiler can't follow a record through its entries, so it is told. */
function toSignals(shown: Shown): Signals {
  return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, signal(value)])) as unknown as Signals;
}

/** Assigns only what differs, so that nothing is drawn or sent for nothing. Long lists are compared by identity. */
function assign<K extends Sign>(signals: Signals, shown: Shown, key: K): void {
  const target: Signal<Shown[K]> = signals[key];
  const old = target.peek();
  const value = shown[key];
  if (Object.is(old, value)) return;
  const isLong = Array.isArray(value) && value.length > 5;
  if (isLong || JSON.stringify(old) !== JSON.stringify(value)) target.value = value;
}
