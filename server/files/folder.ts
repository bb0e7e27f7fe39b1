/**
 * The bytes of files in one folder of the disk, each under its key. It knows no chat and no row: what a key means, and who
 * may read it, is `files.ts`'s.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

export interface Folder {
  /** Writes aside and renames: a file under its key is always whole. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  has(key: string): Promise<boolean>;
  read(key: string): Promise<Buffer>;
  stream(key: string): Readable;
  /** Says nothing when there is no such file. */
  remove(key: string): Promise<void>;
}

/**
 * @param location the folder; missing parts of a path below it are made
 * @param aside a folder on the same disk, for incomplete files
 */
export function createFolder(location: string, aside: string): Folder {
  const pathOf = (key: string) => join(location, key);
  return {
    async put(key, bytes) {
      const part = join(aside, randomBytes(16).toString('hex'));
      try {
        await writeFile(part, bytes, { mode: 0o600 });
        await mkdir(dirname(pathOf(key)), { recursive: true, mode: 0o700 });
        await rename(part, pathOf(key));
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    async has(key) {
      try {
        return (await stat(pathOf(key))).isFile();
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
        throw error;
      }
    },
    read: (key) => readFile(pathOf(key)),
    stream: (key) => createReadStream(pathOf(key)),
    remove: (key) => rm(pathOf(key), { force: true }),
  };
}
