/**
 * What goes wrong in a store, in the chat's own words, whatever database stands behind it. How a database says it stands in
 * `sqlite-faults.ts` and `postgres-faults.ts`.
 */
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import { isForeignInPostgres } from './postgres-faults.ts';
import { isForeignInSqlite } from './sqlite-faults.ts';

export function notFound(what: string): ChatError {
  return new ChatError('not_found', `There is no such ${what}.`);
}

/**
 * Runs a statement whose constraint is a rule of the chat, and says which rule it was. The work ends with it: after a statement that
 * failed, PostgreSQL takes no other in the same transaction.
 */
export async function ruled<T>(statement: Promise<T>, rules: { foreign: [ErrorCode, string] }): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw isForeignInSqlite(error) || isForeignInPostgres(error) ? new ChatError(...rules.foreign) : error;
  }
}
