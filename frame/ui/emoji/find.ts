/** Finds emoji by what a visitor types: without accents, in any order of words, the best name first. */
import type { Emoji, EmojiGroup } from './emoji.ts';

/** No picker shows more results, and no visitor reads them. */
const MOST_FOUND = 120;

/** Letters that are not a letter with a mark to Unicode, though people type them so. */
const PLAIN: Readonly<Record<string, string>> = { ł: 'l', ø: 'o', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i', ґ: 'г' };
/** Japanese and Chinese put no spaces between words, so a word may be found inside of another. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Katakana stand this much behind the same hiragana. */
const KATAKANA = 0x60;

/**
 * Makes words comparable.
 *
 * @example
 * plain('Fröhlich'); // 'frohlich'
 * plain('スマイル'); // 'すまいる'
 */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[łøßæœıґ]/g, (letter) => PLAIN[letter]!)
    .replace(/[\u30a1-\u30f6]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - KATAKANA));
}

/**
 * The emoji that all words of a query begin a word of.
 *
 * @example
 * findEmoji(await loadEmoji('en'), 'cat joy')[0]; // { char: '😹', … }
 */
export function findEmoji(groups: readonly EmojiGroup[], query: string): Emoji[] {
  const wanted = plain(query).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const scored = groups
    .flatMap(({ emoji }) => emoji)
    .map((emoji) => ({ emoji, score: scoreOf(emoji, wanted) }))
    .filter(({ score }) => score > 0);
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_FOUND)
    .map(({ emoji }) => emoji);
}

interface Comparable {
  readonly name: string;
  readonly inName: readonly string[];
  readonly others: readonly string[];
}

/** To make 1,600 names comparable takes longer than to compare them, so each is made so once. */
const made = new WeakMap<Emoji, Comparable>();

function comparable(emoji: Emoji): Comparable {
  const known = made.get(emoji);
  if (known !== undefined) return known;
  const name = plain(emoji.name);
  const fresh = { name, inName: name.split(/[\s,:()’'-]+/), others: plain(emoji.words.join(' ')).split(' ') };
  made.set(emoji, fresh);
  return fresh;
}

/** 0 where a word is not found; more where it is the name, or begins it, than where it is one of the other words. */
function scoreOf(emoji: Emoji, wanted: readonly string[]): number {
  if (emoji.char === wanted[0]) return 5;
  const { name, inName, others } = comparable(emoji);
  const scores = wanted.map((word) => {
    const isIn = (other: string): boolean => other.startsWith(word) || (UNSPACED.test(word) && other.includes(word));
    if (name === word) return 4;
    if (name.startsWith(word)) return 3;
    if (inName.some(isIn)) return 2;
    return others.some(isIn) ? 1 : 0;
  });
  return Math.min(...scores);
}
