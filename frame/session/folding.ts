/**
 * Folds the events of a timeline into the facts, and announces its messages.
 */
import type { ChatEvent, ChatId, MessageAdded } from '../../shared/chat.ts';
import type { Changeset } from './changes.ts';
import type { Chats } from './chats.ts';
import type { Delivery } from './context.ts';
import type { Facts } from './facts.ts';
import type { Entry, History } from './history.ts';
import type { Typing } from './typing.ts';

export interface Folding {
  fold(event: ChatEvent, set: Changeset): void;
  /** Tells the page of a message that is new to it. */
  announce(entry: Entry, set: Changeset): void;
}

export function createFolding(chats: Chats, history: History, facts: Facts, typing: Typing, delivery: () => Delivery | undefined): Folding {
  /** Chats that began with an invitation: the page has seen their first message as such and is not told again. */
  const invited = new Set<ChatId>();

  function addMessage(event: MessageAdded, set: Changeset): void {
    const isInvitation = event.seq === 2 && event.author.kind !== 'visitor' && invited.has(event.chat);
    const entry = history.add(event, isInvitation);
    set.added.push(entry.message);
    if (event.author.kind === 'operator') typing.end();
    if (!isInvitation) announce(entry, set);
  }

  function announce({ message }: Entry, set: Changeset): void {
    const origin = message.sender === 'visitor' && message.uid !== null ? delivery()?.originOf(message.uid) : undefined;
    // The page knows own text from the moment it was sent; own files appear only now.
    if (origin !== undefined && message.fx_link === undefined) return;
    if (origin === 'api' || origin === 'ui') set.after.push({ name: 'messagesent', message: { ...message }, via: origin });
    set.after.push({ name: 'sendmessage', message: { ...message } });
  }

  return {
    announce,
    fold(event, set) {
      chats.apply(event);
      switch (event.kind) {
        case 'chat.started':
          chats.hide(event.chat, delivery()?.closing ?? []);
          if (event.via === 'invite') invited.add(event.chat);
          facts.register = { ...facts.register, invite: null };
          break;
        case 'operator.joined':
          set.hasJoined = true;
          history.note(event);
          break;
        case 'message.added':
          addMessage(event, set);
          break;
        case 'operator.left':
          typing.end();
          history.note(event);
          break;
        case 'chat.closed':
          typing.end();
          history.note(event);
          delivery()?.endDraft();
          break;
        case 'rating.set':
        case 'retention.offered':
          break;
      }
      delivery()?.takeEvent(event);
    },
  };
}
