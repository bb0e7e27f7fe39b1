/** What the server writes to a visitor, in Ukrainian. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Напишіть нам',
  whichGroup: 'З ким ви хочете поговорити?',
  forWhom: 'Кому адресувати?',
  patience: 'Дякуємо за очікування. Невдовзі вам відповідять.',
  invite: 'Вітаємо! Чи можемо ми допомогти?',
  consultant: 'Консультація',
  visitor: 'Гість',
  refusedFile: 'Антивірус відхилив файл {name}, відкрити його не можна.',
  mailSubject: 'Ваше листування',
  mailTitle: 'Ваш чат: {site}',
  mailShortened: 'Раніші повідомлення пропущено. Останніх повідомлень нижче: {n}.',
  mailEmpty: 'У цьому чаті немає повідомлень.',
  mailFile: '{name} ({size}, доступно до {date}): {link}',
  codeSubject: 'Код підтвердження',
  codeIs: 'Ваш код: {code}.',
  codeHint: 'Він підтверджує, що це ваша адреса, і діє 15 хвилин.',
  codeOther: 'Якщо ви не запитували код, нічого робити не потрібно.',
};
