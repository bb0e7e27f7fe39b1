/**
 * A try is written down before it begins: how often a job was begun without coming to an end, however that was (a try that ends
 * the whole process says nothing any more). Whatever ends, well or badly, sets it back.
 */
import type { Migration } from './migration.ts';

export const jobBegun: Migration = {
  version: 11,
  name: 'job-begun',
  sql: `ALTER TABLE job ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;`,
};
