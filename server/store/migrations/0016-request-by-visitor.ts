/** A visitor's own requests are found without reading those of others: the conversation shows when they were left. */
import type { Migration } from './migration.ts';

export const requestByVisitor: Migration = {
  version: 16,
  name: 'request-by-visitor',
  sql: `CREATE INDEX request_by_visitor ON request (site, visitor, date) WHERE visitor IS NOT NULL;`,
};
