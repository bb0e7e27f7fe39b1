/** What the server writes to a visitor, in Arabic. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'تحدث معنا',
  patience: 'شكرًا لانتظاركم. سيرد عليكم أحد أفراد الفريق قريبًا.',
  invite: 'مرحبًا! هل يمكننا مساعدتكم؟',
  consultant: 'الاستشارات',
  visitor: 'زائر',
  refusedFile: 'رفض برنامج الحماية الملف {name} ولا يمكن فتحه.',
  mailSubject: 'نص محادثتكم',
  mailTitle: 'محادثتكم مع {site}',
  mailShortened: 'حُذفت الرسائل الأقدم من هذا النص، وعدد أحدث الرسائل أدناه: {n}.',
  mailEmpty: 'لم تُكتب أي رسائل في هذه المحادثة.',
  mailFile: '{name} ({size}، متاح حتى {date}): {link}',
  codeSubject: 'رمز التأكيد',
  codeIs: 'رمزكم هو {code}.',
  codeHint: 'يؤكد هذا الرمز أن العنوان يخصكم، وهو صالح لمدة 15 دقيقة.',
  codeOther: 'إذا لم تطلبوا هذا الرمز، فلا يلزم اتخاذ أي إجراء.',
};
