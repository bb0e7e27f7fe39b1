/**
 * The open conversations: which visitors the server keeps us informed of, the loaded events of each, and which one stands in the
 * middle of the screen. It asks for missing events and older pages; other meanings of an event are not its business.
 */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals-core';
import type { ChatEvent, ChatId, Uid, VisitorId } from '../../shared/chat.ts';
import { createCursors } from '../../shared/client/cursors.ts';
import type { Clock } from '../../shared/client/platform.ts';
import type { HistoryPage } from '../../shared/wire/protocol.ts';
import type { OpenedVisitor, OperatorCommand, OperatorFrame, VisitorItem } from '../../shared/wire/workplace.ts';
import { newConversation, oldestCursor, withEvent, withItem, withOlder, withOpened, withRead, type Conversation } from './conversation.ts';
import type { Replies } from './replies.ts';
import type { Roster } from './roster.ts';

/** Changes a conversation into the next one. */
type Update = (conversation: Conversation) => Conversation;

export interface Conversations {
  readonly current: ReadonlySignal<Conversation | null>;
  readonly currentId: ReadonlySignal<VisitorId | null>;
  get(visitor: VisitorId): Conversation | undefined;
  /** The visitor whom a command is about; `null` for one about nobody on the screen. */
  visitorOf(command: OperatorCommand): VisitorId | null;
  /** Whether the event of this command is loaded. */
  isStored(uid: Uid): boolean;
  /** What `hello` says about them: how far each one is known. */
  watching(): Extract<OperatorFrame, { t: 'hello' }>['watching'];
  /** Opens a visitor in the middle of the screen. */
  open(visitor: VisitorId): void;
  /** Leaves the middle of the screen empty. */
  leave(): void;
  /** Asks for the page of history before the oldest message on screen. */
  older(): void;
  /** Changes one conversation, if it is open. */
  change(visitor: VisitorId, update: Update): void;
  /** The roster was replaced: every conversation gets its line anew, and no page of history comes any more. */
  handleRoster(): void;
  handleItem(item: VisitorItem): void;
  /** The visitor is no longer in the roster. */
  handleGone(visitor: VisitorId): void;
  /** The roster has the visitor under another id; the server sends `opened` under it by itself. */
  handleRenamed(from: VisitorId, to: VisitorId): void;
  handleOpened(opened: OpenedVisitor): void;
  /** Folds in this event and those that waited for it, each followed by `onEvent`. */
  handleEvent(visitor: VisitorId, event: ChatEvent, number: number): void;
  /** The chat has events up to `seq`. */
  handleMore(chat: ChatId, seq: number): void;
  handleRead(chat: ChatId, byVisitor: number, byOperator: number): void;
  handleHistory(n: number, page: HistoryPage): void;
  /** The server's database is another one: everything open is loaded anew. */
  startOver(): void;
  close(): void;
}

export interface ConversationsOptions {
  clock: Clock;
  roster: Pick<Roster, 'get'>;
  replies: Replies;
  /** Whether the frame could be sent. */
  tell(frame: OperatorFrame): boolean;
  /** An event has just been folded into its conversation. */
  onEvent(visitor: VisitorId, event: ChatEvent): void;
}

/** Opened visitors that the server keeps us informed of. Beyond it, the one looked at longest ago goes. */
const MAX_OPEN = 30;

/** An event with what the cursors and the fold need on top. */
interface LiveEvent {
  chat: ChatId;
  seq: number;
  visitor: VisitorId;
  event: ChatEvent;
  number: number;
}

export function createConversations({ clock, roster, replies, tell, onEvent }: ConversationsOptions): Conversations {
  /** In the order in which they were looked at, the latest last. */
  const all = signal<ReadonlyMap<VisitorId, Conversation>>(new Map());
  const currentId = signal<VisitorId | null>(null);
  const current = computed(() => (currentId.value === null ? null : (all.value.get(currentId.value) ?? null)));
  const cursors = createCursors<LiveEvent>({ clock, sync: (chat, after) => void tell({ t: 'sync', chat, after }) });
  /** Pages of history that were asked for on this connection. */
  const historyOf = new Map<number, VisitorId>();
  let historyRequests = 0;

  const get = (visitor: VisitorId): Conversation | undefined => all.peek().get(visitor);

  function change(visitor: VisitorId, update: Update): void {
    const known = get(visitor);
    if (known !== undefined) all.value = new Map(all.peek()).set(visitor, update(known));
  }

  function changeAll(update: Update): void {
    all.value = new Map([...all.peek()].map(([id, conversation]) => [id, update(conversation)]));
  }

  function forget(visitor: VisitorId): void {
    const rest = new Map(all.peek());
    if (!rest.delete(visitor)) return;
    all.value = rest;
    tell({ t: 'unwatch', visitor });
  }

  /** Keeps the number of open visitors within bounds; never gives up unsent work or the one on screen. */
  function tidy(): void {
    const known = [...all.peek().keys()];
    const idle = known.filter((id) => id !== currentId.peek() && !replies.has(id));
    for (const id of idle.slice(0, Math.max(0, known.length - MAX_OPEN))) forget(id);
  }

  function open(visitor: VisitorId): void {
    const known = get(visitor);
    const reordered = new Map(all.peek());
    reordered.delete(visitor); // and to the end: the most recently looked at
    batch(() => {
      all.value = reordered.set(visitor, known ?? newConversation(visitor, roster.get(visitor) ?? null));
      currentId.value = visitor;
    });
    if (known === undefined) tell({ t: 'watch', visitor });
    tidy();
  }

  function older(): void {
    const conversation = current.peek();
    if (conversation === null || !conversation.isLoaded || !conversation.hasOlder || conversation.isLoadingOlder) return;
    const n = ++historyRequests;
    if (!tell({ t: 'history', n, visitor: conversation.visitor, before: oldestCursor(conversation) })) return;
    historyOf.set(n, conversation.visitor);
    change(conversation.visitor, (known) => ({ ...known, isLoadingOlder: true }));
  }

  function visitorOf(command: OperatorCommand): VisitorId | null {
    if ('visitor' in command) return command.visitor;
    if (!('chat' in command)) return null;
    const isOf = (known: Conversation): boolean => known.chat?.id === command.chat || known.item?.chat === command.chat;
    return [...all.peek().values()].find(isOf)?.visitor ?? null;
  }

  function handleGone(visitor: VisitorId): void {
    // The server may never have known this id: then nothing is left to load.
    if (currentId.peek() === visitor || replies.text(visitor) !== '')
      change(visitor, (conversation) => ({ ...withItem(conversation, undefined), isLoaded: true }));
    else forget(visitor);
  }

  function handleRenamed(from: VisitorId, to: VisitorId): void {
    const known = get(from);
    if (known === undefined) return;
    const renamed = new Map(all.peek());
    renamed.delete(from);
    all.value = renamed.set(to, { ...known, visitor: to, item: roster.get(to) ?? known.item, isGone: false });
    replies.rename(from, to);
    if (currentId.peek() === from) currentId.value = to;
  }

  return {
    current,
    currentId,
    get,
    visitorOf,
    isStored: (uid) => [...all.peek().values()].some(({ events }) => events.some((event) => event.uid === uid)),
    watching: () =>
      [...all.peek().values()].map(({ visitor, chat, isLoaded }) => ({
        visitor,
        cursors: isLoaded && chat !== null ? { [chat.id]: cursors.at(chat.id) } : {},
      })),
    open,
    leave() {
      currentId.value = null;
    },
    older,
    change,
    handleRoster() {
      historyOf.clear();
      changeAll((conversation) => withItem({ ...conversation, isLoadingOlder: false }, roster.get(conversation.visitor)));
    },
    handleItem: (item) => change(item.id, (conversation) => withItem({ ...conversation, card: item.card }, item)),
    handleGone,
    handleRenamed,
    handleOpened(opened) {
      if (opened.chat !== null) cursors.set(opened.chat.id, opened.chat.lastSeq);
      change(opened.visitor, (conversation) => withOpened(conversation, opened));
    },
    handleEvent(visitor, event, number) {
      for (const due of cursors.take({ chat: event.chat, seq: event.seq, visitor, event, number })) {
        change(due.visitor, (conversation) => withEvent(conversation, due.event, due.number));
        onEvent(due.visitor, due.event);
      }
    },
    handleMore: cursors.expect,
    handleRead(chat, byVisitor, byOperator) {
      for (const { visitor, chat: known } of all.peek().values())
        if (known?.id === chat) change(visitor, (conversation) => withRead(conversation, chat, byVisitor, byOperator));
    },
    handleHistory(n, page) {
      const visitor = historyOf.get(n);
      historyOf.delete(n);
      if (visitor !== undefined) change(visitor, (conversation) => withOlder(conversation, page));
    },
    startOver() {
      cursors.clear();
      changeAll(({ visitor, item }) => newConversation(visitor, item));
    },
    close: cursors.close,
  };
}
