/**
 * Turns a chat's events into notices for a reader: who joined, left or handed over, and that the chat has ended. An interface of the
 * page's own gets them as `System` messages if it asks for them; the built-in one shows the same in its own way. They are no
 * part of the history: each open page gets a notice once.
 */
import type { ChatEvent, Message } from '../../shared/chat.ts';

/** `undefined` for an event that is nothing of the kind. */
export function noticeOf(event: ChatEvent): Message | undefined {
  const text = textOf(event);
  if (text === undefined) return undefined;
  const { date, chat, message_id } = event;
  return { text, date, source: 'System', from: 'System', sender: 'system', chat_id: chat, message_id, uid: null };
}

function textOf(event: ChatEvent): string | undefined {
  switch (event.kind) {
    case 'operator.joined': {
      const {
        card: { name },
        via,
      } = event;
      if (via?.kind === 'transfer') return `${via.from.name} handed the chat over to ${name}.`;
      return via?.kind === 'takeover' ? `${name} took the chat over from ${via.from.name}.` : `${name} joined the chat.`;
    }
    case 'operator.left': {
      // Whom the chat goes to says so on joining; and with a close of the visitor's nobody left of their own will.
      if (event.why === 'transfer' || event.why === 'takeover') return undefined;
      const name = event.name ?? (event.author.kind === 'operator' ? event.author.card.name : undefined);
      return name && `${name} left the chat.`;
    }
    case 'chat.closed':
      return 'The chat has ended.';
    default:
      return undefined;
  }
}
