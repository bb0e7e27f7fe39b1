/**
 * One visitor as opened in the workplace, and how it changes: pure functions over the shared fold. `conversations.ts` decides
 * which event is due and asks for missing ones.
 */
import type { ChatEvent, ChatId, ChatSummary, MessageAdded, OperatorId, VisitorCard, VisitorId } from '../../shared/chat.ts';
import type { HistoryCursor, HistoryPage } from '../../shared/wire/protocol.ts';
import type { Arrival, OpenedVisitor, VisitorItem } from '../../shared/wire/workplace.ts';
import { applyEvent, emptyChat } from '../../shared/timeline.ts';
import type { Properties } from '../../shared/properties.ts';

export { humanSize } from '../../shared/timeline.ts';

export interface Conversation {
  readonly visitor: VisitorId;
  /** The visitor's line in the list, or as it was last before they left. */
  readonly item: VisitorItem | null;
  /** How the open chat came to its operator. Kept after it was opened: pages of history bring no such events. */
  readonly arrival: Arrival | null;
  /** No longer in the list: the visitor has no open page and no open chat. */
  readonly isGone: boolean;
  /** `opened` has come; until then only `item` is known. */
  readonly isLoaded: boolean;
  readonly card: VisitorCard;
  /** What the site's own pages say about the visitor. */
  readonly properties: Properties;
  /** The open chat, else the last one. */
  readonly chat: ChatSummary | null;
  /** Loaded events of all chats, oldest first. Pages of history bring messages only. */
  readonly events: readonly ChatEvent[];
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  /** What the visitor is typing now. */
  readonly draft: string;
}

export function newConversation(visitor: VisitorId, item: VisitorItem | null): Conversation {
  return {
    visitor,
    item,
    arrival: item?.arrival ?? null,
    isGone: item === null,
    isLoaded: false,
    card: item?.card ?? {},
    properties: [],
    chat: null,
    events: [],
    hasOlder: false,
    isLoadingOlder: false,
    draft: '',
  };
}

/** The visitor's line in the list has changed, or is gone (`undefined`). */
export function withItem(conversation: Conversation, item: VisitorItem | undefined): Conversation {
  const before = conversation.item;
  const isSame = item !== undefined && item.chat === before?.chat && item.operator?.id === before?.operator?.id;
  return {
    ...conversation,
    item: item ?? before,
    arrival: item?.arrival ?? (isSame ? conversation.arrival : null),
    isGone: item === undefined,
  };
}

/** Starts over from what the server says now. Keeps older pages that are already here, if the new one joins them. */
export function withOpened(conversation: Conversation, opened: OpenedVisitor): Conversation {
  const { items, hasOlder } = opened.history;
  const first = items[0];
  const meets = first === undefined ? -1 : conversation.events.findIndex((event) => event.message_id === first.message_id);
  return {
    ...conversation,
    isLoaded: true,
    card: opened.card,
    properties: opened.properties,
    chat: opened.chat,
    draft: opened.draft,
    events: meets > 0 ? [...conversation.events.slice(0, meets), ...items] : items,
    hasOlder: meets > 0 ? conversation.hasOlder : hasOlder,
    isLoadingOlder: false,
  };
}

/** Folds in an event, which must be the next one of its chat. */
export function withEvent(conversation: Conversation, event: ChatEvent, number: number): Conversation {
  const { chat } = conversation;
  const isSame = chat?.id === event.chat;
  // A late event of an earlier chat, for example its rating: history has it, the screen has moved on.
  if (!isSame && chat !== null && number < chat.number) return conversation;
  const base = isSame && chat !== null ? chat : emptyChat(event.chat, number);
  const isShown = conversation.events.some((known) => known.message_id === event.message_id);
  return {
    ...conversation,
    chat: applyEvent(base, event),
    events: isShown ? conversation.events : [...conversation.events, event],
    // The message has replaced the draft it came from.
    draft: event.kind === 'chat.closed' || isByVisitor(event) ? '' : conversation.draft,
  };
}

export function withOlder(conversation: Conversation, page: HistoryPage): Conversation {
  const known = new Set(conversation.events.map((event) => event.message_id));
  const older = page.items.filter((event) => !known.has(event.message_id));
  return { ...conversation, events: [...older, ...conversation.events], hasOlder: page.hasOlder, isLoadingOlder: false };
}

export function withRead(conversation: Conversation, chat: ChatId, visitor: number, operator: number): Conversation {
  if (conversation.chat?.id !== chat) return conversation;
  const { chat: known } = conversation;
  return {
    ...conversation,
    chat: {
      ...known,
      readByVisitor: Math.max(known.readByVisitor, visitor),
      readByOperator: Math.max(known.readByOperator, operator),
    },
  };
}

/** Where the next page of history continues: strictly before the oldest message on screen. */
export function oldestCursor(conversation: Conversation): HistoryCursor | null {
  const oldest = conversation.events.find((event) => event.kind === 'message.added');
  return oldest === undefined ? null : { chat: oldest.chat, seq: oldest.seq };
}

/** The newest visitor's message of the present chat that no operator has seen, as a read marker; 0 if there is none. */
export function unreadUpTo(conversation: Conversation): number {
  const { chat } = conversation;
  if (chat === null) return 0;
  let newest = 0;
  for (const event of conversation.events) {
    if (event.chat === chat.id && isByVisitor(event)) newest = Math.max(newest, event.seq);
  }
  return newest > chat.readByOperator ? newest : 0;
}

/** The operator who was last in the present chat, as far as it is loaded: also after leaving it, or after its end. */
export function lastOperator({ chat, events }: Conversation): string | undefined {
  const last = [...events]
    .reverse()
    .find(
      (event) =>
        event.chat === chat?.id &&
        (event.kind === 'operator.joined' || (event.kind === 'message.added' && event.author.kind === 'operator')),
    );
  if (last?.kind === 'operator.joined') return last.card.name;
  return last?.author.kind === 'operator' ? last.author.card.name : undefined;
}

function isByVisitor(event: ChatEvent): event is MessageAdded {
  return event.kind === 'message.added' && event.author.kind === 'visitor';
}

/** Whether this operator has, or was the last to have, the chat on screen. */
export function wasLastWith({ chat, events }: Conversation, operator: OperatorId): boolean {
  if (chat === null) return false;
  if (chat.operator !== null) return chat.operator.id === operator;
  const last = [...events]
    .reverse()
    .find(
      (event) =>
        event.chat === chat.id && event.kind !== 'operator.left' && event.kind !== 'chat.closed' && event.author.kind === 'operator',
    );
  return last?.author.kind === 'operator' && last.author.id === operator;
}
