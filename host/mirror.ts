/**
 * The page's copy of the session: everything a synchronous query answers from. Owns no truth: it is overwritten by what the
 * frame says, except for what this page has just done and the frame has not yet said (unsent messages, card values).
 *
 * Emits nothing: applying comes first, the page announces afterwards.
 */
import type { Known, MirrorState, PageEvent, PendingMessage, Snapshot, Update } from '../shared/page/bridge.ts';
import type { CardChange, Message } from '../shared/chat.ts';
import { CARD_VALUES } from '../shared/limits.ts';

/** What has no default is there from the first snapshot on; queries say `null` for it. */
type Defaults = 'isOnline' | 'isAvailable' | 'state' | 'card' | 'requiredInfo' | 'unread' | 'canSendFile';
export type State = Pick<MirrorState, Defaults> & Partial<MirrorState>;

export interface Mirror {
  _state: State;
  /** Stored messages, oldest first, without holes. */
  _messages: Message[];
  /** Own messages on their way, as the frame has them. */
  _pending: Message[];
  /** Own messages of this page that the frame has not mentioned yet, by uid, and the group each was meant for. */
  _local: Map<string | null, [message: Message, group: string | null]>;
  /** Card values of this page that the frame has not accepted yet. */
  _cards: Set<CardChange>;
  _hasOlder: boolean;
  /** A page of history was asked for. */
  _isFetching: boolean;
  /** Number of the last change applied; -1 before the first snapshot. */
  _rev: number;
  /** Nothing is known from the server yet. */
  _isProvisional: boolean;
}

export function createMirror(): Mirror {
  return {
    _state: {
      isOnline: false,
      card: {},
      isAvailable: false,
      state: 'available',
      unread: 0,
      requiredInfo: [],
      canSendFile: false,
    },
    _messages: [],
    _pending: [],
    _local: new Map(),
    _cards: new Set(),
    _hasOlder: false,
    _isFetching: false,
    _rev: -1,
    _isProvisional: true,
  };
}

/** What a later snapshot can differ in by itself, and how listeners hear of it. */
const COMPARED = [
  ['isOnline', 'connectionchange'],
  ['isAvailable', 'chatavailabilitychange'],
  ['state', 'statechange'],
] as const;

/**
 * Takes the whole state over; defaults never replace known values. The first snapshot is silent. For a later one (the frame was
 * reloaded, or a change got lost) this returns the missed events, so that an interface of the page shows what arrived meanwhile.
 */
export function applySnapshot(
  mirror: Mirror,
  { rev, isProvisional, state, messages, pending, hasOlder, events = [] }: Snapshot,
): PageEvent[] {
  const { _rev, _state } = mirror;
  const isKept = isProvisional && !mirror._isProvisional;
  mirror._rev = rev;
  mirror._isFetching = false;
  if (!isKept) {
    mirror._isProvisional = isProvisional;
    mirror._hasOlder = hasOlder;
  }
  applyState(mirror, isKept ? { isOnline: false, canSendFile: false } : state);
  put(mirror, isKept ? mirror._messages : messages, pending);
  const changes = COMPARED.filter(([key]) => _state[key] !== mirror._state[key]).map(([key, name]) => ({
    name,
    [key]: mirror._state[key],
  }));
  return _rev < 0 ? [] : ([...changes, ...events] as PageEvent[]);
}

/** What a new frame has to know of it to say what was missed; nothing where only defaults stood. */
export function toKnown(mirror: Mirror): Known | null {
  if (mirror._isProvisional) return null;
  const { operator, invite } = mirror._state;
  return {
    operator,
    invite,
    last: mirror._messages.slice(-1).map(({ message_id }) => message_id),
    own: [...mirror._pending.map(({ uid }) => uid), ...mirror._local.keys()],
  };
}

/** Takes one change over; its events are the caller's to announce. */
export function applyUpdate(mirror: Mirror, { rev, state, added = [], older, pending }: Update): void {
  mirror._rev = rev;
  applyState(mirror, state);
  if (older) {
    mirror._hasOlder = older.hasOlder;
    mirror._isFetching = false;
  }
  put(mirror, [...(older ? older.messages : []), ...mirror._messages, ...added], pending);
}

/** All messages a page can read, oldest first, unsent own ones last. */
export function timeline({ _messages, _pending, _local }: Mirror): Message[] {
  return [..._messages, ..._pending, ...[..._local.values()].map(([message]) => message)];
}

/** Changes the card before the frame has: name replaced, e-mail and phone added if new, the newest five kept. */
export function addCard({ _state }: Mirror, { name, ...lists }: CardChange): void {
  const card = (_state.card = { ..._state.card });
  if (name) card.name = name;
  for (const [key, value] of Object.entries(lists) as ['email', string][])
    card[key] = [...new Set([...(card[key] || []), value])].slice(-CARD_VALUES);
  _state.requiredInfo = _state.requiredInfo.filter((key) => !card[key]);
}

function applyState(mirror: Mirror, state?: Partial<MirrorState>): void {
  mirror._state = { ...mirror._state, ...state };
  for (const change of mirror._cards) addCard(mirror, change);
}

/** A message is in one list at a time: stored, else with the frame, else only here. */
function put(mirror: Mirror, messages: Message[], pending?: PendingMessage[]): void {
  const stored = new Set(messages.map(({ uid }) => uid));
  mirror._messages = messages;
  mirror._pending = (pending ? pending.map(({ message }) => message) : mirror._pending).filter(({ uid }) => !stored.has(uid));
  for (const { uid } of [...messages, ...mirror._pending]) mirror._local.delete(uid);
}
