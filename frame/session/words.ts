/**
 * Words: what the session's commands are called on the page, and how long a request's fields are. No state.
 */
import type { OfflineRequest } from '../../shared/chat.ts';
import { MESSAGE_MAX_LENGTH } from '../../shared/limits.ts';
import type { VisitorCommandKind } from '../../shared/wire/protocol.ts';

/** Name of the method in an `error` event, for each command that has one. */
export const METHOD_OF: Record<VisitorCommandKind, string | undefined> = {
  'chat.start': 'startChat',
  'chat.close': 'closeChat',
  'message.send': 'sendChatMessage',
  'file.send': 'sendFile',
  'invite.accept': 'inviteAccept',
  'invite.reject': 'inviteReject',
  'rating.set': 'setOperatorRating',
  'card.set': 'setVisitorCard',
  'transcript.mail': 'sendChatByMail',
  'request.send': 'sendRequest',
  'messages.read': undefined,
};

/** What the server takes of each field of a request, in UTF-16 units. */
export const REQUEST_LENGTHS = { name: 200, email: 254, phone: 50, message: MESSAGE_MAX_LENGTH, group_id: 64 } as const satisfies Record<
  keyof OfflineRequest,
  number
>;
