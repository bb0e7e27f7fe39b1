/**
 * Words: what the session's commands are called on the page, and the two sentences CallGear's `sendofflinerequest` carries. No state.
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

/** What an offline request is answered with; part of the event, so that a page can show it as it is. */
export const REQUEST_TEXTS = {
  sent: { title: 'Thank you', message: 'Your message has been sent. We will get back to you.' },
  failed: { title: 'Not sent', message: 'Please try again later.' },
} as const;

/** What the server takes of each field of a request, in UTF-16 units. */
export const REQUEST_LENGTHS = { name: 200, email: 254, phone: 50, message: MESSAGE_MAX_LENGTH, group_id: 64 } as const satisfies Record<
  keyof OfflineRequest,
  number
>;
