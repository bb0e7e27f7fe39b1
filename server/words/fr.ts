/** What the server writes to a visitor, in French. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Discutez avec nous',
  whichGroup: 'À qui souhaitez-vous parler\u202f?',
  forWhom: 'À qui vous adressez-vous\u202f?',
  patience: 'Merci de patienter. Quelqu’un va bientôt vous répondre.',
  invite: 'Bonjour\u202f! Pouvons-nous vous aider\u202f?',
  consultant: 'Conseil',
  visitor: 'Vous',
  refusedFile: '{name} a été refusé par l’antivirus et ne peut pas être ouvert.',
  mailSubject: 'Votre conversation',
  mailTitle: 'Votre conversation avec {site}',
  mailShortened: 'Les messages plus anciens ne figurent pas ici\u00a0: voici les {n} derniers.',
  mailEmpty: 'Aucun message n’a été écrit dans cette conversation.',
  mailFile: '{name} ({size}, disponible jusqu’au {date})\u00a0: {link}',
  codeSubject: 'Votre code de confirmation',
  codeIs: 'Votre code est {code}.',
  codeHint: 'Il confirme que cette adresse est la vôtre et reste valable 15 minutes.',
  codeOther: 'Si vous ne l’avez pas demandé, vous n’avez rien à faire.',
};
