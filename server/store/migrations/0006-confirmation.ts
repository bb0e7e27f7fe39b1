/**
 * Which mail addresses a visitor has confirmed, or is confirming, with a code that was mailed there. The address is a keyed
 * hash; the code stands nowhere: it is made from the request (`uid`) with the installation's secret.
 */
import type { Migration } from './migration.ts';

export const confirmation: Migration = {
  version: 6,
  name: 'confirmation',
  sql: `
CREATE TABLE confirmation (
  site TEXT NOT NULL,
  visitor TEXT NOT NULL,
  address TEXT NOT NULL,
  uid TEXT NOT NULL,
  tries INTEGER NOT NULL,
  ends_ms INTEGER NOT NULL,
  is_confirmed INTEGER NOT NULL,
  PRIMARY KEY (site, visitor, address),
  FOREIGN KEY (site, visitor) REFERENCES visitor (site, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
`,
};
