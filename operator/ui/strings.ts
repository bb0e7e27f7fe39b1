/**
 * Every English sentence of the workplace. Names that tests and screen readers rely on stand in the contract's table of
 * doors; changing one of those is a change of the contract.
 */
import type { AlternateWay } from '../../shared/chat.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { OperatorCommandKind, Presence } from '../../shared/workplace.ts';
import type { SignInProblem } from '../session/account.ts';

export const t = {
  product: 'Workplace',
  loading: 'Loading…',

  // signing in
  signInTitle: 'Sign in to the workplace',
  signInHint: 'For operators of the chat.',
  email: 'Email',
  password: 'Password',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
  signOut: 'Sign out',

  // bar
  online: 'Online',
  onlineHint: 'While you are online, visitors can reach you.',
  sound: 'Sound',
  skip: 'Skip to the conversation',

  // lists
  visitors: 'Visitors',
  noVisitors: 'Nobody is on your sites right now.',
  noVisitorsHint: 'Visitors appear here as soon as they open a page.',
  noMatch: 'No visitor matches your search.',
  search: 'Search visitors',
  more: (count: number) => `Show ${count} more`,
  requests: 'Requests',
  noRequests: 'No open requests.',
  moreRequests: (count: number) => `Show more (${count} left)`,
  done: 'Done',
  showDone: (count: number) => `Show finished (${count})`,
  hideDone: 'Hide finished',
  finished: 'Finished',
  unread: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  withYou: 'With you',
  withOperator: (name: string) => `With ${name}`,
  noAddress: 'Address unknown',
  untitled: 'Untitled page',
  anonymous: 'Visitor',
  you: 'You',

  // conversation
  conversation: 'Conversation',
  nothingOpen: 'No visitor selected',
  nothingOpenHint: 'Choose somebody from the list to see the page they are on, and to talk with them.',
  back: 'Back to the list',
  details: 'Details',
  closeDetails: 'Hide details',
  messages: 'Messages',
  noMessages: 'No messages yet.',
  loadingOlder: 'Loading earlier messages…',
  shortened: 'Earlier messages are no longer kept',
  jump: 'Jump to the newest message',
  typing: 'Typing',
  reply: 'Reply',
  replyHint: 'Write a reply. Enter sends, Shift+Enter starts a new line.',
  replyJoins: 'Write a reply. Sending it joins the chat.',
  send: 'Send',
  attach: 'Attach file',
  tooLong: (over: number) => `${over} characters too long`,
  left: (count: number) => `${count} characters left`,
  join: 'Join',
  transfer: 'Transfer',
  transferTitle: 'Hand this chat over to',
  transferNobody: 'No other operator is online for this site.',
  leave: 'Leave',
  closeChat: 'Close chat',
  closeTitle: 'End this chat for the visitor?',
  closeHint: 'They can start a new one at any time.',
  closeConfirm: 'End chat',
  cancel: 'Cancel',
  save: 'Save',
  editCard: 'Edit details',
  noEmail: 'This is no e-mail address.',
  taken: (name: string) => `${name} has this chat.`,
  chatOver: 'This chat has ended.',
  visitorGone: 'This visitor has left the site.',
  inviteTitle: 'Invite this visitor to a chat',
  invitation: 'Invitation text',
  invitationText: 'Hello! Can I help you?',
  invite: 'Invite',
  notInvitable: 'The page they are on cannot show an invitation.',
  invited: 'They see your invitation now. It stands for up to 30 minutes.',
  withdraw: 'Withdraw',
  chatEnded: (by: 'visitor' | 'operator' | 'system') =>
    ({ visitor: 'The visitor ended the chat', operator: 'The chat was closed', system: 'The chat ended' })[by],
  chatStarted: (via: 'command' | 'message' | 'invite') => (via === 'invite' ? 'Chat started from an invitation' : 'Chat started'),
  anotherChat: 'Another chat',
  joined: (name: string) => `${name} joined`,
  leftChat: (name: string) => `${name} left`,
  rated: (mark: number) => `Rated ${mark} of 5`,
  offered: (way: AlternateWay) => `Offered meanwhile: ${WAYS[way].toLowerCase()}`,
  automatic: 'Automatic message',
  forgetful: 'This browser keeps nothing: what is not sent yet is lost when the page is closed.',
  sending: 'Sending…',
  uploading: (percent: number) => `Uploading, ${percent} %`,
  sent: 'Sent',
  seen: 'Seen',
  notSent: 'Not sent.',
  retry: 'Retry',
  discard: 'Discard',
  dropFiles: 'Drop files to attach them',
  held: (count: number) => (count === 1 ? '1 file waits to be sent' : `${count} files wait to be sent`),
  removeFile: (name: string) => `Remove ${name}`,

  // details
  visitor: 'Visitor',
  name: 'Name',
  emails: 'E-mail',
  phones: 'Phone',
  page: 'Page',
  openPages: 'Open pages',
  site: 'Site',
  group: 'Group',
  operator: 'Operator',
  state: 'State',
  since: 'Since',
  rating: 'Rating',
  ratingOf: (mark: number) => `${mark} of 5`,
  chatNumber: 'Chat',
  unknown: 'Unknown',
  none: 'None',
  nobody: 'Nobody yet',

  today: 'Today',
  yesterday: 'Yesterday',

  // connection
  connecting: 'Connecting…',
  connected: 'Connected',
  offline: 'Connection lost. Trying again…',
  closed: 'Disconnected',
  restored: 'The server was restored from a backup: what was written last may be missing.',
  ending: 'Nobody has used the workplace for a while. You will be signed out soon.',
  stay: 'Stay signed in',
  dismiss: 'Dismiss',
} as const;

export const PRESENCE: Record<Presence, string> = {
  on_site: 'On site',
  invited: 'Invited',
  waiting: 'Waiting',
  in_chat: 'In chat',
};

const WAYS: Record<AlternateWay, string> = {
  offline_message: 'Application form',
  sitephone: 'Call back',
  chat: 'Another group',
};

export function wayName(way: AlternateWay): string {
  return WAYS[way];
}

export function signInProblem(problem: SignInProblem): string | null {
  switch (problem) {
    case null:
      return null;
    case 'wrong':
      return 'E-mail or password is not right.';
    case 'too_many':
      return 'Too many tries. Wait a moment, then try again.';
    case 'unreachable':
      return 'The server cannot be reached. Check your connection and try again.';
    case 'idle':
      return 'You were signed out because nobody had used the workplace for a while. Sign in again to go on; nothing you wrote is lost.';
    case 'expired':
      return 'You were signed out. Sign in again to go on; nothing you wrote is lost.';
  }
}

const COMMANDS: Record<OperatorCommandKind, string> = {
  'message.send': 'The message was not sent',
  'file.send': 'The file was not sent',
  'chat.join': 'You could not join',
  'chat.take': 'You could not take the chat over',
  'chat.leave': 'You could not leave',
  'chat.close': 'The chat was not closed',
  'chat.transfer': 'The chat was not handed over',
  'visitor.invite': 'The invitation was not shown',
  'invite.withdraw': 'The invitation was not withdrawn',
  'messages.read': 'The messages were not marked as read',
  'request.done': 'The request was not marked as done',
  'card.correct': 'The card was not changed',
};

/** What a refused command says: what did not happen, and why. */
export function refusalText(kind: OperatorCommandKind, code: ErrorCode): string {
  return `${COMMANDS[kind]}: ${code === 'unavailable' ? (UNAVAILABLE[kind] ?? reason(code)) : reason(code)}`;
}

const UNAVAILABLE: Partial<Record<OperatorCommandKind, string>> = {
  'visitor.invite': 'this visitor cannot be invited right now.',
  'chat.transfer': 'that operator is not online any more.',
};

/** Why something did not happen, as the end of a sentence. */
export function reason(code: ErrorCode): string {
  switch (code) {
    case 'already_taken':
      return 'another operator has the chat.';
    case 'chat_closed':
      return 'the chat has ended.';
    case 'not_found':
      return 'the visitor is not there any more.';
    case 'no_operator':
      return 'that operator is not online.';
    case 'too_long':
      return 'it is too long.';
    case 'file_too_large':
      return 'the file is larger than 10 MB.';
    case 'file_refused':
      return 'this kind of file is not allowed.';
    case 'upload_failed':
      return 'the connection broke.';
    case 'rate_limited':
      return 'too many at once. Try again in a moment.';
    case 'forbidden':
    case 'unauthorized':
      return 'you may not do that here.';
    case 'disabled':
      return 'this is switched off for the site.';
    case 'storage_full':
      return 'the server has no room left.';
    default:
      return 'something went wrong.';
  }
}
