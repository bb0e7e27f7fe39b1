/** What the server writes to a visitor, in Dutch. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Chat met ons',
  whichGroup: 'Met wie wilt u spreken?',
  forWhom: 'Voor wie is het?',
  patience: 'Dank u wel voor het wachten. U wordt zo geholpen.',
  invite: 'Hallo! Kunnen wij u helpen?',
  consultant: 'Advies',
  visitor: 'Bezoeker',
  refusedFile: '{name} is geweigerd door de virusscanner en kan niet worden geopend.',
  mailSubject: 'Uw chatgesprek',
  mailTitle: 'Uw chat met {site}',
  mailShortened: 'Eerdere berichten zijn weggelaten: dit zijn de nieuwste {n}.',
  mailEmpty: 'In deze chat zijn geen berichten geschreven.',
  mailFile: '{name} ({size}, beschikbaar tot {date}): {link}',
  codeSubject: 'Uw bevestigingscode',
  codeIs: 'Uw code is {code}.',
  codeHint: 'De code bevestigt dat dit adres van u is en is 15 minuten geldig.',
  codeOther: 'Hebt u hier niet om gevraagd? Dan hoeft u niets te doen.',
};
