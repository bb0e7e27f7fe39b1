/**
 * Which files a visitor may attach, and how their names and sizes read. The server checks again; this
 * check spares a visitor the upload of ten megabytes that it would refuse.
 */
import type { FileLike } from '../../session/contract.ts';
import { t } from '../words.ts';

export interface Picked {
  good: { uid: string; file: FileLike }[];
  /** Why the first of the other files cannot be sent, for the visitor. */
  refused: string | null;
}

export function pick(files: readonly FileLike[], maxSize: number, accept: readonly string[]): Picked {
  const judged = files.map((file) => ({ uid: newUid(), file, why: refusal(file, maxSize, accept) }));
  const bad = judged.find(({ why }) => why !== null);
  return {
    good: judged.filter(({ why }) => why === null).map(({ uid, file }) => ({ uid, file })),
    refused: !bad
      ? null
      : bad.why === 'empty'
        ? t('refusedEmpty', { name: bad.file.name })
        : bad.why === 'size'
          ? t('refusedSize', { name: bad.file.name, limit: sizeLabel(maxSize) })
          : t('refusedType', { name: bad.file.name }),
  };
}

/** Why a file cannot be sent, or `null` if it can. `accept` as in the attribute of a file input; empty takes any type. */
export function refusal(file: FileLike, maxSize: number, accept: readonly string[]): 'empty' | 'size' | 'type' | null {
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

/** `512 B`, `12.3 KB`, `4.0 MB`, as the server says it. */
export function sizeLabel(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
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
