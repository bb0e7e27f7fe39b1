/** What the server writes to a visitor, in Hebrew. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'צ׳אט איתנו',
  whichGroup: 'עם מי לשוחח?',
  forWhom: 'למי הפנייה?',
  patience: 'תודה על ההמתנה. נענה לך תוך זמן קצר.',
  invite: 'שלום! אפשר לעזור?',
  consultant: 'ייעוץ',
  visitor: 'אורח',
  refusedFile: 'הקובץ {name} נדחה על ידי סורק הווירוסים ואי אפשר לפתוח אותו.',
  mailSubject: 'תמליל השיחה שלך',
  mailTitle: 'השיחה שלך עם {site}',
  mailShortened: 'הודעות קודמות הושמטו. מספר ההודעות האחרונות שלהלן: {n}.',
  mailEmpty: 'לא נכתבו הודעות בשיחה הזו.',
  mailFile: '{name} ({size}, זמין עד {date}): {link}',
  codeSubject: 'קוד האימות שלך',
  codeIs: 'הקוד שלך הוא {code}.',
  codeHint: 'הוא מאשר שהכתובת הזו שלך, ותקף ל־15 דקות.',
  codeOther: 'אם לא ביקשת אותו, אין צורך לעשות דבר.',
};
