/** What the server writes to a visitor, in Italian. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Parli con noi',
  whichGroup: 'Con chi desidera parlare?',
  forWhom: 'A chi è rivolto?',
  patience: 'Grazie per l’attesa. Le risponderemo a breve.',
  invite: 'Salve! Possiamo aiutarLa?',
  consultant: 'Assistenza',
  visitor: 'Ospite',
  refusedFile: '{name} è stato rifiutato dall’antivirus e non può essere aperto.',
  mailSubject: 'La Sua conversazione',
  mailTitle: 'La Sua conversazione con {site}',
  mailShortened: 'I messaggi precedenti sono omessi: questi sono i {n} più recenti.',
  mailEmpty: 'In questa chat non sono stati scritti messaggi.',
  mailFile: '{name} ({size}, disponibile fino al {date}): {link}',
  codeSubject: 'Il Suo codice di conferma',
  codeIs: 'Il Suo codice è {code}.',
  codeHint: 'Conferma che questo indirizzo è Suo ed è valido per 15 minuti.',
  codeOther: 'Se non l’ha richiesto, non deve fare nulla.',
};
