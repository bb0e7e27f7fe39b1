/** SQLite's errors, translated into the chat's own codes. Anything unknown stays as it is: it is a bug of ours. */
import { ChatError } from '../../shared/errors.ts';
import { Database } from './driver.ts';
import { RESTORE_HINT, UnusableDatabase } from './unusable.ts';

/** The machine's trouble, not the caller's: trying again later may help. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|IOERR|CANTOPEN|READONLY|PROTOCOL|NOMEM|CORRUPT|NOTADB)/;
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB|FORMAT)/;

export function toFault(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === 'SQLITE_FULL') return new ChatError('storage_full', 'The disk of the server is full.');
  if (UNAVAILABLE.test(error.code))
    return Object.assign(new ChatError('unavailable', `The database cannot be used now (${error.code}).`), { cause: error });
  return error;
}

/** Something else stands where a database should, or its pages do not fit together. */
export function isDamage(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError && DAMAGED.test(error.code);
}

export function unusableFile(file: string, code: string): UnusableDatabase {
  return new UnusableDatabase(
    DAMAGED.test(code)
      ? `The database ${file} is damaged (${code}). Restore a backup: ${RESTORE_HINT}`
      : `The database ${file} cannot be opened (${code}): expected a file that this user may read and write, in a folder where files can be made.`,
  );
}

/** The same error; in one line if the person who starts the program can do something about it. */
export function toStartFault(error: unknown, file: string): unknown {
  const met = error instanceof ChatError ? error.cause : error;
  if (!(met instanceof Database.SqliteError)) return error;
  return /^SQLITE_(CORRUPT|NOTADB|FORMAT|CANTOPEN|READONLY|IOERR|PERM|AUTH)/.test(met.code) ? unusableFile(file, met.code) : error;
}

export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

/** Whether a row that another one hangs on is not there. */
export function isForeignInSqlite(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
}
