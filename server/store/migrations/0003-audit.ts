/**
 * Who has read or taken out what was written: one row for each time, until the site's period for it has passed. It names the
 * operator (nobody: the admin command) and the visitor (nobody: erased since), and never what was read.
 */
import type { Migration } from './migration.ts';

export const audit: Migration = {
  version: 3,
  name: 'audit',
  sql: `
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  date INTEGER NOT NULL,
  site TEXT NOT NULL,
  operator TEXT,
  visitor TEXT,
  deed TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_date ON audit (site, date);
CREATE INDEX audit_by_visitor ON audit (visitor) WHERE visitor IS NOT NULL;
CREATE INDEX event_by_date ON event (date);
`,
};
