/** What the server writes to a visitor, in English: the catalogue that gives all the others their keys. `{name}` is filled in. */
export const words = {
  title: 'Chat with us',
  patience: 'Thank you for waiting. An operator will be with you shortly.',
  invite: 'Hello! Can we help you?',
  consultant: 'Consultant',
  visitor: 'Visitor',
  refusedFile: '{name} was refused by the malware scanner and cannot be opened.',
  mailSubject: 'Your chat transcript',
  mailTitle: 'Your chat with {site}',
  mailShortened: 'Earlier messages are left out: these are the newest {n}.',
  mailEmpty: 'No messages were written in this chat.',
  mailFile: '{name} ({size}, available until {date}): {link}',
  codeSubject: 'Your confirmation code',
  codeIs: 'Your code is {code}.',
  codeHint: 'It confirms that this address is yours, and is good for 15 minutes.',
  codeOther: 'If you did not ask for it, nothing needs to be done.',
} as const;
