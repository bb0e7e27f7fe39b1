/** SQLite's errors, translated into the chat's own codes. Anything unknown stays as it is: it is a bug of ours. */
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import { Database } from './driver.ts';

/** The machine's trouble, not the caller's: trying again later may help. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|IOERR|CANTOPEN|READONLY|PROTOCOL|NOMEM|CORRUPT|NOTADB)/;

export function toFault(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === 'SQLITE_FULL') return new ChatError('storage_full', 'The disk of the server is full.');
  if (UNAVAILABLE.test(error.code))
    return Object.assign(new ChatError('unavailable', `The database cannot be used now (${error.code}).`), { cause: error });
  return error;
}

/** What to do where a database cannot be used any more. */
export const RESTORE_HINT = 'npm run admin -- restore FILE';

/** Something else stands where a database should, or its pages do not fit together. */
export function isDamage(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(error.code);
}

/** The program cannot start with this database; `message` is the one line for the person who starts it. */
export class UnusableDatabase extends Error {
  constructor(file: string, code: string) {
    const isWhole = !/^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code);
    super(
      isWhole
        ? `The database ${file} cannot be opened (${code}): expected a file that this user may read and write, in a folder where files can be made.`
        : `The database ${file} is damaged (${code}). Restore a backup: ${RESTORE_HINT}`,
    );
    this.name = 'UnusableDatabase';
  }
}

/** The same error; in one line if the person who starts the program can do something about it. */
export function toStartFault(error: unknown, file: string): unknown {
  const met = error instanceof ChatError ? error.cause : error;
  if (!(met instanceof Database.SqliteError)) return error;
  return /^SQLITE_(CORRUPT|NOTADB|FORMAT|CANTOPEN|READONLY|IOERR|PERM|AUTH)/.test(met.code) ? new UnusableDatabase(file, met.code) : error;
}

export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

export function notFound(what: string): ChatError {
  return new ChatError('not_found', `There is no such ${what}.`);
}

/**
 * Runs a statement whose constraint is a rule of the chat, and says which rule it was. The work ends with it: not every database
 * takes another statement after one that failed.
 */
export async function ruled<T>(statement: Promise<T>, rules: { foreign: [ErrorCode, string] }): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw isForeign(error) ? new ChatError(...rules.foreign) : error;
  }
}

function isForeign(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
}
