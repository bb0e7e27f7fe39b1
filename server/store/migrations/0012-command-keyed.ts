/**
 * A remembered command gets a date, a chat and the site whose period it goes with; its hash gets a key. A hash that anybody can
 * compute gives short texts (a telephone number) away by guessing. `keyed` is the program's own function, which knows the
 * installation's secret.
 *
 * An older row without a known date counts from now; one without a known chat belongs to nobody in particular.
 */
import type { Migration } from './migration.ts';

export const commandKeyed: Migration = {
  version: 12,
  name: 'command-keyed',
  sql: `
ALTER TABLE command ADD COLUMN date INTEGER NOT NULL DEFAULT 0;
ALTER TABLE command ADD COLUMN chat TEXT;
-- Operators serve several sites: theirs stand under none (site), and go with the chat's (owner).
ALTER TABLE command ADD COLUMN owner TEXT NOT NULL DEFAULT '';
UPDATE command SET
  hash = CASE hash WHEN '' THEN '' ELSE keyed(hash) END,
  date = coalesce(result ->> '$.date', unixepoch()),
  chat = result ->> '$.chat';
UPDATE command SET owner = CASE site WHEN '' THEN coalesce((SELECT chat.site FROM chat WHERE chat.id = command.chat), '') ELSE site END;
CREATE INDEX command_by_date ON command (owner, date);
CREATE INDEX command_by_chat ON command (chat) WHERE chat IS NOT NULL;
`,
};
