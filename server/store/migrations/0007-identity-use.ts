/**
 * What became of a token in which a customer's server said who a visitor is: whoever has not heard the answer may ask again. The
 * token and what shows that it is the same one who asks are keyed or plain hashes; a row goes with its session, and a few minutes
 * after its token.
 */
import type { Migration } from './migration.ts';

export const identityUse: Migration = {
  version: 7,
  name: 'identity-use',
  sql: `
CREATE TABLE identity_use (
  token TEXT PRIMARY KEY,
  session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  proofs TEXT NOT NULL,
  ends_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_use_by_session ON identity_use (session);
`,
};
