/**
 * The data of sign-in: the line of a visitor's refresh tokens, the keys with which a site's own server signs visitors' names, the
 * visitor behind each such name, and the number of tries of a password. Names and accounts are keyed hashes: neither an
 * account's e-mail nor a customer's number stands here.
 */
import type { Migration } from './migration.ts';

export const doors: Migration = {
  version: 4,
  name: 'doors',
  sql: `
-- refresh: the line of a visitor's tokens as JSON; family: what they have in common, to find them by.
ALTER TABLE session ADD COLUMN family TEXT;
ALTER TABLE session ADD COLUMN refresh TEXT;
CREATE UNIQUE INDEX session_by_family ON session (family) WHERE family IS NOT NULL;

CREATE TABLE identity_key (
  site TEXT NOT NULL REFERENCES site (key) ON DELETE CASCADE,
  kid TEXT NOT NULL,
  alg TEXT NOT NULL,
  key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site, kid)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity (
  site TEXT NOT NULL,
  subject TEXT NOT NULL,
  visitor TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (site, subject),
  UNIQUE (site, visitor),
  FOREIGN KEY (site, visitor) REFERENCES visitor (site, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE login_tries (
  key TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  next_at_ms INTEGER NOT NULL,
  known_until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_tries_by_time ON login_tries (next_at_ms);
`,
};
