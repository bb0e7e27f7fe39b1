/** The names of the groups of emoji in each language of the menu. CLDR has none for them; the keys are Unicode's. */

/** @param {string} names in Unicode's order */
const named = (names) => {
  const [smileys_emotion, people_body, animals_nature, food_drink, travel_places, activities, objects, symbols, flags] = names.split('|');
  return { smileys_emotion, people_body, animals_nature, food_drink, travel_places, activities, objects, symbols, flags };
};

/** @type {Record<string, Record<string, string | undefined>>} */
export const GROUP_NAMES = {
  en: named('Smileys|People|Animals and nature|Food and drink|Travel and places|Activities|Objects|Symbols|Flags'),
  de: named('Smileys|Menschen|Tiere und Natur|Essen und Trinken|Reisen und Orte|Aktivitäten|Objekte|Symbole|Flaggen'),
  fr: named('Émoticônes|Personnes|Animaux et nature|Nourriture et boissons|Voyages et lieux|Activités|Objets|Symboles|Drapeaux'),
  es: named('Emoticonos|Personas|Animales y naturaleza|Comida y bebida|Viajes y lugares|Actividades|Objetos|Símbolos|Banderas'),
  'pt-BR': named('Carinhas|Pessoas|Animais e natureza|Comidas e bebidas|Viagens e lugares|Atividades|Objetos|Símbolos|Bandeiras'),
  it: named('Faccine|Persone|Animali e natura|Cibo e bevande|Viaggi e luoghi|Attività|Oggetti|Simboli|Bandiere'),
  nl: named('Smileys|Mensen|Dieren en natuur|Eten en drinken|Reizen en plaatsen|Activiteiten|Objecten|Symbolen|Vlaggen'),
  pl: named('Buźki|Ludzie|Zwierzęta i przyroda|Jedzenie i napoje|Podróże i miejsca|Aktywności|Przedmioty|Symbole|Flagi'),
  sv: named('Smilisar|Människor|Djur och natur|Mat och dryck|Resor och platser|Aktiviteter|Föremål|Symboler|Flaggor'),
  ru: named('Смайлики|Люди|Животные и природа|Еда и напитки|Путешествия и места|Занятия|Предметы|Символы|Флаги'),
  uk: named('Смайлики|Люди|Тварини й природа|Їжа й напої|Подорожі й місця|Заняття|Предмети|Символи|Прапори'),
  tr: named('Yüz ifadeleri|İnsanlar|Hayvanlar ve doğa|Yiyecek ve içecek|Seyahat ve yerler|Etkinlikler|Nesneler|Semboller|Bayraklar'),
  ar: named('وجوه|أشخاص|حيوانات وطبيعة|طعام وشراب|سفر وأماكن|أنشطة|أشياء|رموز|أعلام'),
  he: named('סמיילים|אנשים|חיות וטבע|אוכל ושתייה|נסיעות ומקומות|פעילויות|חפצים|סמלים|דגלים'),
  ja: named('スマイリー|人物|動物と自然|食べ物と飲み物|旅行と場所|アクティビティ|物|記号|旗'),
  zh: named('表情|人物|动物与自然|食物与饮料|旅行与地点|活动|物品|符号|旗帜'),
};
