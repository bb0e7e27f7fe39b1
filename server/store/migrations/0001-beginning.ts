/**
 * The first shape of the database. A migration is never edited once it was released: what changes later comes as the next
 * number.
 *
 * - Tables are STRICT: a value of the wrong type is refused instead of stored.
 * - What is only read whole (cards, settings, bodies of events) is JSON; what is searched or counted is a column.
 * - Chats and events hang on their visitor, visitors and groups on their site, and go with them. What only names a visitor
 *   (sessions, files, requests) is removed in so many words by `eraseVisitor` and `removeSite`.
 */
import type { Migration } from './migration.ts';

export const beginning: Migration = {
  version: 1,
  name: 'beginning',
  sql: `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE site (
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  origins TEXT NOT NULL,
  settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE refused_origin (
  site TEXT NOT NULL REFERENCES site (key) ON DELETE CASCADE,
  origin TEXT NOT NULL,
  date INTEGER NOT NULL,
  PRIMARY KEY (site, origin)
) STRICT, WITHOUT ROWID;

CREATE TABLE site_group (
  site TEXT NOT NULL REFERENCES site (key) ON DELETE CASCADE,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE operator (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL COLLATE NOCASE UNIQUE,
  card TEXT NOT NULL,
  sites TEXT NOT NULL,
  groups TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  is_revoked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  site TEXT,
  visitor TEXT,
  operator TEXT,
  csrf TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_visitor ON session (visitor) WHERE visitor IS NOT NULL;
CREATE INDEX session_by_operator ON session (operator) WHERE operator IS NOT NULL;
CREATE INDEX session_by_end ON session (expires_at);

-- chats: how many this visitor has begun; numbers the next one, also after old ones were removed.
CREATE TABLE visitor (
  site TEXT NOT NULL REFERENCES site (key) ON DELETE CASCADE,
  id TEXT NOT NULL UNIQUE,
  card TEXT NOT NULL,
  invite TEXT,
  created_at INTEGER NOT NULL,
  chats INTEGER NOT NULL,
  PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

-- is_open: true from the row's first moment, before its chat.started, so that the constraint below has no gap.
CREATE TABLE chat (
  id TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  visitor TEXT NOT NULL,
  number INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  group_id TEXT,
  operator TEXT,
  is_answered INTEGER NOT NULL,
  rating INTEGER,
  retention TEXT,
  read_by_visitor INTEGER NOT NULL,
  read_by_operator INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  closed_at INTEGER,
  UNIQUE (site, visitor, number),
  FOREIGN KEY (site, visitor) REFERENCES visitor (site, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_chat_per_visitor ON chat (site, visitor) WHERE is_open = 1;

CREATE TABLE event (
  chat TEXT NOT NULL REFERENCES chat (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  message_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_id TEXT NOT NULL,
  uid TEXT,
  date INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (chat, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX event_once_per_uid ON event (chat, author_kind, author_id, uid) WHERE uid IS NOT NULL;
CREATE INDEX message_by_place ON event (chat, seq) WHERE kind = 'message.added';

CREATE TABLE command (
  site TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_id TEXT NOT NULL,
  uid TEXT NOT NULL,
  hash TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (site, author_kind, author_id, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE file (
  id TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  visitor TEXT,
  operator TEXT,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  size INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX file_by_visitor ON file (site, visitor);

CREATE TABLE request (
  id TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  visitor TEXT,
  date INTEGER NOT NULL,
  way TEXT NOT NULL,
  request TEXT NOT NULL,
  is_done INTEGER NOT NULL
) STRICT;
CREATE INDEX request_by_date ON request (site, is_done, date);

CREATE TABLE job (
  key TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  site TEXT NOT NULL,
  run_at_ms INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  payload TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX job_by_time ON job (run_at_ms);
`,
};
