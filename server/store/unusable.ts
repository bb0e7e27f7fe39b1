/** A program that cannot start with its database, and what to do about it. */

/** What to do where a database file cannot be used any more. */
export const RESTORE_HINT = 'npm run admin -- restore FILE';

/** The program cannot start with this database; `message` is the one line for the person who starts it. */
export class UnusableDatabase extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnusableDatabase';
  }
}
