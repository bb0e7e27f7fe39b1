/**
 * PostgreSQL's first step: at once the shape to which SQLite came step by step. Later steps are numbered alike and have a text for each.
 *
 * - Texts are compared byte by byte, as SQLite does: the order of a page must not depend on the machine's language.
 * - JSON is text: `jsonb` would refuse characters that a text may hold.
 * - Dates and times, bytes and sums are `bigint`; what counts within a chat is `integer`.
 */
import type { PostgresMigration } from './migration.ts';

export const postgresBeginning: PostgresMigration = {
  version: 19,
  name: 'postgres-beginning',
  postgres: `
CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);

-- The server that has this database now, for people; that it is the only one, a lock says.
CREATE TABLE node (id text PRIMARY KEY, host text NOT NULL, process integer NOT NULL, seen_at_ms bigint NOT NULL);

CREATE TABLE site (key text PRIMARY KEY, name text NOT NULL, origins text NOT NULL, settings text NOT NULL);

CREATE TABLE refused_origin (
  site text NOT NULL REFERENCES site (key) ON DELETE CASCADE,
  origin text NOT NULL,
  date bigint NOT NULL,
  PRIMARY KEY (site, origin)
);

CREATE TABLE site_group (
  site text NOT NULL REFERENCES site (key) ON DELETE CASCADE,
  id text NOT NULL,
  name text NOT NULL,
  position integer NOT NULL,
  PRIMARY KEY (site, id)
);

CREATE TABLE operator (
  id text PRIMARY KEY,
  email text NOT NULL,
  card text NOT NULL,
  sites text NOT NULL,
  groups text NOT NULL,
  password_hash text NOT NULL,
  is_revoked integer NOT NULL
);
CREATE UNIQUE INDEX operator_by_email ON operator (lower(email));

CREATE TABLE session (
  id text PRIMARY KEY,
  token_hash text NOT NULL UNIQUE,
  site text,
  visitor text,
  operator text,
  csrf text NOT NULL,
  expires_at bigint NOT NULL,
  family text,
  refresh text,
  lasts_until bigint
);
CREATE INDEX session_by_visitor ON session (visitor) WHERE visitor IS NOT NULL;
CREATE INDEX session_by_operator ON session (operator) WHERE operator IS NOT NULL;
CREATE INDEX session_by_end ON session (expires_at);
CREATE UNIQUE INDEX session_by_family ON session (family) WHERE family IS NOT NULL;

CREATE TABLE identity_use (
  token text PRIMARY KEY,
  session text NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  proofs text NOT NULL,
  ends_ms bigint NOT NULL
);
CREATE INDEX identity_use_by_session ON identity_use (session);

CREATE TABLE login_tries (
  key text PRIMARY KEY,
  failures integer NOT NULL,
  next_at_ms bigint NOT NULL,
  known_until_ms bigint NOT NULL
);
CREATE INDEX login_tries_by_time ON login_tries (next_at_ms);

CREATE TABLE identity_key (
  site text NOT NULL REFERENCES site (key) ON DELETE CASCADE,
  kid text NOT NULL,
  alg text NOT NULL,
  key text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (site, kid)
);

-- chats: how many this visitor has begun; numbers the next one, also after old ones were removed.
CREATE TABLE visitor (
  site text NOT NULL REFERENCES site (key) ON DELETE CASCADE,
  id text NOT NULL UNIQUE,
  card text NOT NULL,
  invite text,
  created_at bigint NOT NULL,
  chats integer NOT NULL,
  properties text NOT NULL DEFAULT '[]',
  language text,
  ver integer NOT NULL DEFAULT 1,
  PRIMARY KEY (site, id)
);

CREATE TABLE identity (
  site text NOT NULL,
  subject text NOT NULL,
  visitor text NOT NULL,
  since bigint NOT NULL,
  PRIMARY KEY (site, subject),
  UNIQUE (site, visitor),
  FOREIGN KEY (site, visitor) REFERENCES visitor (site, id) ON DELETE CASCADE
);

CREATE TABLE confirmation (
  site text NOT NULL,
  visitor text NOT NULL,
  address text NOT NULL,
  uid text NOT NULL,
  tries integer NOT NULL,
  ends_ms bigint NOT NULL,
  is_confirmed integer NOT NULL,
  PRIMARY KEY (site, visitor, address),
  FOREIGN KEY (site, visitor) REFERENCES visitor (site, id) ON DELETE CASCADE
);

-- is_open: true from the row's first moment, before its chat.started, so that the constraint below has no gap.
CREATE TABLE chat (
  id text PRIMARY KEY,
  site text NOT NULL,
  visitor text NOT NULL,
  number integer NOT NULL,
  is_open integer NOT NULL,
  first_seq integer NOT NULL,
  last_seq integer NOT NULL,
  group_id text,
  operator text,
  is_answered integer NOT NULL,
  rating integer,
  retention text,
  read_by_visitor integer NOT NULL,
  read_by_operator integer NOT NULL,
  started_at bigint NOT NULL,
  closed_at bigint,
  restored_seq integer,
  last_operator text,
  taken text,
  UNIQUE (site, visitor, number),
  FOREIGN KEY (site, visitor) REFERENCES visitor (site, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX one_open_chat_per_visitor ON chat (site, visitor) WHERE is_open = 1;
CREATE INDEX chat_by_start ON chat (site, started_at);

CREATE TABLE event (
  chat text NOT NULL REFERENCES chat (id) ON DELETE CASCADE,
  seq integer NOT NULL,
  message_id text NOT NULL UNIQUE,
  kind text NOT NULL,
  author_kind text NOT NULL,
  author_id text NOT NULL,
  uid text,
  date bigint NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (chat, seq)
);
CREATE UNIQUE INDEX event_once_per_uid ON event (chat, author_kind, author_id, uid) WHERE uid IS NOT NULL;
CREATE INDEX event_by_date ON event (date);

CREATE TABLE lost (
  site text NOT NULL,
  visitor text NOT NULL,
  chat text NOT NULL,
  stored integer,
  claimed integer NOT NULL,
  date bigint NOT NULL,
  PRIMARY KEY (site, visitor, chat),
  FOREIGN KEY (site, visitor) REFERENCES visitor (site, id) ON DELETE CASCADE
);
CREATE INDEX lost_by_date ON lost (date);

CREATE TABLE command (
  site text NOT NULL,
  author_kind text NOT NULL,
  author_id text NOT NULL,
  uid text NOT NULL,
  hash text NOT NULL,
  result text NOT NULL,
  date bigint NOT NULL,
  chat text,
  owner text NOT NULL,
  PRIMARY KEY (site, author_kind, author_id, uid)
);
CREATE INDEX command_by_date ON command (owner, date);
CREATE INDEX command_by_chat ON command (chat) WHERE chat IS NOT NULL;

CREATE TABLE file (
  id text PRIMARY KEY,
  site text NOT NULL,
  visitor text,
  operator text,
  name text NOT NULL,
  type text NOT NULL,
  size bigint NOT NULL,
  created_at bigint NOT NULL,
  state text NOT NULL DEFAULT 'clean',
  width integer,
  height integer,
  chat text
);
CREATE INDEX file_by_visitor ON file (site, visitor);
CREATE INDEX file_by_chat ON file (chat) WHERE chat IS NOT NULL;

CREATE TABLE request (
  id text PRIMARY KEY,
  site text NOT NULL,
  visitor text,
  date bigint NOT NULL,
  way text NOT NULL,
  request text NOT NULL,
  is_done integer NOT NULL,
  missed text
);
CREATE INDEX request_by_date ON request (site, is_done, date);
CREATE INDEX request_by_visitor ON request (site, visitor, date) WHERE visitor IS NOT NULL;

CREATE TABLE job (
  key text PRIMARY KEY,
  kind text NOT NULL,
  site text NOT NULL,
  run_at_ms bigint NOT NULL,
  tries integer NOT NULL,
  begun integer NOT NULL DEFAULT 0,
  payload text NOT NULL,
  visitor text
);
CREATE INDEX job_by_time ON job (run_at_ms);
CREATE INDEX job_by_visitor ON job (visitor) WHERE visitor IS NOT NULL;

CREATE TABLE taken (key text NOT NULL, ends_ms bigint NOT NULL);
CREATE INDEX taken_by_key ON taken (key, ends_ms);
CREATE INDEX taken_by_end ON taken (ends_ms);

CREATE TABLE spent (key text NOT NULL, hour integer NOT NULL, bytes bigint NOT NULL, count bigint NOT NULL, PRIMARY KEY (key, hour));
CREATE INDEX spent_by_hour ON spent (hour);

CREATE TABLE audit (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  date bigint NOT NULL,
  site text NOT NULL,
  operator text,
  visitor text,
  deed text NOT NULL
);
CREATE INDEX audit_by_date ON audit (site, date);
CREATE INDEX audit_by_visitor ON audit (visitor) WHERE visitor IS NOT NULL;
`.replaceAll(' text', ' text COLLATE "C"'),
};
