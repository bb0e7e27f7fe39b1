/**
 * What happens to this operator's own chats without a command of theirs: a chat is lost to a colleague or given back, a
 * visitor rates it. Each is one notice and one alert.
 */
import type { ChatEvent, OperatorId, VisitorId } from '../../shared/chat.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import { aboutVisitor } from './alerts.ts';
import type { Caller } from './caller.ts';
import { wasLastWith } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import type { Notices } from './notices.ts';
import type { Roster } from './roster.ts';

export interface OwnChats {
  /** The event has just been folded into its conversation. */
  handleEvent(visitor: VisitorId, event: ChatEvent): void;
  /** The line of a visitor is about to change in the roster. */
  handleItem(item: VisitorItem): void;
}

export interface OwnChatsOptions {
  self: OperatorId;
  conversations: Pick<Conversations, 'get'>;
  roster: Pick<Roster, 'get'>;
  notices: Pick<Notices, 'add'>;
  caller: Pick<Caller, 'alert'>;
}

export function createOwnChats({ self, conversations, roster, notices, caller }: OwnChatsOptions): OwnChats {
  return {
    handleEvent(visitor, event) {
      if (event.kind === 'operator.left' && event.operator === self && event.why !== undefined && event.why !== 'transfer') {
        const by = event.why === 'takeover' && event.author.kind === 'operator' ? event.author.card.name : null;
        notices.add(visitor, { type: 'lost', why: event.why, by });
        caller.alert('lost', [aboutVisitor(visitor, roster.get(visitor))], event.message_id);
      }
      const conversation = conversations.get(visitor);
      if (event.kind === 'rating.set' && conversation !== undefined && wasLastWith(conversation, self)) {
        notices.add(visitor, { type: 'rated', mark: event.mark });
        caller.alert('rating', [aboutVisitor(visitor, conversation)], event.message_id);
      }
    },
    handleItem(item) {
      // A chat that came to this operator and was taken over before they opened it: no event tells.
      const via = item.arrival?.via;
      if (via?.kind !== 'takeover' || via.from.id !== self || conversations.get(item.id) !== undefined) return;
      if (roster.get(item.id)?.operator?.id !== self) return;
      notices.add(null, { type: 'lost', why: 'takeover', by: item.operator?.name ?? null });
      caller.alert('lost', [aboutVisitor(item.id, item)]);
    },
  };
}
