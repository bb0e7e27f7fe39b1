/**
 * The result of a token with which a customer's server named a visitor: a client that lost the answer may ask again. The token
 * and the client's proof are keyed or plain hashes. A row goes with its session, and a few minutes after its token.
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
