/** PostgreSQL's errors, translated into the chat's own codes. Anything unknown stays as it is: it is a bug of ours. */
import { ChatError } from '../../shared/errors.ts';
import { UnusableDatabase } from './unusable.ts';

/** What the server itself has said, by its five letters. */
interface ServerError extends Error {
  code: string;
  severity: string;
}

/** The connection was lost, or never came about: what was under way on it is undone, unless it was the commit. */
export class ConnectionLost extends Error {
  constructor(cause: unknown) {
    super(`no connection to the database: ${cause instanceof Error ? cause.message || cause.name : String(cause)}`, { cause });
    this.name = 'ConnectionLost';
  }
}

/** The machine's trouble, not the caller's: connections, resources, an operator's stop, a server that only reads. */
const UNAVAILABLE = /^(08|53|57|58|25006|25P03|40|55P03|XX)/;
const FULL = '53100';
/** The other one goes on; the same work may have luck at the next try. */
const TRY_AGAIN: ReadonlySet<string> = new Set(['40001', '40P01', '55P03']);
/** Of no more use, though it may still look like one. */
const DEAD = /^(08|57P|25006|25P03)/;

export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}

/** Whether the server has closed the connection with this, or can do nothing for us on it. */
export function isFatal(error: ServerError): boolean {
  return error.severity === 'FATAL' || error.severity === 'PANIC' || DEAD.test(error.code);
}

export function isWorthAnotherTry(error: unknown): boolean {
  return isServerError(error) && TRY_AGAIN.has(error.code);
}

export function toPostgresFault(error: unknown): unknown {
  if (error instanceof ConnectionLost)
    return Object.assign(new ChatError('unavailable', `The database cannot be used now: ${error.message}.`), { cause: error });
  if (!isServerError(error)) return error;
  if (error.code === FULL) return new ChatError('storage_full', 'The disk of the database is full.');
  if (UNAVAILABLE.test(error.code))
    return Object.assign(new ChatError('unavailable', `The database cannot be used now (${error.code}).`), { cause: error });
  return error;
}

/** Whether a row that another one hangs on is not there. */
export function isForeignInPostgres(error: unknown): boolean {
  return isServerError(error) && error.code === '23503';
}

/** What to do when the server will not have us; none where the code says nothing of us. */
const ADVICE: readonly [code: RegExp, advice: string][] = [
  [/^28/, 'user and password in DATABASE_URL must be those of an account that may connect to it.'],
  [/^3D000/, 'make it first (createdb), or name another in DATABASE_URL.'],
  [/^(42501|3F000)/, 'the user needs the right to make tables there: GRANT CREATE, USAGE ON SCHEMA public TO <user>.'],
  [/^53300/, 'it has no connection left: raise max_connections, or end other programs.'],
  [/^57P03/, 'it is starting or stopping: try again in a moment.'],
  [/^25006/, 'it only reads, as a standby does: DATABASE_URL must name the primary.'],
];

/** The server and the database as people write them: without user and password. */
export function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${decodeURIComponent(pathname.slice(1))} at ${hostname}:${port || '5432'}`;
}

/** The same error; in one line if the person who starts the program can do something about it. */
export function toPostgresStartFault(error: unknown, where: string): unknown {
  const met = error instanceof ChatError && error.cause !== undefined ? error.cause : error;
  if (met instanceof UnusableDatabase) return met;
  if (met instanceof ConnectionLost) {
    const said = met.cause;
    if (isServerError(said)) return toPostgresStartFault(said, where);
    return new UnusableDatabase(
      `The database ${where} cannot be reached (${reasonOf(said)}): expected a PostgreSQL server at the address in DATABASE_URL.`,
      { cause: met },
    );
  }
  if (!isServerError(met)) return error;
  const advice = ADVICE.find(([code]) => code.test(met.code))?.[1];
  if (advice === undefined) return error;
  return new UnusableDatabase(`The database ${where} cannot be used (${met.message}): ${advice}`, { cause: met });
}

/** `connect` to a name with several addresses fails with one error for each, and without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
