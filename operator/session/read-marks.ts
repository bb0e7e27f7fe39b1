/**
 * Tells the server how far this operator has read: only while they look, and only in chats that are theirs or nobody's,
 * never behind a colleague's back.
 */
import type { ReadonlySignal } from '@preact/signals-core';
import type { ChatId, OperatorId } from '../../shared/chat.ts';
import type { Chance } from '../../shared/client/platform.ts';
import { unreadUpTo, type Conversation } from './conversation.ts';
import type { Delivery } from './delivery.ts';

export interface ReadMarks {
  /** Something on the screen, or whether somebody looks at it, may have changed. */
  update(): void;
  /** The server's database is another one and knows no mark of ours. */
  startOver(): void;
}

export interface ReadMarksOptions {
  self: OperatorId;
  /** The conversation that somebody looks at now. */
  shown: ReadonlySignal<Conversation | null>;
  delivery: Pick<Delivery, 'add' | 'prune'>;
  chance: Chance;
}

export function createReadMarks({ self, shown, delivery, chance }: ReadMarksOptions): ReadMarks {
  const markedUpTo = new Map<ChatId, number>();

  return {
    update() {
      const conversation = shown.peek();
      if (conversation === null || conversation.chat === null) return;
      const { chat } = conversation;
      if (chat.operator !== null && chat.operator.id !== self) return;
      const seq = Math.max(unreadUpTo(conversation), arrivedUpTo(conversation));
      if (seq <= (markedUpTo.get(chat.id) ?? 0)) return;
      markedUpTo.set(chat.id, seq);
      delivery.prune((command) => command.kind === 'messages.read' && command.chat === chat.id);
      delivery.add({ uid: chance.uid(), kind: 'messages.read', chat: chat.id, seq });
    },
    startOver: () => markedUpTo.clear(),
  };
}

/** The mark that says that a chat which came to this operator was opened; 0 if none came. */
function arrivedUpTo({ chat, item }: Conversation): number {
  if (chat === null || chat.operator === null || item?.arrival === undefined) return 0;
  return Math.max(item.arrival.seq, chat.lastSeq);
}
