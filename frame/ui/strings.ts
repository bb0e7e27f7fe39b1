/**
 * Every English word that a visitor reads or hears, and nothing else: another language is another file like this one.
 * The names of buttons, groups and boxes are public; tests and screen readers find the parts of the chat by them.
 */
import type { AlternateWay } from '../../shared/chat.ts';
import type { FieldName, Problem } from './fields.ts';

export const strings = {
  open: 'Open chat',
  close: 'Close chat',
  start: 'Start chat',
  end: 'End chat',
  messages: 'Messages',
  message: 'Message',
  placeholder: 'Write a message…',
  send: 'Send',
  attach: 'Attach file',
  mail: 'Email transcript',
  print: 'Print',
  retry: 'Retry',
  discard: 'Discard',
  accept: 'Accept invitation',
  decline: 'Decline invitation',
  details: 'Your details',
  rate: 'Rate the operator',
  marks: ['1', '2', '3', '4', '5'],

  greeting: 'How can we help?',
  online: 'We are online',
  away: 'We are away right now',
  onlineHint: 'Ask us anything. We are here to answer.',
  awayHint: 'Write to us all the same, and you will find the answer here when we are back.',
  leaveMessage: 'Leave a message',
  waiting: 'Someone will be with you shortly',
  waitingAway: 'We will answer here as soon as we are back',
  ended: 'This chat has ended',
  anyone: 'Anyone',
  continue: 'Continue',
  cancel: 'Cancel',
  back: 'Back to the chat',
  chatBy: (company: string) => `Chat by ${company}`,
  privacy: 'Privacy',

  you: 'You',
  bot: 'Automatic message',
  today: 'Today',
  yesterday: 'Yesterday',
  newMessages: 'New messages',
  unread: (count: number) => (count === 1 ? '1 new message' : `${count} new messages`),
  typing: (name: string) => `${name} is typing`,
  preview: 'The operator can see what you type',
  charactersLeft: (count: number) => (count === 1 ? '1 character left' : `${count} characters left`),
  charactersOver: (count: number) => (count === 1 ? '1 character too long' : `${count} characters too long`),
  dropHere: 'Drop files here to send them',
  uploading: (name: string) => `Sending ${name}`,

  sent: 'Message sent',
  notSent: 'Not sent',
  connecting: 'Connecting…',
  offline: 'No connection. Messages will be sent when it is back.',
  connected: 'Connected again',
  forgetful: 'This browser lets us keep nothing, so the conversation ends when you leave this page.',

  thanksForRating: 'Thank you!',
  mailHint: 'We will send you this conversation.',
  mailSent: 'The conversation is on its way to you.',
  mailFailed: 'It could not be sent. Please check the address.',
  requestHint: 'Leave your details and we will get back to you.',
  callHint: 'Leave your number and we will call you.',
  sending: 'Sending…',
  optional: 'optional',

  fields: { name: 'Name', email: 'Email', phone: 'Phone', message: 'Message' } satisfies Record<FieldName, string>,
  problems: {
    missing: 'Please fill this in.',
    email: 'Please enter an address like name@example.com.',
    phone: 'Please enter a phone number.',
  } satisfies Record<Problem, string>,
  ways: {
    offline_message: { text: 'Everyone is busy. Would you rather leave a message?', button: 'Leave a message' },
    sitephone: { text: 'Everyone is busy. Shall we call you back?', button: 'Request a call' },
    chat: { text: 'Everyone is busy. Someone else may be free.', button: 'Choose someone else' },
  } satisfies Record<AlternateWay, { text: string; button: string }>,

  refusedSize: (name: string, limit: string) => `${name} is larger than ${limit}.`,
  refusedType: (name: string) => `Files like ${name} cannot be sent here.`,
} as const;

const REASONS: Record<string, string> = {
  too_long: 'Not sent: it is too long',
  file_too_large: 'Not sent: the file is too large',
  file_refused: 'Not sent: this kind of file is not taken',
  rate_limited: 'Not sent: too many at once',
  storage_full: 'Not sent: there is no room',
  disabled: 'Not sent: this is switched off',
};

/** Why a message was not sent, from an error's code. */
export function reasonOf(code: string): string {
  return REASONS[code] ?? strings.notSent;
}
