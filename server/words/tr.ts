/** What the server writes to a visitor, in Turkish. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'Bize yazın',
  whichGroup: 'Kiminle görüşmek istersiniz?',
  forWhom: 'Kime yazıyorsunuz?',
  patience: 'Beklediğiniz için teşekkür ederiz. Birazdan size yardımcı olacağız.',
  invite: 'Merhaba! Yardımcı olabilir miyiz?',
  consultant: 'Danışman',
  visitor: 'Ziyaretçi',
  refusedFile: 'Virüs taraması şu dosyayı reddetti, dosya açılamaz: {name}',
  mailSubject: 'Sohbet dökümünüz',
  mailTitle: 'Sohbetiniz: {site}',
  mailShortened: 'Daha eski mesajlar yer almıyor: bunlar en yeni {n} mesaj.',
  mailEmpty: 'Bu sohbette hiç mesaj yazılmadı.',
  mailFile: '{name} ({size}, son geçerlilik tarihi {date}): {link}',
  codeSubject: 'Onay kodunuz',
  codeIs: 'Kodunuz: {code}.',
  codeHint: 'Bu adresin size ait olduğunu onaylar ve 15 dakika geçerlidir.',
  codeOther: 'Bu kodu siz istemediyseniz bir şey yapmanız gerekmez.',
};
