/**
 * Turns a chat's events into notices for a reader: who joined, left or handed over, and that the chat has ended. An interface of the
 * page's own gets them as `System` messages if it asks for them; the built-in one shows the same in its own way. They are no
 * part of the history: each open page gets a notice once.
 */
import type { ChatEvent, Message } from '../../shared/chat.ts';
import { fill, type Catalogue } from '../../shared/languages/catalogue.ts';

/** `undefined` for an event that is nothing of the kind. */
export function noticeOf(event: ChatEvent, words: Catalogue): Message | undefined {
  const text = textOf(event, words);
  if (text === undefined) return undefined;
  const { date, chat, message_id } = event;
  return { text, date, source: 'System', from: 'System', sender: 'system', chat_id: chat, message_id, uid: null };
}

/** What the event says to its reader; the interface says the same of the moments between messages. */
export function textOf(event: ChatEvent, words: Catalogue): string | undefined {
  switch (event.kind) {
    case 'operator.joined': {
      const {
        card: { name },
        via,
      } = event;
      if (via === undefined || via.kind === 'invite') return fill(words.joined, { name });
      return fill(via.kind === 'transfer' ? words.handedOver : words.tookOver, { name, from: via.from.name });
    }
    case 'operator.left': {
      // Whom the chat goes to says so on joining; and with a close of the visitor's nobody left of their own will.
      if (event.why === 'transfer' || event.why === 'takeover') return undefined;
      const name = event.name ?? (event.author.kind === 'operator' ? event.author.card.name : undefined);
      return name ? fill(words.left, { name }) : undefined;
    }
    case 'chat.closed':
      if (event.by === 'visitor') return words.endedByYou;
      return event.author.kind === 'operator' ? fill(words.endedBy, { name: event.author.card.name }) : words.ended;
    default:
      return undefined;
  }
}
