/** What the server writes to a visitor, in Arabic. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'الدردشة معنا',
  whichGroup: 'الجهة المطلوب التحدث إليها',
  forWhom: 'إلى مَن نوجّه طلبك؟',
  patience: 'شكرًا لانتظارك. سيجيبك أحدنا قريبًا.',
  invite: 'مرحبًا! هل يمكننا مساعدتك؟',
  consultant: 'الاستشارات',
  visitor: 'زائر',
  refusedFile: 'رفض برنامج الحماية الملف {name} ولا يمكن فتحه.',
  mailSubject: 'نص محادثتك',
  mailTitle: 'محادثتك مع {site}',
  mailShortened: 'حُذفت الرسائل الأقدم من هذا النص، وعدد أحدث الرسائل أدناه: {n}.',
  mailEmpty: 'لم تُكتب أي رسائل في هذه المحادثة.',
  mailFile: '{name} ({size}، متاح حتى {date}): {link}',
  codeSubject: 'رمز التأكيد',
  codeIs: 'رمزك هو {code}.',
  codeHint: 'يؤكد هذا الرمز أن العنوان يخصك، وهو صالح لمدة 15 دقيقة.',
  codeOther: 'إذا لم يكن هذا الطلب منك، فلا يلزم اتخاذ أي إجراء.',
};
