/**
 * The formatting that operators write: **bold**, *italic*, `code`, lists, quotes, fenced blocks and [named](https://links). It
 * makes plain data, never HTML; each interface draws it with its own elements. What does not close stays as it was typed.
 *
 * What somebody wrote is hostile input. The text is read once from left to right: each sign is looked at a bounded number of
 * times, bold and italic nest in each other and no deeper, and blocks do not nest at all.
 */
import { addressAt, linkify, type Beginning } from './linkify.ts';

export type Inline =
  | { kind: 'plain'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; parts: Inline[] }
  | { kind: 'em'; parts: Inline[] }
  /** `host`: where it leads, if its name could be taken for another address. */
  | { kind: 'link'; text: string; href: string; host?: string };

export type Block =
  | { kind: 'text'; parts: Inline[] }
  | { kind: 'quote'; parts: Inline[] }
  | { kind: 'code'; text: string }
  /** `start`: the first number, `null` for bullets. */
  | { kind: 'list'; start: number | null; items: Inline[][] };

/** The browser's parser, see `linkify.ts`. */
declare const URL: new (address: string) => { host: string };

const FENCE = '```';
const BULLET = /^ {0,3}[-*•] +(?=\S)/;
const NUMBER = /^ {0,3}(\d{1,4})[.)] +(?=\S)/;
const QUOTE = /^ {0,3}> ?/;
/** The longest name of a link. */
const NAME_LENGTH = 200;
const WEB: readonly Beginning[] = ['https://', 'http://'];

/**
 * @example
 * formatted('**Hi**'); // [{kind: 'text', parts: [{kind: 'strong', parts: [{kind: 'plain', text: 'Hi'}]}]}]
 */
export function formatted(text: string): Block[] {
  const lines = text.split('\n');
  const stretches = stretchesOf(lines);
  const [only] = stretches;
  if (stretches.length === 1 && only?.kind === 'text') return [{ kind: 'text', parts: inlineOf(text) }];
  return stretches.flatMap(blocksOf);
}

/** The text without the signs that format it, as it is spoken. */
export function plainOf(blocks: readonly Block[]): string {
  const inline = (parts: readonly Inline[]): string => parts.map((part) => ('parts' in part ? inline(part.parts) : part.text)).join('');
  return blocks
    .map((block) => {
      if (block.kind === 'code') return block.text;
      return block.kind === 'list' ? block.items.map(inline).join('\n') : inline(block.parts);
    })
    .join('\n');
}

// ── blocks ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Kind = 'fence' | 'bullets' | 'numbers' | 'quote' | 'text';

/** Lines of one kind that follow one another. */
interface Stretch {
  kind: Kind;
  lines: string[];
}

function stretchesOf(lines: readonly string[]): Stretch[] {
  const isClosing = (line: string | undefined): boolean => line?.trimEnd() === FENCE;
  let lastFence = lines.length - 1;
  while (lastFence >= 0 && !isClosing(lines[lastFence])) lastFence -= 1;
  const stretches: Stretch[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const kind = at < lastFence && line.startsWith(FENCE) && !line.slice(FENCE.length).includes('`') ? 'fence' : kindOf(line);
    const before = stretches.at(-1);
    if (kind === 'fence') {
      const from = at + 1;
      do at += 1;
      while (!isClosing(lines[at]));
      stretches.push({ kind, lines: lines.slice(from, at) });
    } else if (before?.kind === kind) before.lines.push(line);
    else stretches.push({ kind, lines: [line] });
  }
  return stretches;
}

function kindOf(line: string): Kind {
  if (QUOTE.test(line)) return 'quote';
  if (BULLET.test(line)) return 'bullets';
  return NUMBER.test(line) ? 'numbers' : 'text';
}

/** Empty lines between blocks are their distance, and not drawn. */
function blocksOf({ kind, lines }: Stretch): Block[] {
  const items = (sign: RegExp): Inline[][] => lines.map((line) => inlineOf(line.replace(sign, '')));
  switch (kind) {
    case 'fence':
      return [{ kind: 'code', text: lines.join('\n') }];
    case 'quote':
      return [{ kind: 'quote', parts: inlineOf(lines.map((line) => line.replace(QUOTE, '')).join('\n')) }];
    case 'bullets':
      return [{ kind: 'list', start: null, items: items(BULLET) }];
    case 'numbers':
      return [{ kind: 'list', start: Number(NUMBER.exec(lines[0] ?? '')?.[1]), items: items(NUMBER) }];
    case 'text': {
      const isBlank = (line: string): boolean => line.trim() === '';
      const from = lines.findIndex((line) => !isBlank(line));
      if (from < 0) return [];
      let to = lines.length;
      while (isBlank(lines[to - 1] ?? '')) to -= 1;
      return [{ kind: 'text', parts: inlineOf(lines.slice(from, to).join('\n')) }];
    }
  }
}

// ── within a block ─────────────────────────────────────────────────────────────────────────────────────────────────

type Mark = '**' | '*' | '_';

/** Parts that stand behind a mark which may still be closed; the first level has none. */
interface Level {
  mark: Mark | '';
  parts: Inline[];
}

// closure: the levels and the place up to which the text is used belong to one walk through one text
function inlineOf(text: string): Inline[] {
  const levels: Level[] = [{ mark: '', parts: [] }];
  const find = forward(text);
  let plainFrom = 0;

  const top = (): Level => levels.at(-1) as Level;
  const take = (to: number): void => {
    if (to > plainFrom) top().parts.push({ kind: 'plain', text: text.slice(plainFrom, to) });
  };
  /** A mark that was never closed is text. */
  const drop = (): void => {
    const { mark, parts } = levels.pop() as Level;
    top().parts.push({ kind: 'plain', text: mark }, ...parts);
  };
  const close = (mark: Mark): void => {
    while (top().mark !== mark) drop();
    const { parts } = levels.pop() as Level;
    top().parts.push({ kind: mark === '**' ? 'strong' : 'em', parts });
  };
  /** Puts `part` in place of the signs from `from` to `to`. */
  const put = (part: Inline, from: number, to: number): number => {
    take(from);
    top().parts.push(part);
    plainFrom = to;
    return to;
  };

  for (let at = 0; at < text.length;) {
    const sign = text.charAt(at);
    if (sign === '`') {
      const end = find('`', at + 1);
      at = end > at + 1 ? put({ kind: 'code', text: text.slice(at + 1, end) }, at, end + 1) : at + 1;
    } else if (sign === '[') {
      const named = namedLink(text, at, find);
      at = named ? put(named.link, at, named.end) : at + 1;
    } else if (sign === '*' || sign === '_') {
      const mark: Mark = sign === '_' ? '_' : text.charAt(at + 1) === '*' ? '**' : '*';
      const next = at + mark.length;
      const isOpen = levels.some((level) => level.mark === mark);
      if (isOpen && closes(text, at, next)) {
        take(at);
        close(mark);
        plainFrom = next;
      } else if (!isOpen && opens(text, at, next)) {
        take(at);
        levels.push({ mark, parts: [] });
        plainFrom = next;
      }
      at = next;
    } else {
      const found = addressAt(text, at, plainFrom);
      const href = found?.link?.href;
      if (found?.link === undefined || href === undefined) at = found?.stop ?? at + 1;
      // What was trimmed from its end may be a mark that closes.
      else at = put({ kind: 'link', text: found.link.text, href }, found.from, found.end);
    }
  }
  take(text.length);
  while (levels.length > 1) drop();
  return levels[0]?.parts ?? [];
}

/** Finds signs from a place on, for places that only go forward: no stretch is searched twice. */
function forward(text: string): (sign: string, from: number) => number {
  const last = new Map<string, number>();
  return (sign, from) => {
    const known = last.get(sign);
    if (known !== undefined && (known < 0 || known >= from)) return known;
    let at = from;
    while (at < text.length && text.charAt(at) !== sign) at += 1;
    const found = at < text.length ? at : -1;
    last.set(sign, found);
    return found;
  };
}

/** A mark opens before a sign. A single one does not within a word: `2*3` and `snake_case` are themselves. */
function opens(text: string, at: number, next: number): boolean {
  return /\S/.test(text.charAt(next)) && (next - at > 1 || !IN_WORD.test(text.charAt(at - 1)));
}

/** Many scripts put no space behind a word, so two stars close anywhere. */
function closes(text: string, at: number, next: number): boolean {
  return /\S/.test(text.charAt(at - 1)) && (next - at > 1 || !IN_WORD.test(text.charAt(next)));
}

const IN_WORD = /[\p{L}\p{N}]/u;

/** `[name](address)`. A picture's `![name](address)` is no link, and neither is any other address than a web one. */
function namedLink(text: string, at: number, find: (sign: string, from: number) => number): { link: Inline; end: number } | undefined {
  const bracket = find(']', at + 1);
  if (bracket < at + 2 || bracket - at > NAME_LENGTH || text.charAt(bracket + 1) !== '(' || text.charAt(at - 1) === '!') return undefined;
  const end = find(')', bracket + 2);
  const name = text.slice(at + 1, bracket);
  if (end < 0 || /[[\n]/.test(name) || name.trim() === '') return undefined;
  if (!isShort(bracket, end)) return undefined;
  const [part, ...rest] = linkify(text.slice(bracket + 2, end), WEB);
  if (part?.href === undefined || rest.length > 0) return undefined;
  const { host } = new URL(part.href);
  return { link: { kind: 'link', text: name, href: part.href, ...(isMisleading(name, host) && { host }) }, end: end + 1 };
}

const ADDRESS_LENGTH = 2048;

function isShort(from: number, to: number): boolean {
  return to - from <= ADDRESS_LENGTH;
}

/** Signs that are drawn as nothing, or turn the writing around. */
const HIDDEN = /[\p{C}\p{Default_Ignorable_Code_Point}]/u;
/** What stands between the labels of an address in any script, an address of mail, or the beginning of one. */
const ADDRESS_LIKE = /[\p{L}\p{N}][.\u3002\uff0e\uff61\u2024][\p{L}\p{N}]|[@:/\\]/u;

function isMisleading(name: string, host: string): boolean {
  return name !== host && (HIDDEN.test(name) || ADDRESS_LIKE.test(name));
}
