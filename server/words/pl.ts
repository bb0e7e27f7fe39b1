/** What the server writes to a visitor, in Polish. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Porozmawiajmy',
  whichGroup: 'Z kim chcesz porozmawiać?',
  forWhom: 'Do kogo?',
  patience: 'Dziękujemy za cierpliwość. Za chwilę ktoś odpowie.',
  invite: 'Dzień dobry! Czy możemy pomóc?',
  consultant: 'Doradztwo',
  visitor: 'Gość',
  refusedFile: 'Skaner antywirusowy odrzucił plik {name}. Nie można go otworzyć.',
  mailSubject: 'Zapis czatu',
  mailTitle: 'Rozmowa na czacie: {site}',
  mailShortened: 'Wcześniejsze wiadomości pominięto. Liczba wiadomości poniżej: {n}.',
  mailEmpty: 'Na tym czacie nie napisano żadnych wiadomości.',
  mailFile: '{name} ({size}, dostępny do {date}): {link}',
  codeSubject: 'Kod potwierdzający',
  codeIs: 'Kod: {code}.',
  codeHint: 'Potwierdza, że ten adres należy do Ciebie, i jest ważny przez 15 minut.',
  codeOther: 'Jeśli to nie była Twoja prośba, nie trzeba nic robić.',
};
