/**
 * Every English sentence of the workplace. Tests and screen readers rely on the names of its parts, so changing one of them is
 * a change of the contract.
 */
import type { AlternateWay } from '../../shared/chat.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { OperatorCommandKind, Presence } from '../../shared/wire/workplace.ts';
import type { AlertKind } from '../session/alerts.ts';
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
  onlineHint: 'While you are online, visitors can reach you. Offline, you keep the chats you have, and no new ones come.',
  sound: 'Sound',
  soundHint: 'Calls you by a sound when somebody needs you.',
  callOffer: 'Call you when somebody waits?',
  callHint: {
    calls: 'By a sound, and by a notification of your system while this window is out of sight. It never says what was written.',
    sound: 'By a sound. You can switch it off at any time.',
  },
  callYes: 'Yes',
  callNo: 'No',
  calls: 'Calls',
  callGesture: 'Sound is on. Your browser lets this window be heard as soon as you click or press a key here.',
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
  missed: 'Missed chat',
  openMissed: 'Open conversation',
  unread: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  withYou: 'With you',
  withOperator: (name: string) => `With ${name}`,
  noAddress: 'Address unknown',
  withAway: (name: string) => `With ${name}, no connection`,
  leftSite: 'Left the site',
  leftSiteAt: (time: string) => `Left the site ${time}`,
  handedOver: (name: string) => `${name} handed this over`,
  acceptedYours: 'Accepted your invitation',
  newChat: 'New',
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
  takenAway: (name: string) => `${name} has this chat but is not connected right now. Take it over, or the visitor will wait again.`,
  takeOver: 'Take over',
  takeOverTitle: (name: string) => `Take this chat over from ${name}?`,
  takeOverHint: (name: string) => `${name} is told, and the visitor sees that you have come instead.`,
  takeOverConfirm: 'Take this chat',
  leftNote: 'This visitor has left the site, and will find your answer when they come back before the chat is closed.',
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
  leftFor: (name: string, why: 'lost' | 'signed_out' | 'removed') =>
    `${{ lost: `${name} had no connection`, signed_out: `${name} signed out`, removed: `${name} does not answer here any more` }[why]}: the visitor waits again`,
  handedOverTo: (from: string, to: string) => `${from} handed this over to ${to}`,
  takenOverFrom: (from: string, by: string) => `${by} took this over from ${from}`,
  lostTo: (by: string) => `${by} has taken this chat over.`,
  lostUnopened: (by: string) => `${by} has taken over a chat that had been handed to you.`,
  lost: {
    lost: 'You had no connection for too long: this visitor waits again.',
    signed_out: 'You had signed out: this visitor waits again.',
    removed: 'You do not answer here any more: this visitor waits again.',
  },
  ratedYou: (mark: number) => `The visitor rated you ${mark} of 5.`,
  notices: 'Notices',
  rated: (mark: number, comment?: string) => (comment ? `Rated ${mark} of 5: ${comment}` : `Rated ${mark} of 5`),
  takenWay: (way: AlternateWay) => (way === 'sitephone' ? 'Asked for a call' : 'Left a message'),
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
  attached: (count: number) => (count === 1 ? '1 file waits to be sent' : `${count} files wait to be sent`),
  removeFile: (name: string) => `Remove ${name}`,

  // details
  visitor: 'Visitor',
  name: 'Name',
  properties: 'Told by the site',
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

  now: 'now',
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

const CALLS: Record<AlertKind, string> = {
  waiting: 'Waits for an answer',
  message: 'Has written to you',
  arrival: 'Has come to you',
  request: 'New among the requests',
  rating: 'Has rated you',
  lost: 'Is not with you any more',
  ending: t.ending,
};

/** What a notification says of somebody, and how many more there are of whom the same is true. Never what was written. */
export function callText(kind: AlertKind, more: number): string {
  return more > 0 ? `${CALLS[kind]}, and ${more} more` : CALLS[kind];
}

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

/** What a refused command says: what did not happen, and why. `owner`: the colleague who has the chat now, if one has. */
export function refusalText(kind: OperatorCommandKind, code: ErrorCode, owner: string | null): string {
  return `${COMMANDS[kind]}: ${SPECIAL[kind]?.[code] ?? reason(code, owner)}`;
}

/** Codes that mean something else of these commands than of others. */
const SPECIAL: Partial<Record<OperatorCommandKind, Partial<Record<ErrorCode, string>>>> = {
  'visitor.invite': { unavailable: 'this visitor cannot be invited right now.' },
  'chat.transfer': {
    unavailable: 'that operator is not online any more.',
    not_found: 'that operator does not answer for this site any more.',
  },
  'file.send': { not_found: 'the file is not on the server any more. Attach it once more.' },
  'request.done': { not_found: 'the request is not there any more.' },
};

/** Why something did not happen, as the end of a sentence. `owner`: the colleague who has the chat now, if one has. */
export function reason(code: ErrorCode, owner: string | null): string {
  switch (code) {
    // Only the operator who has a chat may write in it, so the sentence names that operator.
    case 'already_taken':
    case 'forbidden':
      return owner === null ? 'you do not have this chat any more. Join it, then try again.' : `${owner} has this chat now.`;
    case 'chat_closed':
      return 'the chat has ended.';
    case 'not_found':
      return 'the visitor is not there any more.';
    case 'no_operator':
      return 'that operator is not there any more.';
    case 'too_long':
      return 'it is too long.';
    case 'invalid_argument':
      return 'the server does not understand it. Reload this page, then try again.';
    case 'uid_conflict':
      return 'it was sent once before with another content. Write it anew.';
    case 'file_too_large':
      return 'the file is larger than this site allows.';
    case 'file_refused':
      return 'this site does not accept this file type.';
    case 'file_empty':
      return 'the file is empty.';
    case 'file_damaged':
      return 'the picture cannot be read: it is damaged.';
    case 'file_unsafe':
      return 'the malware scanner has refused the file.';
    case 'picture_too_large':
      return 'the picture has too many pixels. Make it smaller, then try again.';
    case 'upload_failed':
      return 'the connection broke.';
    case 'rate_limited':
      return 'too many at once. Try again in a moment.';
    case 'unauthorized':
      return 'you are not signed in any more.';
    case 'disabled':
      return 'this is switched off for the site.';
    case 'storage_full':
      return 'the server has no room left.';
    case 'unavailable':
      return 'the server cannot do it at the moment. Try again later.';
    default:
      return 'something went wrong on the server.';
  }
}
