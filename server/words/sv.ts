/** What the server writes to a visitor, in Swedish. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Chatta med oss',
  whichGroup: 'Vem vill du prata med?',
  forWhom: 'Vem är det till?',
  patience: 'Tack för att du väntar. Någon hjälper dig strax.',
  invite: 'Hej! Kan vi hjälpa dig?',
  consultant: 'Rådgivning',
  visitor: 'Besökare',
  refusedFile: '{name} stoppades av virusskyddet och kan inte öppnas.',
  mailSubject: 'Din chatt',
  mailTitle: 'Din chatt med {site}',
  mailShortened: 'Tidigare meddelanden är utelämnade: det här är de {n} senaste.',
  mailEmpty: 'Inga meddelanden skrevs i den här chatten.',
  mailFile: '{name} ({size}, tillgänglig till {date}): {link}',
  codeSubject: 'Din bekräftelsekod',
  codeIs: 'Din kod är {code}.',
  codeHint: 'Den bekräftar att adressen är din och gäller i 15 minuter.',
  codeOther: 'Om du inte har bett om den behöver du inte göra något.',
};
