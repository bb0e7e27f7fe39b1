/**
 * Which files a visitor may attach, and how their names and sizes read. The server checks again; this
 * check spares a visitor the upload of ten megabytes that it would refuse.
 */
import type { FileLike } from '../../session/contract.ts';
import { language } from '../../language/language.ts';
import { sizeIn } from '../../../shared/languages/sizes.ts';
import { t } from '../words.ts';

export interface Picked {
  good: { uid: string; file: FileLike }[];
  /** Which of the other files cannot be sent, and why, in the visitor's language; `null` if all can. */
  refused: (() => string) | null;
}

/** What a site takes, and how many files there is still room for. `accept` as in the attribute of a file input; empty takes any type. */
export interface Rules {
  maxSize: number;
  accept: readonly string[];
  room: number;
  /** So many may wait in all. */
  limit: number;
}

/** So many files are called by their names; more would be no line to read. */
const NAMED = 4;

/** @param folders those of the files that are folders: a browser hands one over as a file that nobody can read */
export function pick(
  files: readonly FileLike[],
  { maxSize, accept, room, limit }: Rules,
  folders: ReadonlySet<FileLike> = new Set(),
): Picked {
  const judged = files.map((file) => ({ file, why: folders.has(file) ? ('type' as const) : refusal(file, maxSize, accept) }));
  const fitting = judged.filter(({ why }) => why === null).map(({ file }) => file);
  const bad = judged.filter(({ why }) => why !== null);
  const over = fitting.slice(room);
  return {
    good: fitting.slice(0, room).map((file) => ({ uid: newUid(), file })),
    refused:
      bad.length + over.length === 0
        ? null
        : () => [...describe(bad, maxSize, accept), ...(over.length > 0 ? [leftOut(over, limit)] : [])].join(' '),
  };
}

/** A sentence for each file, and what would be taken once. */
function describe(bad: readonly { file: FileLike; why: Refusal | null }[], maxSize: number, accept: readonly string[]): string[] {
  const sentences = bad.slice(0, NAMED).map(({ file: { name }, why }) => {
    if (why === 'empty') return t('refusedEmpty', { name });
    return why === 'size' ? t('refusedSize', { name, limit: sizeLabel(maxSize) }) : t('refusedType', { name });
  });
  if (bad.length > NAMED) sentences.push('…');
  const kinds = bad.some(({ why }) => why === 'type') ? kindsOf(accept) : '';
  return kinds ? [...sentences, t('accepted', { kinds })] : sentences;
}

function leftOut(files: readonly FileLike[], limit: number): string {
  const names = files.slice(0, NAMED).map(({ name }) => name);
  if (files.length > NAMED) names.push('…');
  const list = new Intl.ListFormat(language.value, { type: 'unit', style: 'short' }).format(names);
  return t('refusedNumber', { limit: limit.toLocaleString(language.value), names: list });
}

type Refusal = 'empty' | 'size' | 'type';

/** Why a file cannot be sent, or `null` if it can. */
export function refusal(file: FileLike, maxSize: number, accept: readonly string[]): Refusal | null {
  if (file.size === 0) return 'empty';
  if (file.size > maxSize) return 'size';
  return accept.length === 0 || accept.some((rule) => matches(file, rule.trim().toLowerCase())) ? null : 'type';
}

function matches(file: FileLike, rule: string): boolean {
  const type = file.type.toLowerCase();
  if (rule.startsWith('.')) return file.name.toLowerCase().endsWith(rule);
  if (rule.endsWith('/*')) return type.startsWith(rule.slice(0, -1));
  return type === rule;
}

/** What stands for a whole family: the endings that people know. */
const FAMILIES: Readonly<Record<string, string>> = {
  'image/*': 'JPG PNG GIF WEBP',
  'audio/*': 'MP3 M4A',
  'video/*': 'MP4 WEBM',
  'text/*': 'TXT',
};
/** As many as one reads in a line. */
const KINDS_MAX = 8;

/** The kinds of files that a site takes, as people name them: `PDF, JPG or PNG`. Empty where only machines have a name for one. */
export function kindsOf(accept: readonly string[]): string {
  const names = accept.flatMap((rule) => {
    const kind = rule.trim().toLowerCase();
    return FAMILIES[kind]?.split(' ') ?? kind.replace(/^\.|^.*\//, '').toUpperCase();
  });
  const all = [...new Set(names)];
  const known = all.filter((name) => /^[A-Z0-9]{2,5}$/.test(name));
  if (known.length < all.length || known.length > KINDS_MAX) return '';
  return new Intl.ListFormat(language.value, { type: 'disjunction' }).format(known);
}

/** `0.5 kB`, `12.3 kB`, `4 MB`, in the visitor's language. */
export function sizeLabel(bytes: number): string {
  return sizeIn(language.value, bytes);
}

/** Pictures that the server re-encodes and every browser draws. By name: a message carries no type. */
export function isPicture(name: string): boolean {
  return /\.(png|jpe?g|gif|webp|avif)$/i.test(name);
}

/** A UUIDv4. `crypto.randomUUID` is missing where the embedding page is plain http. */
export function newUid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, i) =>
    ((i === 6 ? (byte & 15) | 64 : i === 8 ? (byte & 63) | 128 : byte) + 256).toString(16).slice(1),
  ).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
