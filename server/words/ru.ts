/** What the server writes to a visitor, in Russian. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Напишите нам',
  whichGroup: 'С кем вы хотите поговорить?',
  forWhom: 'Кому адресовать?',
  patience: 'Спасибо за ожидание. Скоро вам ответят.',
  invite: 'Здравствуйте! Можем ли мы помочь?',
  consultant: 'Консультация',
  visitor: 'Гость',
  refusedFile: 'Антивирус отклонил файл {name}, открыть его нельзя.',
  mailSubject: 'Ваша переписка',
  mailTitle: 'Ваш чат: {site}',
  mailShortened: 'Более ранние сообщения опущены. Последних сообщений ниже: {n}.',
  mailEmpty: 'В этом чате нет сообщений.',
  mailFile: '{name} ({size}, доступно до {date}): {link}',
  codeSubject: 'Код подтверждения',
  codeIs: 'Ваш код: {code}.',
  codeHint: 'Он подтверждает, что это ваш адрес, и действует 15 минут.',
  codeOther: 'Если вы не запрашивали код, ничего делать не нужно.',
};
