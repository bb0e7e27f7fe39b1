/**
 * Everything that the session shows, from the facts as they are.
 */
import type { Arrival } from './arrival.ts';
import type { Changes } from './changes.ts';
import type { Chats } from './chats.ts';
import type { Delivery } from './context.ts';
import type { Facts } from './facts.ts';
import type { History } from './history.ts';
import type { Reading } from './reading.ts';
import type { Shown } from './signals.ts';
import type { Typing } from './typing.ts';

export interface ShownParts {
  facts: Facts;
  changes: Pick<Changes, 'state'>;
  chats: Chats;
  history: History;
  arrival: Pick<Arrival, 'connection' | 'isOnline'>;
  reading: Reading;
  typing: Typing;
  delivery(): Delivery | undefined;
}

export function shownOf({ facts, changes, chats, history, arrival, reading, typing, delivery }: ShownParts): Shown {
  const { register, timing: _timing, ...told } = facts;
  const { chatId: _chatId, operator, ...seen } = changes.state;
  const { card, requiredInfo, isAway, team } = register;
  const isInChat = seen.state === 'chat';
  const chat = chats.current;
  return {
    ...told,
    ...seen,
    connection: arrival.connection,
    messages: history.messages,
    entries: history.entries,
    moments: history.moments,
    hasOlder: history.hasOlder,
    chat: chat !== null && chat.isOpen && !isInChat ? { ...chat, isOpen: false, operator: null, retention: null } : chat,
    operator: operator?.card ?? null,
    isAway,
    team,
    unread: reading.unread(),
    typing: isInChat ? typing.name : null,
    canSendFile: arrival.isOnline() && told.settings.chat.is_file_transfer,
    ...(delivery()?.show(register) ?? {
      card,
      requiredInfo,
      pending: [],
      uploads: [],
      isForgetful: false,
      mailed: null,
      requested: null,
    }),
  };
}
