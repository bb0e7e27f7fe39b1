/**
 * Every English word that a visitor reads or hears, and nothing else. Those that `extras.ts` needs are in `strings-extras.ts`.
 * The names of buttons, groups and boxes are public: tests and screen readers find the parts of the chat by them.
 */
export const strings = {
  open: 'Open chat',
  close: 'Close chat',
  start: 'Start chat',
  end: 'End chat',
  messages: 'Messages',
  message: 'Message',
  placeholder: 'Write a message…',
  send: 'Send',

  greeting: 'How can we help?',
  online: 'We are online',
  away: 'We are away right now',
  onlineHint: 'Ask us anything. We are here to answer.',
  awayHint: 'Send us a message. You will find our answer here when we are back.',
  leaveMessage: 'Leave a message',
  waiting: 'Someone will be with you shortly',
  waitingAway: 'We will answer here as soon as we are back',
  ended: 'This chat has ended',
  continue: 'Continue',

  you: 'You',
  bot: 'Automatic message',
  today: 'Today',
  yesterday: 'Yesterday',
  unread: (count: number) => (count === 1 ? '1 new message' : `${count} new messages`),
  typing: (name: string) => `${name} is typing`,
  preview: 'The operator can see what you type',
  dropHere: 'Drop files here to send them',

  sent: 'Message sent',
  notSent: 'Not sent',
  connecting: 'Connecting…',
  offline: 'No connection. We send your messages when it is back.',
  connected: 'Connected again',
} as const;
