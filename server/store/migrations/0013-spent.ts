/**
 * What visitors, network addresses and sites have had stored, by the hour, for the limits of a day: after a restart nobody has a fresh
 * one. Whose it is, is a keyed hash; a row goes a day after its hour.
 */
import type { Migration } from './migration.ts';

export const spent: Migration = {
  version: 13,
  name: 'spent',
  sql: `
CREATE TABLE spent (
  key TEXT NOT NULL,
  hour INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (key, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_by_hour ON spent (hour);
`,
};
