/**
 * `consultant_chat`: the methods and events of the chat on top of the base widget.
 *
 * Queries answer from the mirror. Commands go through the bridge and return nothing; `chat.promise` holds the same commands
 * returning promises. Every widget has its own cursor in the one history, and its own opening sequence.
 */
import type { FrameMethods, PageEvent } from '../shared/page/bridge.ts';
import type { CardChange, Message } from '../shared/chat.ts';
import { HISTORY_PAGE, MESSAGE_MAX_LENGTH } from '../shared/limits.ts';
import { addCard, timeline, type Mirror, type State } from './mirror.ts';
import { uuid } from './random.ts';
import { attempt, checkFunction, expected, ignore } from './report.ts';
import { given, type Core } from './widget.ts';

/** UTF-16 units of a longest message: of what was typed, more says nothing more to anybody. */
const TYPED_LENGTH = 2 * MESSAGE_MAX_LENGTH;

/** Calls the frame in the name of `command`; see `page.ts`. */
export type Tell = <M extends keyof FrameMethods>(
  command: string,
  keys: string[],
  method: M,
  ...args: Parameters<FrameMethods[M]>
) => Promise<unknown>;

export interface Chat extends Core {
  /** An event of the session, for this widget's listeners. */
  _hear(event: PageEvent): void;
  _open(): void;
  /** Tells what stands at the beginning; by itself only where the page had begun on defaults. */
  _begin(): void;
  /** Position of the oldest given message in the timeline. */
  _cursor(): number;
  /** Tells the listeners if `hasHistory()` changed without a call. */
  _check(): void;
}

/**
 * Every event, and its one argument out of the bridge's event. Each field is named, because a newer frame may add others and
 * old loaders live long.
 */
const nothing = () => undefined;
const same = (event: Fields) => event;
const EVENTS: Record<string, (event: Fields) => unknown> = {
  operatorjoined: ({ operator }) => operator,
  operatorleave: () => ({ name: null, position: null, avatar: null }),
  sendmessage: ({ message }) => message,
  notice: ({ message }) => message,
  messagesent: same,
  showchatretentionaction: ({ way }) => ({ alternate_communication_way: way }),
  chatavailabilitychange: ({ isAvailable }) => isAvailable,
  invite: ({ invite }) => invite,
  startchat: nothing,
  closechat: nothing,
  inviteaccept: nothing,
  invitereject: nothing,
  setrating: ({ mark }) => mark,
  sendchatbymail: same,
  ratingchange: ({ mark }) => mark,
  statechange: ({ state }) => state,
  chattyping: ({ operator }) => ({ name: operator }),
  showhistory: nothing,
  messageviewed: nothing,
  messagedelivered: same,
  messagefailed: same,
  fileprogress: ({ file, ...rest }) => ({ ...rest, name: file }),
  historychange: nothing,
  connectionchange: ({ isOnline }) => ({ online: isOnline }),
  error: same,
};
type Fields = Record<string, unknown>;
export const CHAT_EVENTS = Object.keys(EVENTS).join(' ');

/** Queries that are a field of the mirror. */
const QUERIES: Record<string, keyof State> = {
  isChatAvailable: 'isAvailable',
  getOperatorVcard: 'operator',
  getVisitorCard: 'card',
  isReadyForFileTransfer: 'canSendFile',
  getRequiredInfo: 'requiredInfo',
  getInvite: 'invite',
  getRating: 'rating',
  isOnline: 'isOnline',
  getUnreadCounter: 'unread',
};

/**
 * @param state `lead` included
 * @param isOpen the first snapshot is there and no controller is running
 * @param isDue whether what became of this uid is still open
 * @param takeBack takes a command back that the frame has not got yet, if there is one
 * @param refill a cursor moved: more history may be needed
 */
export function createChatWidget(
  core: Core,
  mirror: Mirror,
  state: () => string,
  isOpen: () => boolean,
  tellFrame: Tell,
  isDue: (uid: string) => boolean,
  takeBack: (uid: string) => boolean,
  refill: () => void,
): Chat {
  const { _widget, _emitter } = core;
  const { _emit, _has } = _emitter;
  /** Uids and message ids that a listener or a method of this widget was handed: decides where history continues. */
  const givenIds = new Set<unknown>();
  /** Those that came as `showhistory` or `sendmessage`, which never repeat. */
  const heardIds = new Set<unknown>();
  let queue: PageEvent[] | undefined = [];
  /** What was last said about `hasHistory()`, by it or by an event; nothing before anybody could hear or has asked. */
  let said: boolean | undefined;

  const add = (ids: Set<unknown>, { uid, message_id }: Message) => ids.add(uid).add(message_id).delete(null);
  const isIn = (ids: Set<unknown>, { uid, message_id }: Message) => ids.has(uid) || ids.has(message_id);
  const isCurrent = ({ chat_id }: Message) => mirror._state.state === 'chat' && chat_id === mirror._state.chatId;

  /** Emits what carries messages; those that nobody listens to are not given. */
  const give = (name: string, messages: Message[], payload: unknown) => {
    for (const message of _has(name) ? messages : []) {
      add(givenIds, message);
      if (name !== 'invite') add(heardIds, message);
    }
    _emit(name, payload);
  };

  const _cursor = () => {
    const messages = timeline(mirror);
    const oldest = messages.findIndex((message) => isIn(givenIds, message));
    return oldest < 0 ? messages.length : oldest;
  };

  const announce = ({ name, ...event }: PageEvent) => {
    const payload = EVENTS[name]!(event);
    const isNotice = name === 'notice';
    // For an interface of the page's own that asks for it: the built-in one says it in its own way.
    if (isNotice && !core._config.systemMessages) return;
    if (isNotice || name === 'sendmessage' || name === 'invite') {
      const message = payload as Message;
      if (name === 'invite' || !isIn(heardIds, message)) give(isNotice ? 'sendmessage' : name, [message], message);
    } else _emit(name, name === 'statechange' && payload === 'available' ? state() : payload);
  };

  const hasHistory = () => (said = _cursor() > 0);
  const _check = () => {
    const last = said;
    if (!queue && hasHistory() !== last && last !== undefined) _emit('historychange', said);
  };

  const _begin = () => {
    const { operator, rating, retention, invite, settings } = mirror._state;
    // What came while the controller ran is told when its turn comes, not twice.
    const isNew = (name: string) => !queue?.some((event) => event.name === name);
    const recent = timeline(mirror)
      .filter((message) => isCurrent(message) && !isIn(givenIds, message))
      .slice(-HISTORY_PAGE);
    if (recent.length) give('showhistory', recent, recent);
    if (operator && settings!.chat.is_consultant_operator_rating && isNew('ratingchange')) _emit('ratingchange', rating ?? null);
    if (retention && isNew('showchatretentionaction'))
      _emit('showchatretentionaction', { alternate_communication_way: retention, replayed: true });
    if (invite && isNew('invite')) give('invite', [invite], { ...invite, replayed: true });
  };

  const _open = () => {
    if (!queue || !isOpen()) return;
    _begin();
    while (queue.length) announce(queue.shift()!);
    queue = undefined;
    _check();
    refill();
  };

  /** The command that is being called: read before the call returns. */
  let command = '';
  const tell = <M extends keyof FrameMethods>(method: M, ...args: Parameters<FrameMethods[M]>) => tellFrame(command, [], method, ...args);
  const ask = (method: 'start' | 'closeChat' | 'rate' | 'mail' | 'acceptInvite' | 'rejectInvite', argument?: unknown) => {
    const id = uuid();
    return tellFrame(command, [id], method as 'start', id, argument as string);
  };

  /** What a command returns to its caller at once: nothing, but for `sendChatMessage`. */
  let returned: Message | false | undefined;
  const send = (input: unknown, group: unknown) => {
    const text = toText(input);
    returned = false;
    if (!text.trim()) return false;
    if ([...text].length > MESSAGE_MAX_LENGTH) throw new RangeError('CallGear: longer than ' + MESSAGE_MAX_LENGTH);
    const group_id = toText(group) || null;
    const { state, chatId } = mirror._state;
    const uid = uuid();
    returned = {
      text,
      date: Math.floor(Date.now() / 1000),
      source: 'Visitor',
      from: 'Visitor',
      sender: 'visitor',
      uid,
      chat_id: (state === 'chat' && chatId) || null,
      message_id: null,
    };
    mirror._local.set(uid, [{ ...returned }, group_id]);
    givenIds.add(uid);
    return tellFrame(command, [uid], 'send', uid, text, group_id);
  };

  const commands: Record<string, (...args: unknown[]) => unknown> = {
    startChat: (group) => ask('start', toText(group) || null),
    closeChat(callback) {
      const called = toCallback(callback);
      return after(called && (() => called()), ask('closeChat'));
    },
    // Cut to what crosses for certain: the session is to judge the address, and the frame to get the draft, however long.
    sendChatByMail: (mail) => ask('mail', toText(mail).slice(0, TYPED_LENGTH)),
    // What is no whole number from 1 to 5 is refused in the frame, as an event.
    setOperatorRating: (mark) => ask('rate', Number(toText(mark))),
    setVisitorCard: (card, callback) => setCard(mirror, command, tellFrame, card, callback),
    inviteAccept: () => ask('acceptInvite'),
    inviteReject: () => ask('rejectInvite'),
    sendChatMessage: send,
    resendMessage(input) {
      const uid = toText(input);
      const lost = mirror._local.get(uid);
      // It failed before the frame had it: it is sent as if for the first time.
      return lost && !isDue(uid) ? tellFrame(command, [uid], 'send', uid, lost[0].text, lost[1]) : tell('resend', uid);
    },
    discardMessage(input) {
      const uid = toText(input);
      const isHere = takeBack(uid) || (mirror._local.has(uid) && !isDue(uid));
      return isHere ? mirror._local.delete(uid) : tell('discard', uid);
    },
    sendFile(input) {
      const files = toFiles(input).map((file) => ({ uid: uuid(), file }));
      return (
        files.length &&
        tellFrame(
          command,
          files.map(({ uid }) => uid),
          'sendFiles',
          files,
        )
      );
    },
    chatTyping: (text) => tell('typing', toText(text).slice(0, TYPED_LENGTH)),
    clearUnreadCounter() {
      const { unread } = mirror._state;
      mirror._state.unread = 0;
      return unread && tell('read');
    },
    printCurrentChat: () => tell('print'),
  };
  const promise: Record<string, unknown> = {};
  for (const name of Object.keys(commands)) {
    const run = (args: unknown[]) => {
      command = name;
      returned = undefined;
      return commands[name]!(...args.map(given));
    };
    promise[name] = async (...args: unknown[]) => run(args);
    _widget[name] = (...args: unknown[]) => {
      Promise.resolve(run(args)).catch(ignore);
      return returned;
    };
  }
  for (const [name, key] of Object.entries(QUERIES))
    _widget[name] = () => {
      const value = mirror._state[key] ?? null;
      // Pages ask in loops, and copying a plain value takes longer than everything else here.
      return Object(value) === value ? structuredClone(value) : value;
    };

  Object.assign(_widget, {
    promise,
    hasHistory,
    getHistory() {
      const end = _cursor();
      const page = timeline(mirror).slice(Math.max(0, end - HISTORY_PAGE), end);
      for (const message of page) add(givenIds, message);
      said = end > HISTORY_PAGE;
      refill();
      return page.length > 0 && structuredClone(page.reverse());
    },
    getMessages: () => structuredClone(timeline(mirror).filter((message) => isCurrent(message) || !message.message_id)),
    getState: state,
    getRetentionAction() {
      const { retention } = mirror._state;
      return retention ? { alternate_communication_way: retention } : null;
    },
  });

  const _hear = (event: PageEvent) => EVENTS[event.name] && (queue ? queue.push(event) : announce(event));
  return Object.assign(core, { _hear, _open, _begin: () => queue || _begin(), _cursor, _check });
}

/** A string or number as text; absent is empty. What a visitor typed passes, what nothing can be made of does not. */
export function toText(value: unknown): string {
  if (/^(undefined|string|number)$/.test(typeof value)) return String(value ?? '');
  return expected('a string');
}

/** Those members of `value` that are there, as texts; `names` are separated by blanks. */
export function toTexts(value: unknown, names: string): Record<string, string> {
  if (value !== undefined && typeof value !== 'object') expected('an object');
  const texts = names.split(' ').map((name) => [name, toText(given(Object(value)[name])).trim()]);
  return Object.fromEntries(texts.filter(([, text]) => text));
}

/** What a customer's callback is told. */
type Callback = (outcome?: object) => void;

export function toCallback(value: unknown): Callback | undefined {
  if (value !== undefined) checkFunction(value);
  return value as undefined;
}

/** Changes the card in the mirror before it returns, and keeps the change there until the frame has taken it. */
export function setCard(_mirror: Mirror, command: string, _tell: Tell, card: unknown, callback: unknown): Promise<unknown> {
  const called = toCallback(callback);
  const tellCaller = called && ((success: boolean) => called({ success }));
  const change: CardChange = toTexts(card, 'name email phone');
  if (!Object.keys(change).length) return after(tellCaller, Promise.resolve());
  _mirror._cards.add(change);
  addCard(_mirror, change);
  const id = uuid();
  const answer = _tell(command, [id], 'setCard', id, change);
  void after(() => _mirror._cards.delete(change), answer);
  return after(tellCaller, answer);
}

/** Calls back once the command has ended, with whether it succeeded: never at once, never twice. */
export function after(callback: ((success: boolean) => void) | undefined, answer: Promise<unknown>): Promise<unknown> {
  const done = (success: boolean) => () => callback && attempt(() => callback(success));
  void answer.then(done(true), done(false));
  return answer;
}

/** The files of an input, a list or one file; they are taken now, because callers reset the element next. */
function toFiles(input: unknown): unknown[] {
  const isFile = (value: unknown) => ({}).toString.call(value) === '[object File]';
  const list = Object(input).files || input || [];
  // Functions and windows have a length as well, and a length may be anything.
  const isList = typeof list === 'object' && list.length < 1e4 && !list.window;
  const files: unknown[] = isFile(input) ? [input] : isList ? Array.from(list) : [list];
  return files.every(isFile) ? files : expected('files');
}
