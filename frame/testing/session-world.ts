/**
 * A session on a hand-cranked wire, for its tests: the test is the server. It hears what the page sends, says what it likes
 * in the words of the protocol, and turns the clock. Not part of any build.
 */
import type { PageEvent } from '../../shared/page/bridge.ts';
import type { Author, ChatEvent, ChatSummary, MessageAdded } from '../../shared/chat.ts';
import { countingChance, manualClock, fakeStore, flushPromises } from '../../shared/testing/clock-and-store.ts';
import { parseSettings, toldSettings, type Settings } from '../../shared/settings.ts';
import {
  DEFAULT_CLIENT_TIMING,
  type SessionAnswer,
  type UploadAnswer,
  type VisitorCommand,
  type VisitorFrame,
  type VisitorRegister,
  type VisitorServerFrame,
  type VisitorWelcome,
} from '../../shared/wire/protocol.ts';
import { applyEvent, emptyChat } from '../../shared/timeline.ts';
import { ChatError, toErrorCode } from '../../shared/errors.ts';
import { createTransport, type SocketListener } from '../../shared/client/transport.ts';
import type { FileLike, SessionChange } from '../session/contract.ts';
import { createDelivery, type DeliveryOptions } from '../session/delivery.ts';
import { createDraft } from '../session/draft.ts';
import { identify } from '../session/identify.ts';
import type { Identity, PeerWord, SendBytes } from '../session/platform.ts';
import { createSession } from '../session/session.ts';
import { signal } from '@preact/signals-core';
import type { Catalogue } from '../../shared/languages/catalogue.ts';
import type { Language } from '../../shared/languages/languages.ts';
import { texts } from '../../shared/languages/en.ts';
import { createUploads } from '../session/uploads.ts';

/** The settings of a site that nobody has touched. */
export const SETTINGS: Settings = toldSettings(parseSettings({}));
export const ANNA = { name: 'Anna', position: 'Sales', avatar: null };
export const OPERATOR: Author = { kind: 'operator', id: 'o1', card: ANNA };
export const VISITOR: Author = { kind: 'visitor' };

const PAGE = { url: 'https://shop.example/', title: 'Shop' };
export const API = { via: 'api' } as const;
export const UI = { via: 'ui' } as const;

type Body = ChatEvent extends infer E ? (E extends ChatEvent ? Omit<E, 'chat' | 'seq' | 'message_id' | 'date'> : never) : never;

/** A chat as the server of the test knows it: numbers its events. */
export function chatOf(id: string, number = 1) {
  let summary: ChatSummary = emptyChat(id, number);
  const events: ChatEvent[] = [];
  function add(body: Body): ChatEvent {
    const seq = summary.lastSeq + 1;
    const event: ChatEvent = { ...body, chat: id, seq, message_id: `${id}-${seq}`, date: 1_700_000_100 + seq };
    events.push(event);
    summary = applyEvent(summary, event);
    return event;
  }
  return {
    id,
    number,
    events,
    get summary() {
      return summary;
    },
    messages: (): MessageAdded[] => events.filter((event) => event.kind === 'message.added'),
    started: (uid: string | null = null, via: 'command' | 'message' | 'invite' = 'command') =>
      add({ kind: 'chat.started', group: null, via, author: VISITOR, uid }),
    said: (text: string, author: Author = OPERATOR, uid: string | null = null) =>
      add({ kind: 'message.added', text, file: null, author, uid }),
    file: (name: string, uid: string | null) =>
      add({
        kind: 'message.added',
        text: name,
        file: { link: `https://chat.example/files/x/${name}`, name, size: 3, type: 'text/plain' },
        author: VISITOR,
        uid,
      }),
    joined: () => add({ kind: 'operator.joined', operator: 'o1', card: ANNA, author: OPERATOR, uid: null }),
    left: () => add({ kind: 'operator.left', operator: 'o1', author: OPERATOR, uid: null }),
    lost: () => add({ kind: 'operator.left', operator: 'o1', why: 'lost', name: ANNA.name, author: { kind: 'system' }, uid: null }),
    rated: (mark: number, uid: string | null = null) => add({ kind: 'rating.set', mark, author: VISITOR, uid }),
    offered: () => add({ kind: 'retention.offered', way: 'sitephone', author: { kind: 'system' }, uid: null }),
    closed: (uid: string | null = null) => add({ kind: 'chat.closed', by: 'visitor', author: VISITOR, uid }),
  };
}

export type HandChat = ReturnType<typeof chatOf>;

export const REGISTER: VisitorRegister = { card: {}, requiredInfo: [], invite: null, isAvailable: true };

export const INVITE = {
  text: 'May I help?',
  invite_message: 'May I help?',
  date: 1_700_000_050,
  source: 'Operator',
  from: 'Anna',
  sender: 'operator',
  chat_id: null,
  message_id: 'i1',
  uid: null,
  operator_info: ANNA,
  expires: 1_700_002_000,
} as const;

/** The parts that the frame fetches on demand, ready at once. */
function lazy(sendBytes: SendBytes): Pick<DeliveryOptions, 'loadUploads' | 'loadDraft'> {
  return {
    loadUploads: (options) => Promise.resolve(createUploads({ ...options, sendBytes })),
    loadDraft: (options) => Promise.resolve(createDraft(options)),
  };
}

export interface WorldOptions {
  /** Someone whom cookie or token brings back. */
  isKnown?: boolean;
  isConsentRequired?: boolean;
  hasTraces?: boolean;
  /** What the frame's document carries, and what the server welcomes with. */
  settings?: Settings;
}

// closure: the fakes of one world share what the test has said, and the returned object is a list of one-line steps
export function world({ isKnown = false, isConsentRequired = false, hasTraces = false, settings = SETTINGS }: WorldOptions = {}) {
  const clock = manualClock();
  const chance = countingChance();
  const store = fakeStore<VisitorCommand>();
  const sockets: { listener: SocketListener; frames: VisitorFrame[]; isClosed: boolean }[] = [];
  const asked: boolean[] = [];
  const told: PeerWord[] = [];
  const handed: { access: string; commands: readonly VisitorCommand[] }[] = [];
  const transfers: {
    file: FileLike;
    uid: string;
    access: string;
    onProgress(loaded: number): void;
    resolve(answer: UploadAnswer): void;
    reject(error: Error): void;
  }[] = [];
  const words: string[] = [];
  const speech = { language: signal<Language>('en'), words: signal<Catalogue | null>(texts) };
  const spoken: [tag: string, isChosen: boolean][] = [];
  let hearPeer: (word: PeerWord) => void = () => undefined;
  let isVisitor = isKnown;
  let isReachable = true;
  let hasTrace = hasTraces;
  let isForgotten = false;
  let isConsentKept = false;
  let named: SessionAnswer | undefined;

  const identity: Identity = {
    hasTraces: () => (store.mood === 'stuck' ? new Promise(() => undefined) : Promise.resolve(hasTrace)),
    keepConsent: () => void (isConsentKept = true),
    leaveTrace: () => void (hasTrace = true),
    ask(create): Promise<SessionAnswer> {
      if (named !== undefined) {
        asked.push(create);
        return Promise.resolve(named);
      }
      asked.push(create);
      if (!isReachable) return Promise.reject(new Error('unreachable'));
      if (create) isVisitor = true;
      return Promise.resolve(
        isVisitor ? { visitor: 'v1', session: 's1', access: `token${asked.length}`, refresh: 'r', expiresIn: 600 } : { visitor: null },
      );
    },
    identify(token, once): Promise<SessionAnswer> {
      words.push(once);
      // What it says is who: `v2`, or a code of a refusal.
      const code = toErrorCode(token);
      if (!isReachable) return Promise.reject(new Error('unreachable'));
      if (code !== 'internal') return Promise.reject(new ChatError(code, 'No.'));
      isVisitor = true;
      named = { visitor: token, session: `s of ${token}`, access: `token of ${token}`, refresh: 'r', expiresIn: 600 };
      return Promise.resolve(named);
    },
    isLasting: () => store.mood === 'well',
    async forget() {
      isForgotten = true;
      isVisitor = false;
      hasTrace = false;
    },
  };

  const transport = createTransport<VisitorServerFrame>({
    clock,
    chance: { ...chance, fraction: () => 1 },
    openSocket(listener) {
      const socket = { listener, frames: [] as VisitorFrame[], isClosed: false };
      sockets.push(socket);
      return { send: (text) => void socket.frames.push(JSON.parse(text)), close: () => void (socket.isClosed = true) };
    },
  });

  const sendBytes: SendBytes = (file, options) => {
    let answer: Pick<(typeof transfers)[number], 'resolve' | 'reject'> | undefined;
    const done = new Promise<UploadAnswer>((resolve, reject) => {
      answer = { resolve, reject };
    });
    if (answer !== undefined) transfers.push({ file, ...options, ...answer });
    return { done, cancel: () => undefined };
  };

  const session = createSession({
    site: 'shop',
    tab: 'tab1',
    transport,
    clock,
    chance,
    identity,
    isConsentRequired,
    settings,
    speech: { ...speech, speak: (...asked) => void spoken.push(asked) },
    loadDelivery: () =>
      Promise.resolve((context) =>
        createDelivery(context, {
          store,
          ...lazy(sendBytes),
          loadIdentify: () => Promise.resolve(identify),
          beacon: (access, commands) => void handed.push({ access, commands }),
        }),
      ),
    peers: {
      tell: (word) => void told.push(word),
      listen(listener) {
        hearPeer = listener;
        return () => undefined;
      },
    },
  });

  const changes: SessionChange[] = [];
  session.subscribe((change) => void changes.push(change));

  const socket = () => {
    const last = sockets.at(-1);
    if (last === undefined) throw new Error('no socket yet');
    return last;
  };
  const say = (...frames: VisitorServerFrame[]) => {
    for (const frame of frames) socket().listener.message(JSON.stringify(frame));
  };
  const welcomeFrame = (chat?: HandChat, changed: Partial<VisitorWelcome> = {}): VisitorWelcome => ({
    t: 'welcome',
    v: 1,
    epoch: 'e1',
    serverTime: 1_700_000_000_000,
    conn: 'c1',
    timing: DEFAULT_CLIENT_TIMING,
    settings,
    visitor: isVisitor ? 'v1' : null,
    session: isVisitor ? 's1' : null,
    register: REGISTER,
    chat: chat?.summary ?? null,
    resumed: false,
    history: { items: chat?.messages() ?? [], hasOlder: false },
    ...changed,
  });
  /** All commands sent, in order, over all connections; a repeated one again. */
  const commands = () => sockets.flatMap(({ frames }) => frames.flatMap((frame) => (frame.t === 'send' ? frame.items : [])));
  const drain = (): PageEvent[] => changes.splice(0).flatMap((change) => change.events);

  return {
    clock,
    store,
    session,
    asked,
    words,
    told,
    handed,
    speech,
    spoken,
    transfers,
    changes,
    say,
    commands,
    drain,
    welcomeFrame,
    sockets,
    /** The frames of one kind that the page sent over the present connection. */
    frames: <T extends VisitorFrame['t']>(t: T) =>
      socket().frames.filter((frame): frame is Extract<VisitorFrame, { t: T }> => frame.t === t),
    /** What was told since the last question: names, with what matters of each. */
    /** Without the notices, which say again in words what other events say. */
    heard: () =>
      drain()
        .filter(({ name }) => name !== 'notice')
        .map(brief),
    notices: () => drain().flatMap((event) => (event.name === 'notice' ? [event.message] : [])),
    hearPeer: (word: PeerWord) => hearPeer(word),
    /** Another page has made the visitor: the cookie is there. */
    appear: () => (isVisitor = true),
    reach: (value: boolean) => (isReachable = value),
    isForgotten: () => isForgotten,
    hasKeptConsent: () => isConsentKept,
    /** Loads the page and lets the socket open. */
    async load() {
      session.setPage(PAGE, true);
      await flushPromises();
      if (sockets.length > 0) socket().listener.open();
    },
    /** The same up to the welcome. */
    async begin(chat?: HandChat, changed?: Partial<VisitorWelcome>) {
      session.setPage(PAGE, true);
      await flushPromises();
      socket().listener.open();
      say(welcomeFrame(chat, changed));
      await flushPromises();
      drain();
    },
    /** Lets promises run, and answers a sign-in if the page has just asked for one. */
    async settle(chat?: HandChat) {
      const before = socket().frames.filter(({ t }) => t === 'hello').length;
      await flushPromises();
      if (socket().frames.filter(({ t }) => t === 'hello').length > before) say(welcomeFrame(chat));
      await flushPromises();
    },
    evt(chat: HandChat, ...events: ChatEvent[]) {
      for (const event of events) say({ t: 'evt', event, number: chat.number });
    },
    /** Answers the last command of that kind. */
    ack(kind: VisitorCommand['kind'], chat: string | null, result: object = {}) {
      const command = commands()
        .filter((sent) => sent.kind === kind)
        .at(-1);
      if (command === undefined) throw new Error(`no ${kind} was sent`);
      say({ t: 'ack', uid: command.uid, dup: false, result: { chat, ...result } });
      return command.uid;
    },
    uidOf(kind: VisitorCommand['kind']): string {
      const command = commands()
        .filter((sent) => sent.kind === kind)
        .at(-1);
      if (command === undefined) throw new Error(`no ${kind} was sent`);
      return command.uid;
    },
    cut: () => socket().listener.close(1006),
    /** Goes through the backoff to a new open socket. */
    async reopen() {
      const count = sockets.length;
      for (let tries = 0; sockets.length === count && tries < 100; tries += 1) await clock.pass(500);
      socket().listener.open();
    },
  };
}

/** An event in few words, for expectations that can be read. */
export function brief(event: PageEvent): string {
  switch (event.name) {
    case 'statechange':
      return `statechange ${event.state}`;
    case 'sendmessage':
      return `sendmessage ${event.message.text}`;
    case 'messagesent':
      return `messagesent ${event.message.text} ${event.via}`;
    case 'messagedelivered':
      return `messagedelivered ${event.message_id}`;
    case 'messagefailed':
      return `messagefailed ${event.reason}`;
    case 'operatorjoined':
      return `operatorjoined ${event.operator.name}`;
    case 'ratingchange':
      return `ratingchange ${event.mark}`;
    case 'setrating':
      return `setrating ${event.mark}`;
    case 'invite':
      return `invite ${event.invite.invite_message}`;
    case 'showchatretentionaction':
      return `retention ${event.way}`;
    case 'chatavailabilitychange':
      return `availability ${event.isAvailable}`;
    case 'connectionchange':
      return event.isOnline ? 'online' : 'offline';
    case 'error':
      return `error ${event.code} ${event.command ?? ''}`.trim();
    case 'answer':
      return `answer ${event.id} ${event.answer.ok ? 'ok' : event.answer.code}`;
    case 'fileprogress':
      return `fileprogress ${event.loaded}/${event.total}`;
    case 'sendchatbymail':
      return `sendchatbymail ${event.success ? 'ok' : event.error}`;
    case 'sendofflinerequest':
      return `sendofflinerequest ${event.success}`;
    case 'chattyping':
      return `chattyping ${event.operator}`;
    default:
      return event.name;
  }
}
