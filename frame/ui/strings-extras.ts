/** The second half of `strings.ts`: the words of forms and of everything else that `extras.ts` brings. */
import type { AlternateWay } from '../../shared/chat.ts';
import type { FieldName, Problem } from './forms/fields.ts';

export const extraStrings = {
  attach: 'Attach file',
  mail: 'Email transcript',
  print: 'Print',
  newMessages: 'New messages',
  attached: (count: number) => (count === 1 ? '1 file waits to be sent' : `${count} files wait to be sent`),
  remove: (name: string) => `Remove ${name}`,
  accept: 'Accept invitation',
  decline: 'Decline invitation',
  retry: 'Retry',
  discard: 'Discard',
  details: 'Your details',
  rate: 'Rate the operator',
  marks: ['1', '2', '3', '4', '5'],
  /** Where the site has set no title of its own. */
  whichGroup: 'Who would you like to talk to?',
  forWhom: 'Who is it for?',
  anyone: 'Anyone',
  cancel: 'Cancel',
  back: 'Back to the chat',
  mailHint: 'We will send you this conversation.',
  mailSent: 'The conversation is on its way to you.',
  mailFailed: 'It could not be sent. Please check the address.',
  code: 'Code from the mail',
  codeSent: 'We have sent a code to this address. Please enter it here.',
  codeWrong: 'This code is not correct. Check it, or leave the field empty to get a new one.',
  operatorAway: (name: string) => `${name} is not connected right now. If this lasts, somebody else will answer you.`,
  requestHint: 'Leave your details and we will get back to you.',
  callHint: 'Leave your number and we will call you.',
  sending: 'Sending…',
  optional: 'optional',
  chatBy: (company: string) => `Chat by ${company}`,
  privacy: 'Privacy',
  charactersLeft: (count: number) => (count === 1 ? '1 character left' : `${count} characters left`),
  charactersOver: (count: number) => (count === 1 ? '1 character too long' : `${count} characters too long`),
  forgetful: 'Your browser blocks storage. If you close this page, unsent messages and possibly this conversation are lost.',
  shortened: 'Earlier messages are no longer kept',
  restored: 'We restored the chat from a backup. The latest messages may be missing.',
  uploading: (name: string) => `Sending ${name}`,

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

  refusedEmpty: (name: string) => `${name} is empty.`,
  refusedSize: (name: string, limit: string) => `${name} is larger than ${limit}.`,
  refusedType: (name: string) => `Files like ${name} cannot be sent here.`,
} as const;

const REASONS: Record<string, string> = {
  too_long: 'Not sent: the message is too long',
  file_too_large: 'Not sent: the file is too large',
  file_refused: 'Not sent: this file type is not accepted',
  file_empty: 'Not sent: the file is empty',
  file_damaged: 'Not sent: the picture is damaged',
  file_unsafe: 'Not sent: the file is not safe',
  picture_too_large: 'Not sent: the picture has too many pixels',
  rate_limited: 'Not sent: too many at once. Try again in a moment.',
  storage_full: 'Not sent: the chat has no room left',
  disabled: 'Not sent: this is switched off',
};

/** Why a message was not sent, from an error's code. */
export function reasonOf(code: string): string {
  return REASONS[code] ?? 'Not sent';
}
