/**
 * Writes frame/ui/emoji/words/: for each language of the menu the emoji, their names and the words that find them. The files are
 * kept, because the packages that they come from weigh 150 MB; run this by hand when a newer Unicode shall be spoken:
 *
 *     npm install --prefix /tmp/emoji --no-save cldr-annotations-full@48.2.0 cldr-annotations-derived-full@48.2.0 unicode-emoji-json@0.9.0
 *     node scripts/emoji.mjs /tmp/emoji
 *
 * A file has one line for each emoji: the emoji, its name and its words, with tabs between. A line without tabs begins a group.
 * Emoji newer than most systems are left out; so are men's and women's forms (a picker for a short chat shows the neutral one)
 * and the flags of regions, whose names the browser knows (frame/ui/emoji/flags.ts).
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { GROUP_NAMES } from './emoji-groups.mjs';
import { withOwn } from './emoji-words.mjs';

/** Emoji 14 came with the systems of 2022. */
const NEWEST = 14;
/** What a visitor fetches with the picker; the file with the most words that fits is taken. */
const MAX_BYTES = 25_000;
const MOST_WORDS = 8;
/** A word for more emoji than these ("face") finds none. */
const MOST_EMOJI = 80;

const source = process.argv[2];
if (source === undefined) throw new Error('Name the folder that holds the packages (see the top of scripts/emoji.mjs).');
const target = join(import.meta.dirname, '../frame/ui/emoji/words');
/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(join(source, 'node_modules', path), 'utf8'));

/** @typedef {{ default?: string[], tts: [string] }} Annotation */

/** @type {{ slug: string, emojis: { emoji: string, emoji_version: string }[] }[]} */
const groups = read('unicode-emoji-json/data-by-group.json');

/** @param {string} emoji */
const isForOneGender = (emoji) => /\u200d[\u2640\u2642]/.test(emoji) || /^[\u{1f468}\u{1f469}]\u200d/u.test(emoji);
/** @param {string} emoji */
const isRegion = (emoji) => /^[\u{1f1e6}-\u{1f1ff}]{2}$/u.test(emoji);

/** @param {string} language @returns {(emoji: string) => Annotation | undefined} */
function annotations(language) {
  // CLDR's Portuguese is Brazil's, and its Chinese is simplified.
  const folder = language.split('-')[0];
  /** @type {Record<string, Annotation>} */
  const all = {
    ...read(`cldr-annotations-derived-full/annotationsDerived/${folder}/annotations.json`).annotationsDerived.annotations,
    ...read(`cldr-annotations-full/annotations/${folder}/annotations.json`).annotations.annotations,
  };
  return (emoji) => all[emoji] ?? all[emoji.replaceAll('\ufe0f', '')];
}

/** What two forms of one word share, more or less: who searches types the beginning. @param {string} word */
const stem = (word) => word.slice(0, Math.max(4, word.length - 2));

/**
 * The words that find an emoji and are not in its name. Words by themselves tell more than those of a phrase and come first; of
 * the forms of one word the first stays.
 * @param {Annotation} annotation @param {string} language
 */
function wordsOf({ default: keywords = [], tts: [name] }, language) {
  const isUnspaced = language === 'ja' || language === 'zh';
  /** @param {string} text */
  const split = (text) => text.toLocaleLowerCase(language).split(/[\s,:;!?.()“”„«»"|]+/);
  const named = name.toLocaleLowerCase(language);
  const words = [...keywords.filter((keyword) => !/\s/.test(keyword)), ...keywords.filter((keyword) => /\s/.test(keyword))].flatMap(split);
  const known = isUnspaced ? [] : split(named);
  return words.filter((word) => {
    if (word.length <= (isUnspaced ? 0 : 2) || named.includes(word) || known.some((other) => other.startsWith(stem(word)))) return false;
    known.push(word);
    return true;
  });
}

/** Every emoji of the picker, by group. */
const chosen = groups.map(({ slug, emojis }) => ({
  slug,
  emojis: emojis.filter(({ emoji, emoji_version: version }) => Number(version) <= NEWEST && !isForOneGender(emoji) && !isRegion(emoji)),
}));

/** The words that too many emoji share. @param {string} language */
function tooCommon(language) {
  const find = annotations(language);
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (const { emoji } of chosen.flatMap(({ emojis }) => emojis)) {
    const annotation = find(emoji);
    for (const word of annotation ? wordsOf(annotation, language) : []) uses.set(word, (uses.get(word) ?? 0) + 1);
  }
  return new Set([...uses].filter(([, count]) => count > MOST_EMOJI).map(([word]) => word));
}

/** @param {string} language @param {number} most words of one emoji */
function fileOf(language, most) {
  const find = annotations(language);
  const common = tooCommon(language);
  const lines = chosen.flatMap(({ slug, emojis }) => {
    const title = GROUP_NAMES[language]?.[slug];
    if (title === undefined) throw new Error(`The group ${slug} has no name in ${language}.`);
    return [
      title,
      ...emojis.flatMap(({ emoji }) => {
        const annotation = find(emoji);
        // Swedish has none for 🔟.
        if (annotation === undefined) return [];
        const [name] = annotation.tts;
        const told = wordsOf(annotation, language).filter((word) => !common.has(word));
        const words = withOwn(language, emoji, name, told.slice(0, most));
        return [[emoji, name, ...(words.length > 0 ? [words.join(' ')] : [])].join('\t')];
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}

for (const language of Object.keys(GROUP_NAMES)) {
  let most = MOST_WORDS;
  let text = fileOf(language, most);
  while (brotliCompressSync(text).length > MAX_BYTES) text = fileOf(language, --most);
  writeFileSync(join(target, `${language}.txt`), text);
  console.log(language, `${brotliCompressSync(text).length} B with brotli, up to ${most} words`);
}

// Whose words they are: scripts/notices.mjs passes it on.
const { version, license } = read('cldr-annotations-full/package.json');
const manifest = { name: 'cldr-annotations-full', version, private: true, license: `${license} AND MIT`, author: 'Unicode, Inc.' };
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
copyFileSync(join(source, 'node_modules/cldr-annotations-full/LICENSE'), join(target, 'LICENSE'));
copyFileSync(join(source, 'node_modules/unicode-emoji-json/LICENSE'), join(target, 'LICENSE-unicode-emoji-json'));
