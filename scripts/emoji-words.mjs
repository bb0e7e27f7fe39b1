/**
 * What people in a chat look for first, where Unicode has no word for it or where the longer list was cut before it: thanks, love,
 * a birthday, a coffee. Words that an emoji has already are not written twice.
 */

/** @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */
const OWN_WORDS = {
  '🙏': {
    en: 'thanks thank please',
    de: 'danke bitte',
    fr: 'merci',
    es: 'gracias',
    'pt-BR': 'obrigado obrigada',
    it: 'grazie',
    nl: 'dank bedankt',
    pl: 'dziękuję',
    sv: 'tack',
    ru: 'спасибо',
    uk: 'дякую',
    tr: 'teşekkür',
    ar: 'شكرا',
    he: 'תודה',
    ja: 'ありがとう',
    zh: '谢谢',
  },
  '❤️': {
    en: 'love',
    de: 'liebe',
    fr: 'amour',
    es: 'amor',
    'pt-BR': 'amor',
    it: 'amore',
    nl: 'liefde',
    pl: 'miłość',
    sv: 'kärlek',
    ru: 'любовь',
    uk: 'любов',
    tr: 'aşk',
    ar: 'حب',
    he: 'אהבה',
    ja: '愛',
    zh: '爱',
  },
  '☕': {
    en: 'coffee',
    de: 'kaffee',
    fr: 'café',
    es: 'café',
    'pt-BR': 'café',
    it: 'caffè',
    nl: 'koffie',
    pl: 'kawa',
    sv: 'kaffe',
    ru: 'кофе',
    uk: 'кава',
    tr: 'kahve',
    ar: 'قهوة',
    he: 'קפה',
    ja: 'コーヒー',
    zh: '咖啡',
  },
  '🎂': {
    en: 'birthday',
    de: 'geburtstag',
    fr: 'anniversaire',
    es: 'cumpleaños',
    'pt-BR': 'aniversário',
    it: 'compleanno',
    nl: 'verjaardag',
    pl: 'urodziny',
    sv: 'födelsedag',
    ru: 'рождения',
    uk: 'народження',
    tr: 'doğum',
    ar: 'ميلاد',
    he: 'הולדת',
    ja: '誕生日',
    zh: '生日',
  },
};

/**
 * The words of an emoji with ours before them.
 *
 * @param {string} language @param {string} emoji @param {string} name @param {readonly string[]} words
 */
export function withOwn(language, emoji, name, words) {
  const known = [name.toLocaleLowerCase(language), ...words];
  const ours = OWN_WORDS[emoji]?.[language]?.split(' ') ?? [];
  return [...ours.filter((word) => !known.some((other) => other.includes(word))), ...words];
}
