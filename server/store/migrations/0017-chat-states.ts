/**
 * What the visitor's next step depends on: who joined the chat last, as JSON with id and name, and the other way that the visitor has
 * taken. The index finds a site's latest chats, from which the usual time of an answer is computed.
 */
import type { Migration } from './migration.ts';

export const chatStates: Migration = {
  version: 17,
  name: 'chat-states',
  sql: `
ALTER TABLE chat ADD COLUMN last_operator TEXT;
ALTER TABLE chat ADD COLUMN taken TEXT;
UPDATE chat SET last_operator = (
  SELECT json_object('id', json_extract(body, '$.operator'), 'name', json_extract(body, '$.card.name'))
  FROM event WHERE event.chat = chat.id AND event.kind = 'operator.joined' ORDER BY event.seq DESC LIMIT 1
);
CREATE INDEX chat_by_start ON chat (site, started_at);
`,
};
