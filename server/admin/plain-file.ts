/**
 * The files that a person names to an administration command: plain ones. We refuse a device, a pipe or a folder before we read from
 * it or replace it. The target of a link counts, so a link to a device is a device.
 */
import { closeSync, lstatSync, openSync, readSync, realpathSync, statSync, type Stats } from 'node:fs';
import { isWellFormed } from '../../shared/well-formed.ts';
import { Refused } from './command.ts';

/** Longer than any key or secret. */
const TEXT_BYTES = 64 * 1024;

/**
 * The file that a backup is to be put at: as it was named, or where the link that bears its name leads.
 *
 * @throws Refused when something stands there that is no plain file, or the database itself
 */
export function toTarget(file: string, database: string): string {
  const named = lstatSync(file, { throwIfNoEntry: false });
  const target = named?.isSymbolicLink() === true ? linkTarget(file) : file;
  const there = statSync(target, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile())
    throw new Refused(`${file} is ${whatIs(there)}, expected a plain file or a name that is free.`);
  const own = [database, `${database}-wal`, `${database}-shm`];
  if (own.includes(target) || (there !== undefined && own.some((each) => isSame(there, statSync(each, { throwIfNoEntry: false }))))) {
    throw new Refused(`${file} is the database itself. Name another file.`);
  }
  return target;
}

/** @throws Refused when there is no plain file to read */
export function toPlainFile(file: string): void {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) throw new Refused(`There is no file ${file}.`);
  refuseOthers(file);
}

/** @throws Refused when something stands there that is no plain file */
export function refuseOthers(file: string): void {
  const there = statSync(file, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) throw new Refused(`${file} is ${whatIs(there)}, expected a plain file.`);
}

/**
 * A short text: of a pipe, too, so that a secret need not lie on a disk, but never more than such a text can be long.
 *
 * @throws Refused
 */
export function readShortText(file: string): string {
  const bytes = Buffer.alloc(TEXT_BYTES + 1);
  let length = 0;
  try {
    const fd = openSync(file, 'r');
    try {
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(fd, bytes, length, bytes.length - length, null);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new Refused(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (length > TEXT_BYTES) throw new Refused(`${file} is longer than ${TEXT_BYTES} bytes, expected a key.`);
  const text = bytes.subarray(0, length).toString('utf8');
  if (!isWellFormed(text)) throw new Refused(`${file} holds a byte that is no text, expected a key.`);
  return text;
}

function linkTarget(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    throw new Refused(`${file} is a link that leads nowhere, expected a plain file or a name that is free.`);
  }
}

function isSame(a: Stats, b: Stats | undefined): boolean {
  return b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function whatIs(there: Stats): string {
  if (there.isDirectory()) return 'a folder';
  if (there.isFIFO()) return 'a pipe';
  if (there.isSocket()) return 'a socket';
  return 'a device';
}
