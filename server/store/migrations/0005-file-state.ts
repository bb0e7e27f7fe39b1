/** Whether a file may be given out: `clean`, `quarantined` until a scanner has looked at it, `refused` for good. */
import type { Migration } from './migration.ts';

export const fileState: Migration = {
  version: 5,
  name: 'file-state',
  sql: `ALTER TABLE file ADD COLUMN state TEXT NOT NULL DEFAULT 'clean';`,
};
