/** What a customer's page tells operators of a visitor who has acted: pairs of name and value as JSON, oldest first. */
import type { Migration } from './migration.ts';

export const properties: Migration = {
  version: 14,
  name: 'properties',
  sql: `ALTER TABLE visitor ADD COLUMN properties TEXT NOT NULL DEFAULT '[]';`,
};
