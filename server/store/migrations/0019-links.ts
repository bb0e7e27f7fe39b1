/**
 * What was searched for in texts becomes a column: the chat in which a file was sent, the visitor whom a job is about. And each
 * visitor's row counts its changes, so that of two reports about it the later one is known.
 *
 * The address of a file ends in its id and its name, between which nothing else stands: a name in an address has no slash.
 */
import type { Migration } from './migration.ts';

/** What stands before and with the last slash of a text. */
const upToSlash = (text: string): string => `rtrim(${text}, replace(${text}, '/', ''))`;

export const links: Migration = {
  version: 19,
  name: 'links',
  sql: `
ALTER TABLE visitor ADD COLUMN ver INTEGER NOT NULL DEFAULT 1;

ALTER TABLE job ADD COLUMN visitor TEXT;
UPDATE job SET visitor = coalesce(payload ->> '$.visitor', (SELECT chat.visitor FROM chat WHERE chat.id = job.payload ->> '$.chat'));
CREATE INDEX job_by_visitor ON job (visitor) WHERE visitor IS NOT NULL;

ALTER TABLE file ADD COLUMN chat TEXT;
WITH message AS (
  SELECT chat.site AS site, chat.id AS chat, event.body ->> '$.file.link' AS link
  FROM event JOIN chat ON chat.id = event.chat WHERE event.kind = 'message.added'
), address AS (
  SELECT site, chat, substr(${upToSlash('link')}, 1, length(${upToSlash('link')}) - 1) AS path FROM message WHERE link IS NOT NULL
), sent AS (
  SELECT site, chat, substr(path, length(${upToSlash('path')}) + 1) AS file FROM address
)
UPDATE file SET chat = sent.chat FROM sent WHERE sent.file = file.id AND sent.site = file.site;
CREATE INDEX file_by_chat ON file (chat) WHERE chat IS NOT NULL;
`,
};
