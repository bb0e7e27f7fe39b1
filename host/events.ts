/**
 * The events of `consultant_chat`: which exist, and the one argument of each.
 *
 * The argument is made of the bridge's event. Each field is named, because a newer frame may add others and old loaders live long.
 */
import type { PageEvent } from '../shared/page/bridge.ts';

type Fields = Record<string, unknown>;

const same = (event: Fields) => event;

/** The name of the field that is the argument, empty for none; or what makes the argument. */
const EVENTS: Record<string, string | ((event: Fields) => unknown)> = {
  operatorjoined: 'operator',
  operatorleave: () => ({ name: null, position: null, avatar: null }),
  sendmessage: 'message',
  messagesent: same,
  notice: 'message',
  showchatretentionaction: ({ way }) => ({ alternate_communication_way: way }),
  chatavailabilitychange: 'isAvailable',
  invite: 'invite',
  closechat: '',
  invitereject: '',
  startchat: '',
  ratingchange: 'mark',
  sendchatbymail: same,
  inviteaccept: '',
  setrating: 'mark',
  statechange: 'state',
  chattyping: ({ operator }) => ({ name: operator }),
  showhistory: '',
  messageviewed: '',
  messagedelivered: same,
  messagefailed: same,
  fileprogress: ({ file, ...rest }) => ({ ...rest, name: file }),
  historychange: '',
  connectionchange: ({ isOnline }) => ({ online: isOnline }),
  error: same,
};

/** Their names, separated by blanks. */
export const CHAT_EVENTS = Object.keys(EVENTS).join(' ');

/** Whether the listeners of a chat can hear this event at all. */
export const isHeard = ({ name }: PageEvent): boolean => name in EVENTS;

/** What a listener is handed. */
export function toPayload({ name, ...event }: PageEvent): unknown {
  const field = EVENTS[name]!;
  return typeof field === 'string' ? (event as Fields)[field] : field(event);
}
