/** The hour of a message, in the language on show. A formatter is dear to make, and a long conversation asks for many hours. */
import { language } from '../../language/language.ts';

let made: { tag: string; format: Intl.DateTimeFormat } | undefined;

export function timeOf(date: number): string {
  const tag = language.value;
  if (made?.tag !== tag) made = { tag, format: new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit' }) };
  return made.format.format(date * 1000);
}
