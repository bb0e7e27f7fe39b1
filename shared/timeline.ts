/**
 * The fold: how events become a chat. Server, visitor and operator use this one function, so they cannot disagree.
 * Pure; an event that is not the next one is the caller's to refuse (see `client/cursors.ts`).
 */
import type { ChatEvent, ChatSummary, Message, MessageAdded } from './chat.ts';

/** The chat after `event`. Trusts that `event.seq === chat.lastSeq + 1`. */
export function applyEvent(chat: ChatSummary, event: ChatEvent): ChatSummary {
  const next: ChatSummary = { ...chat, lastSeq: event.seq };
  switch (event.kind) {
    case 'chat.started':
      return { ...next, isOpen: true, group: event.group, startedAt: event.date };
    case 'message.added':
      return event.author.kind === 'operator' && event.author.id !== null ? { ...next, isAnswered: true, retention: null } : next;
    case 'operator.joined':
      return {
        ...next,
        operator: { id: event.operator, card: event.card },
        lastOperator: { id: event.operator, name: event.card.name },
        isAnswered: true,
        retention: null,
        // The mark is about a person: who leaves and comes back keeps it.
        rating: chat.lastOperator?.id === event.operator ? chat.rating : null,
      };
    case 'operator.left':
      // Somebody else comes in the same breath, or the visitor waits again, or the chat ends.
      return { ...next, operator: null, isAnswered: false };
    case 'rating.set':
      return { ...next, rating: event.mark };
    case 'retention.offered':
      return event.isTaken ? { ...next, retention: null, taken: event.way } : { ...next, retention: event.way };
    case 'chat.closed':
      return { ...next, isOpen: false, operator: null, retention: null, closedAt: event.date };
  }
}

/** A chat before its first event (`chat.started`, seq 1). */
export function emptyChat(id: string, number: number): ChatSummary {
  return {
    id,
    number,
    isOpen: false,
    firstSeq: 1,
    lastSeq: 0,
    group: null,
    operator: null,
    lastOperator: null,
    isAnswered: false,
    rating: null,
    retention: null,
    taken: null,
    readByVisitor: 0,
    readByOperator: 0,
    startedAt: 0,
    closedAt: null,
  };
}

const SOURCE = { operator: 'Operator', visitor: 'Visitor', system: 'System', bot: 'System' } as const;

/** The public message of a stored one. Makes a new object each time, because a payload belongs to its receiver. */
export function toMessage(event: MessageAdded): Message {
  const { author } = event;
  const source = SOURCE[author.kind];
  const message: Message = {
    text: event.text,
    date: event.date,
    source,
    from: author.kind === 'operator' ? author.card.name : source,
    sender: author.kind,
    chat_id: event.chat,
    message_id: event.message_id,
    uid: event.uid,
  };
  if (author.kind === 'operator') message.operator_info = { ...author.card };
  if (event.file) {
    message.fx_link = event.file.link;
    message.fx_name = event.file.name;
    message.fx_size_info = humanSize(event.file.size);
  }
  return message;
}

/** `512 B`, `12.3 KB`, `4.0 MB`: what `fx_size_info` says. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
