/** What the server writes to a visitor, in German. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Chatten Sie mit uns',
  whichGroup: 'Mit wem möchten Sie sprechen?',
  forWhom: 'Wen möchten Sie erreichen?',
  patience: 'Danke für Ihre Geduld. Gleich ist jemand für Sie da.',
  invite: 'Hallo! Können wir Ihnen helfen?',
  consultant: 'Beratung',
  visitor: 'Gast',
  refusedFile: '{name} wurde vom Virenscanner abgelehnt und kann nicht geöffnet werden.',
  mailSubject: 'Ihr Chatverlauf',
  mailTitle: 'Ihr Chat mit {site}',
  mailShortened: 'Frühere Nachrichten fehlen hier: Dies sind die neuesten {n}.',
  mailEmpty: 'In diesem Chat wurden keine Nachrichten geschrieben.',
  mailFile: '{name} ({size}, verfügbar bis {date}): {link}',
  codeSubject: 'Ihr Bestätigungscode',
  codeIs: 'Ihr Code lautet {code}.',
  codeHint: 'Er bestätigt, dass diese Adresse Ihnen gehört, und gilt 15 Minuten.',
  codeOther: 'Wenn Sie ihn nicht angefordert haben, müssen Sie nichts tun.',
};
