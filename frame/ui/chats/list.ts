/** The visitor's chats as a list, out of the messages that are loaded. Pure. */
import type { ChatId, Message } from '../../../shared/chat.ts';
import { keyOf } from '../messages/rows.ts';

export interface ChatLine {
  id: ChatId;
  /** The row of its first loaded message. */
  key: string;
  /** When the first loaded message was written; unix seconds. */
  since: number;
  last: Message;
  /** Operators who have written in it, the last one first. */
  operators: { name: string; avatar: string | null }[];
}

/** So many names are told of one chat. */
const NAMES = 3;

/** One line for each chat, the newest first. `messages` come oldest first. */
export function chatLines(messages: readonly Message[]): ChatLine[] {
  const lines = new Map<ChatId, ChatLine>();
  for (const message of messages) {
    const { chat_id: id, operator_info: card } = message;
    if (id === null) continue;
    const line = lines.get(id) ?? { id, key: keyOf(message), since: message.date, last: message, operators: [] };
    line.last = message;
    if (card) {
      const others = line.operators.filter(({ name }) => name !== card.name);
      line.operators = [{ name: card.name, avatar: card.avatar }, ...others].slice(0, NAMES);
    }
    lines.set(id, line);
  }
  return [...lines.values()].reverse();
}
