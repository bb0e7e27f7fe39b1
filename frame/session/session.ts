/**
 * The session: the one owner of this visitor's chat. It folds what the server says into signals, and tells each page event once,
 * after everything that a query could ask has changed. It never touches the DOM, a socket or a database by itself: `main.tsx` hands
 * in transport, identity, clock and chance.
 *
 * Two users read its signals and call its commands: `ui/` for the visitor, `bridge/` for the page's script. The parts: `arrival.ts`
 * (how the page signs in), `catch-up.ts` and `folding.ts` (the state), `changes.ts` (how it changes), and `delivery.ts` (what this
 * page sends), which is fetched once the session lives.
 */
import { effect } from '@preact/signals-core';
import type { ChatId, Message, Uid } from '../../shared/chat.ts';
import type { Chance, Clock } from '../../shared/client/platform.ts';
import type { Transport } from '../../shared/client/transport.ts';
import type { Settings } from '../../shared/settings.ts';
import { DEFAULT_CLIENT_TIMING, type VisitorServerFrame, type VisitorWelcome } from '../../shared/wire/protocol.ts';
import { createArrival } from './arrival.ts';
import { createCatchUp } from './catch-up.ts';
import { createChanges, type Changeset } from './changes.ts';
import { createChats } from './chats.ts';
import type { Commands, CreateDelivery, SessionContext } from './context.ts';
import type { Session } from './contract.ts';
import { NOBODY, type Facts } from './facts.ts';
import { createFolding } from './folding.ts';
import { createHistory } from './history.ts';
import { createLazyDelivery, type LazyDelivery } from './lazy-delivery.ts';
import { createLeaving } from './leaving.ts';
import { createPaging } from './paging.ts';
import type { Identity, Peers, Speech } from './platform.ts';
import { publicStateOf, type PublicState } from './public-state.ts';
import { createReading } from './reading.ts';
import { createServerTime } from './server-time.ts';
import { shownOf } from './shown.ts';
import { assignAll, createSignals } from './signals.ts';
import { createTimers } from './timers.ts';
import { createTyping } from './typing.ts';
import { createVisitor } from './visitor.ts';

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
  /** Fetches the half that sends. Asked again if it fails. */
  loadDelivery(): Promise<CreateDelivery>;
  peers?: Peers;
  speech: Speech;
  /** The site's settings as the frame's document carries them; the server sends every change. */
  settings: Settings;
  /** Nothing leaves this page, and nothing is stored, before `setConsent(true)`. */
  isConsentRequired?: boolean;
}

/**
 * The session of one page.
 *
 * @example
 * const session = createSession({ site, tab, transport, clock, chance, identity, settings, speech, loadDelivery });
 * session.setPage(page, true); // connects
 */
// closure: it only joins the session's parts, each of which needs some of the others
export function createSession(options: SessionOptions): Session {
  const { transport, clock, chance, identity, speech } = options;

  const facts: Facts = {
    register: NOBODY,
    settings: options.settings,
    timing: DEFAULT_CLIENT_TIMING,
    visitorId: null,
    sessionId: null,
    lost: null,
  };
  const chats = createChats();
  const history = createHistory();
  const serverTime = createServerTime(clock);
  const { later, close: closeTimers } = createTimers(clock);
  const base = { clock, chance, identity, transport, chats, history, facts, later };
  const isRatingEnabled = (): boolean => facts.settings.chat.is_consultant_operator_rating;
  const delivery = (): LazyDelivery['delivery'] => lazy.delivery;

  const lazy = createLazyDelivery(
    options.loadDelivery,
    () => context,
    later,
    () => arrival.release(),
  );
  const changes = createChanges(
    look,
    isRatingEnabled,
    (set) => delivery()?.finish(set),
    (isNewState) => {
      assignAll(signals, shownOf(shownParts));
      if (isNewState) delivery()?.retryDraft();
    },
  );
  const { change } = changes;
  const typing = createTyping(clock, later, changes);
  const { fold, announce } = createFolding(chats, history, facts, typing, delivery);
  const leaving = createLeaving(later, changes, fold);
  const catchUp = createCatchUp({ ...base, delivery, announce, onEvent: leaving.take });
  const reading = createReading(chats, history, changes, catchUp, (chat, seq) => lazy.run((commands) => commands.tellRead(chat, seq)));
  const arrival = createArrival({
    ...options,
    visitor: createVisitor(identity, clock),
    later,
    changes,
    catchUp,
    lazy,
    onFrame: receive,
    onLost(isForGood, set) {
      if (isForGood) facts.register = { ...facts.register, isAvailable: false };
      typing.end();
      delivery()?.shut(set);
    },
    onForget: forget,
  });
  const paging = createPaging(history, changes, transport, arrival.isOnline);
  const context: SessionContext = {
    ...base,
    changes,
    change,
    presence: arrival,
    catchUp,
    serverTime,
    foresee: (part) => void (facts.register = { ...facts.register, ...part }),
    optimistic,
    words: speech.words,
  };
  const shownParts = { ...base, changes, arrival, reading, typing, delivery };
  const signals = createSignals(shownOf(shownParts));

  // The hello says it, too: without a connection nobody hears this.
  const stopSpeaking = effect(() => void transport.send({ t: 'language', language: speech.language.value }));
  // ── what everybody sees ──────────────────────────────────────────────────────────────────────────────────────────

  function look(): PublicState {
    const chat = chats.current;
    const isHidden = chat !== null && chats.isHidden(chat.id, (close) => delivery()?.closing.has(close) === true);
    return publicStateOf(chat, isHidden, facts, serverTime.now());
  }

  function optimistic(uid: Uid, text: string, ms: number): Message {
    const { state, chatId } = changes.state;
    return ownMessage(uid, text, Math.floor(ms / 1000 + serverTime.now() - clock.now() / 1000), state === 'chat' ? chatId : null);
  }

  // ── what the server says ─────────────────────────────────────────────────────────────────────────────────────────

  function receive(frame: VisitorServerFrame): void {
    switch (frame.t) {
      case 'welcome':
        return takeWelcome(frame);
      case 'evt':
        return catchUp.take(frame);
      case 'more':
        return catchUp.expect(frame.chat, frame.seq);
      case 'ack':
      case 'nack':
      case 'mailed':
        return delivery()?.take(frame);
      case 'history':
        return paging.take(frame);
      case 'register':
        return change(() => (facts.register = frame.register));
      case 'settings':
        return change(() => (facts.settings = frame.settings));
      case 'read':
        return change((set) => reading.mark(frame.chat, frame.visitor, set, frame.operator));
      case 'typing':
        return typing.take(frame.name);
      case 'reset':
        return reset(frame.reason);
      case 'ping':
      case 'goaway':
        // The transport's own business.
        return;
    }
  }

  function takeWelcome(welcome: VisitorWelcome): void {
    change((set) => {
      const wasOnline = arrival.isOnline();
      const { isFirst, isSameEpoch, isResumed } = catchUp.accept(welcome);
      ({
        register: facts.register,
        settings: facts.settings,
        timing: facts.timing,
        visitor: facts.visitorId,
        session: facts.sessionId,
      } = welcome);
      if (!isSameEpoch) facts.lost = 'epoch';
      serverTime.set(welcome.serverTime);
      arrival.welcome(welcome.visitor);
      set.isQuiet = isFirst;
      if (!isFirst && !wasOnline) set.before.push({ name: 'connectionchange', isOnline: true });
      if (isResumed) return;
      leaving.forget();
      catchUp.startOver(welcome, isFirst, set);
    });
    if (!arrival.settleIn()) return;
    paging.resume();
    void lazy.load();
  }

  function reset(reason: 'epoch' | 'retention' | 'erased'): void {
    catchUp.outdate();
    if (reason !== 'erased') {
      facts.lost = reason;
      arrival.hello();
      return;
    }
    forget();
    void identity.forget().catch(() => undefined);
    transport.restart();
  }

  /** Forgets the visitor on this page. The caller tells the server and the other pages. */
  function forget(): void {
    change((set: Changeset) => {
      leaving.forget();
      arrival.forget();
      facts.visitorId = facts.sessionId = facts.lost = null;
      catchUp.clear();
      chats.replace(null);
      history.replace({ items: [], hasOlder: false });
      facts.register = { ...NOBODY, isAvailable: facts.register.isAvailable };
      typing.end();
      delivery()?.forget(set);
      set.isReplaced = true;
    });
  }

  return {
    ...signals,
    ...forwardTo(lazy),
    now: serverTime.now,
    send(text, group, by, uid = chance.uid()) {
      const loaded = delivery();
      if (loaded !== undefined) return loaded.commands.send(text, group, by, uid);
      lazy.run((commands) => commands.send(text, group, by, uid));
      return text.trim() === '' ? null : optimistic(uid, text, clock.now());
    },
    discard: (uid) => delivery()?.commands.discard(uid) === true,
    read: reading.markAll,
    older: paging.load,
    setLanguage: (tag, { via }) => speech.speak(tag, via === 'ui'),
    setConsent: arrival.setConsent,
    agree() {
      identity.keepConsent();
      arrival.setConsent(true);
    },
    setPage: arrival.setPage,
    sendBeacon: () => delivery()?.sendBeacon(),
    subscribe: changes.subscribe,
    close() {
      stopSpeaking();
      changes.close();
      transport.close();
      arrival.close();
      catchUp.close();
      lazy.close();
      closeTimers();
    },
  };
}

/** The commands that delivery runs in the order given, however late it comes. */
const FORWARDED = [
  'start',
  'closeChat',
  'resend',
  'sendFiles',
  'setDraft',
  'setProperty',
  'rate',
  'mail',
  'setCard',
  'acceptInvite',
  'rejectInvite',
  'sendRequest',
  'identify',
] as const satisfies readonly (keyof Commands)[];

type Forwarded = Pick<Session, (typeof FORWARDED)[number]>;

/** The compiler can't follow a record through its entries, hence the cast. */
function forwardTo({ run }: LazyDelivery): Forwarded {
  const forward =
    (name: keyof Forwarded) =>
    (...args: unknown[]) =>
      run((commands) => (commands[name] as (...args: unknown[]) => void)(...args));
  return Object.fromEntries(FORWARDED.map((name) => [name, forward(name)])) as unknown as Forwarded;
}

/** A message of the visitor's, before the server has stored it. */
function ownMessage(uid: Uid, text: string, date: number, chat_id: ChatId | null): Message {
  return { text, date, source: 'Visitor', from: 'Visitor', sender: 'visitor', chat_id, message_id: null, uid };
}
