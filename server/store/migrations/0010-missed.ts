/** A chat that nobody answered stands among the applications when its visitor has gone: `missed` says which one it was. */
import type { Migration } from './migration.ts';

export const missed: Migration = {
  version: 10,
  name: 'missed',
  sql: `ALTER TABLE request ADD COLUMN missed TEXT;`,
};
