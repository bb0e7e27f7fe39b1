/**
 * `consultant_chat`: the methods and events of the chat on top of the base widget.
 *
 * Queries answer from the mirror. Commands go through the bridge and return nothing; `chat.promise` holds the same commands
 * returning promises. Every widget has its own cursor in the one history, and its own opening sequence.
 */
import type { Message } from '../shared/chat.ts';
import { HISTORY_PAGE } from '../shared/limits.ts';
import type { PageEvent } from '../shared/page/bridge.ts';
import { given } from './arguments.ts';
import { createCommands } from './commands.ts';
import type { WidgetContext } from './context.ts';
import { isHeard, toPayload } from './events.ts';
import { timeline, type State } from './mirror.ts';
import { ignore } from './report.ts';
import type { Core } from './widget.ts';

/** A `consultant_chat` as the loader sees it. */
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

/** Queries that are a field of the mirror. */
const QUERIES: Record<string, keyof State> = {
  getOperatorVcard: 'operator',
  isChatAvailable: 'isAvailable',
  getVisitorCard: 'card',
  isReadyForFileTransfer: 'canSendFile',
  getInvite: 'invite',
  getRequiredInfo: 'requiredInfo',
  getUnreadCounter: 'unread',
  getRating: 'rating',
  isOnline: 'isOnline',
};

/** Makes a plain widget one of the chat. */
export function createChatWidget(core: Core, page: WidgetContext): Chat {
  const { _mirror: mirror, _state: state } = page;
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

  const announce = (event: PageEvent) => {
    const { name } = event;
    const payload = toPayload(event);
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
    // An event that came while the controller ran has its own turn in the queue, so it is not reported here as well.
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
    if (!queue || !page._isOpen()) return;
    _begin();
    while (queue.length) announce(queue.shift()!);
    queue = undefined;
    _check();
    page._refill();
  };

  const promise: Record<string, unknown> = {};
  for (const [name, command] of Object.entries(createCommands(page, (uid) => givenIds.add(uid)))) {
    const run = (args: unknown[]) => command(name, ...args.map(given));
    promise[name] = async (...args: unknown[]) => run(args);
    _widget[name] = (...args: unknown[]) => {
      const outcome = run(args);
      Promise.resolve(outcome).catch(ignore);
      return outcome && outcome._message;
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
      const messages = timeline(mirror).slice(Math.max(0, end - HISTORY_PAGE), end);
      for (const message of messages) add(givenIds, message);
      said = end > HISTORY_PAGE;
      page._refill();
      return messages.length > 0 && structuredClone(messages.reverse());
    },
    getMessages: () => structuredClone(timeline(mirror).filter((message) => isCurrent(message) || !message.message_id)),
    getState: state,
    getRetentionAction() {
      const { retention } = mirror._state;
      return retention ? { alternate_communication_way: retention } : null;
    },
  });

  const _hear = (event: PageEvent) => isHeard(event) && (queue ? queue.push(event) : announce(event));
  return Object.assign(core, { _hear, _open, _begin: () => queue || _begin(), _cursor, _check });
}
