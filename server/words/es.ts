/** What the server writes to a visitor, in Spanish. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Hable con nosotros',
  whichGroup: '¿Con quién desea hablar?',
  forWhom: '¿Para quién es?',
  patience: 'Gracias por esperar. Enseguida le atenderemos.',
  invite: '¡Hola! ¿Podemos ayudarle?',
  consultant: 'Asesoría',
  visitor: 'Visitante',
  refusedFile: 'El antivirus ha rechazado {name} y el archivo no se puede abrir.',
  mailSubject: 'Su conversación',
  mailTitle: 'Su conversación con {site}',
  mailShortened: 'Se omiten los mensajes anteriores: estos son los {n} más recientes.',
  mailEmpty: 'No se escribió ningún mensaje en esta conversación.',
  mailFile: '{name} ({size}, disponible hasta el {date}): {link}',
  codeSubject: 'Su código de confirmación',
  codeIs: 'Su código es {code}.',
  codeHint: 'Confirma que esta dirección es suya y es válido durante 15 minutos.',
  codeOther: 'Si no lo ha solicitado, no tiene que hacer nada.',
};
