/** An operator's session is prolonged while it is used: `expires_at` moves on, `lasts_until` is how far at most. */
import type { Migration } from './migration.ts';

export const operatorUse: Migration = {
  version: 9,
  name: 'operator-use',
  sql: `ALTER TABLE session ADD COLUMN lasts_until INTEGER;`,
};
