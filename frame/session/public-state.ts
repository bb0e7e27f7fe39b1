/**
 * The public state: what the visitor's pages can see of the facts, and which events a change of it causes. Pure: the session keeps the
 * facts, asks before and after each change, and tells the difference. So every event is one that a query confirms.
 */
import type { AlternateWay, ChatId, ChatSummary, Invite, OperatorCard } from '../../shared/chat.ts';
import type { PageEvent } from '../../shared/page/bridge.ts';
import { AFTER_CHAT_SECONDS } from '../../shared/limits.ts';
import type { Facts } from './facts.ts';
import type { VisitorRegister } from '../../shared/wire/protocol.ts';

export interface PublicState {
  state: 'available' | 'invite' | 'chat';
  chatId: ChatId | null;
  operator: { id: string; card: OperatorCard } | null;
  rating: number | null;
  canRate: boolean;
  invite: Invite | null;
  retention: AlternateWay | null;
  isAvailable: boolean;
}

/**
 * What can be seen of the current chat and the facts.
 *
 * @param isHidden a close of this page will end this chat, or has been applied here already
 */
export function publicStateOf(
  chat: ChatSummary | null,
  isHidden: boolean,
  { register, settings }: Pick<Facts, 'register' | 'settings'>,
  nowSeconds: number,
): PublicState {
  const openChat = chat !== null && chat.isOpen && !isHidden ? chat : null;
  const state = openChat !== null ? 'chat' : register.invite !== null ? 'invite' : 'available';
  const isRecent = chat !== null && (chat.closedAt === null || nowSeconds - chat.closedAt < AFTER_CHAT_SECONDS);
  return {
    state,
    chatId: chat?.id ?? null,
    operator: openChat?.operator ?? null,
    rating: settings.chat.is_consultant_operator_rating && isRecent ? chat.rating : null,
    canRate: isRecent,
    invite: state === 'invite' ? toInvite(register.invite) : null,
    retention: openChat?.retention ?? null,
    isAvailable: register.isAvailable,
  };
}

/** The invitation without what only the server needs. */
function toInvite(invite: VisitorRegister['invite']): Invite | null {
  if (invite === null) return null;
  const { expires: _, ...rest } = invite;
  return rest;
}

/** The events between two states, in the order pages rely on. `hasJoined`: an operator was seen coming, maybe the same one again. */
export function eventsBetween(before: PublicState, after: PublicState, hasJoined: boolean, isRatingEnabled: boolean): PageEvent[] {
  const events: PageEvent[] = [];
  if (after.state !== before.state) events.push({ name: 'statechange', state: after.state });

  const hasChanged = before.operator?.id !== after.operator?.id || before.chatId !== after.chatId;
  if (before.operator !== null && (hasChanged || after.operator === null)) events.push({ name: 'operatorleave' });
  const isOther = hasChanged || before.operator === null;
  if (after.operator !== null && isOther) events.push({ name: 'operatorjoined', operator: { ...after.operator.card } });

  const isSameChat = before.chatId !== null && before.chatId === after.chatId;
  const isRatingNew = (after.operator !== null && (isOther || hasJoined)) || (isSameChat && before.rating !== after.rating);
  if (isRatingEnabled && isRatingNew) events.push({ name: 'ratingchange', mark: after.rating });

  if (after.invite !== null && !isSameInvite(before.invite, after.invite)) events.push({ name: 'invite', invite: { ...after.invite } });
  if (after.retention !== null && after.retention !== before.retention)
    events.push({ name: 'showchatretentionaction', way: after.retention });
  if (after.isAvailable !== before.isAvailable) events.push({ name: 'chatavailabilitychange', isAvailable: after.isAvailable });
  return events;
}

function isSameInvite(a: Invite | null, b: Invite): boolean {
  return a !== null && a.message_id === b.message_id && a.uid === b.uid && a.date === b.date && a.text === b.text;
}
