/**
 * Bytes in one folder of the disk, each under its key: uploaded files, the pictures that an administrator names, mails that no server
 * took. It knows no chat and no row: what a key means, and who may read it, is its user's business.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

export interface Folder {
  /** Writes aside and renames: a file under its key is always whole. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** How many bytes there are; `undefined` if there is no such file. */
  size(key: string): Promise<number | undefined>;
  read(key: string): Promise<Buffer>;
  stream(key: string): Readable;
  /** Says nothing when there is no such file. */
  remove(key: string): Promise<void>;
  /** The files whose key is `<name>/…`, by key, and when each was put. */
  list(name: string): Promise<{ key: string; putMs: number }[]>;
  /** Where it lies, for a person who looks for it. */
  placeOf(key: string): string;
}

/** Beside the files, because renaming needs the same disk. Others may share the folder, so only what nobody writes any more is removed. */
const PARTS = '.parts';
const ABANDONED_MS = 24 * 3_600_000;

/** @param location the folder; missing parts of a path below it are made */
export function createFolder(location: string): Folder {
  const placeOf = (key: string) => join(location, key);
  return {
    async put(key, bytes) {
      const part = placeOf(`${PARTS}/${randomBytes(16).toString('hex')}`);
      try {
        for (const path of [part, placeOf(key)]) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(part, bytes, { mode: 0o600 });
        await rename(part, placeOf(key));
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    async size(key) {
      const found = await stat(placeOf(key)).catch(absent);
      return found?.isFile() === true ? found.size : undefined;
    },
    read: (key) => readFile(placeOf(key)),
    stream: (key) => createReadStream(placeOf(key)),
    remove: (key) => rm(placeOf(key), { force: true }),
    async list(name) {
      const keys = ((await readdir(placeOf(name)).catch(absent)) ?? []).sort().map((file) => `${name}/${file}`);
      const found = await Promise.all(keys.map(async (key) => ({ key, at: await stat(placeOf(key)).catch(absent) })));
      return found.flatMap(({ key, at }) => (at?.isFile() === true ? [{ key, putMs: at.mtimeMs }] : []));
    },
    placeOf,
  };
}

/** Removes what a process that ended while it wrote has left, long ago. */
export async function removeAbandoned(folder: Folder, nowMs: number): Promise<void> {
  for (const { key, putMs } of await folder.list(PARTS)) if (putMs + ABANDONED_MS < nowMs) await folder.remove(key);
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
  throw error;
}
