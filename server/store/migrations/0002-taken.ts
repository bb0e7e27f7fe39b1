/**
 * What was taken from caps (mails per day, per hour): one row each until its window ends, so that a restart gives nobody a
 * fresh allowance. Keys are keyed hashes; no address of anybody stands here.
 */
import type { Migration } from './migration.ts';

export const taken: Migration = {
  version: 2,
  name: 'taken',
  sql: `
CREATE TABLE taken (key TEXT NOT NULL, ends_ms INTEGER NOT NULL) STRICT;
CREATE INDEX taken_by_key ON taken (key, ends_ms);
CREATE INDEX taken_by_end ON taken (ends_ms);
`,
};
