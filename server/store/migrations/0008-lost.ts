/**
 * Events that clients know and a restored database does not. A restore notes how far each chat reached then (`restored_seq`;
 * nothing for chats that began later). A client that comes back with more than that has seen lost events.
 */
import type { Migration } from './migration.ts';

export const lost: Migration = {
  version: 8,
  name: 'lost',
  sql: `
ALTER TABLE chat ADD COLUMN restored_seq INTEGER;

-- stored: how far the restored chat reached; nothing if there is no such chat. claimed: how far the client had been told.
CREATE TABLE lost (
  site TEXT NOT NULL,
  visitor TEXT NOT NULL,
  chat TEXT NOT NULL,
  stored INTEGER,
  claimed INTEGER NOT NULL,
  date INTEGER NOT NULL,
  PRIMARY KEY (site, visitor, chat),
  FOREIGN KEY (site, visitor) REFERENCES visitor (site, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX lost_by_date ON lost (date);
`,
};
