/** What the server writes to a visitor, in Hebrew. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'דברו איתנו',
  patience: 'תודה על ההמתנה. מיד יענו לכם.',
  invite: 'שלום! אפשר לעזור?',
  consultant: 'ייעוץ',
  visitor: 'אורח',
  refusedFile: 'הקובץ {name} נדחה על ידי סורק הווירוסים ואי אפשר לפתוח אותו.',
  mailSubject: 'תמליל השיחה שלכם',
  mailTitle: 'השיחה שלכם עם {site}',
  mailShortened: 'הודעות קודמות הושמטו. מספר ההודעות האחרונות שלהלן: {n}.',
  mailEmpty: 'לא נכתבו הודעות בשיחה הזו.',
  mailFile: '{name} ({size}, זמין עד {date}): {link}',
  codeSubject: 'קוד האימות שלכם',
  codeIs: 'הקוד שלכם הוא {code}.',
  codeHint: 'הוא מאשר שהכתובת הזו שלכם, ותקף ל־15 דקות.',
  codeOther: 'אם לא ביקשתם אותו, אין צורך לעשות דבר.',
};
