/** What the server writes to a visitor, in Brazilian Portuguese. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Fale conosco',
  whichGroup: 'Com quem você quer falar?',
  forWhom: 'Para quem é?',
  patience: 'Agradecemos a espera. Em instantes vamos atender você.',
  invite: 'Olá! Podemos ajudar?',
  consultant: 'Atendimento',
  visitor: 'Visitante',
  refusedFile: 'O antivírus recusou {name}, e o arquivo não pode ser aberto.',
  mailSubject: 'Sua conversa',
  mailTitle: 'Sua conversa com {site}',
  mailShortened: 'As mensagens anteriores foram omitidas: estas são as {n} mais recentes.',
  mailEmpty: 'Nenhuma mensagem foi escrita nesta conversa.',
  mailFile: '{name} ({size}, disponível até {date}): {link}',
  codeSubject: 'Seu código de confirmação',
  codeIs: 'Seu código é {code}.',
  codeHint: 'Ele confirma que este endereço é seu e vale por 15 minutos.',
  codeOther: 'Se você não pediu este código, não precisa fazer nada.',
};
