/** The tables as the query builder sees them: one row type each. It knows no noun; each noun's file turns its rows into its types and back. */
import type { Generated } from 'kysely';
import type { AlternateWay } from '../../shared/chat.ts';

export interface Tables {
  meta: { key: string; value: string };
  site: { key: string; name: string; origins: string; settings: string };
  refused_origin: { site: string; origin: string; date: number };
  site_group: { site: string; id: string; name: string; position: number };
  operator: OperatorRow;
  session: SessionRow;
  identity_key: { site: string; kid: string; alg: 'HS256' | 'ES256'; key: string; created_at: number };
  identity: { site: string; subject: string; visitor: string; since: number };
  identity_use: { token: string; session: string; proofs: string; ends_ms: number };
  login_tries: { key: string; failures: number; next_at_ms: number; known_until_ms: number };
  visitor: {
    site: string;
    id: string;
    card: string;
    invite: string | null;
    created_at: number;
    chats: number;
    properties: Generated<string>;
    language: Generated<string | null>;
    ver: Generated<number>;
  };
  chat: ChatRow;
  event: EventRow;
  command: {
    site: string;
    author_kind: string;
    author_id: string;
    uid: string;
    hash: string;
    result: string;
    date: number;
    chat: string | null;
    owner: string;
  };
  file: FileRow;
  request: RequestRow;
  taken: { key: string; ends_ms: number };
  spent: { key: string; hour: number; bytes: number; count: number };
  audit: AuditRow;
  lost: { site: string; visitor: string; chat: string; stored: number | null; claimed: number; date: number };
  confirmation: { site: string; visitor: string; address: string; uid: string; tries: number; ends_ms: number; is_confirmed: number };
  job: {
    key: string;
    kind: 'waiting' | 'invite' | 'mail' | 'upload' | 'scan' | 'away' | 'left';
    site: string;
    run_at_ms: number;
    tries: number;
    begun: number;
    payload: string;
    visitor: string | null;
  };
}

interface AuditRow {
  /** Given by the database. */
  number: Generated<number>;
  date: number;
  site: string;
  operator: string | null;
  visitor: string | null;
  deed: 'open' | 'history' | 'requests' | 'file' | 'export' | 'erase';
}

export interface OperatorRow {
  id: string;
  email: string;
  card: string;
  sites: string;
  groups: string;
  password_hash: string;
  is_revoked: number;
}

export interface SessionRow {
  id: string;
  token_hash: string;
  site: string | null;
  visitor: string | null;
  operator: string | null;
  csrf: string;
  expires_at: number;
  family: string | null;
  refresh: string | null;
  lasts_until: number | null;
}

export interface ChatRow {
  id: string;
  site: string;
  visitor: string;
  number: number;
  is_open: number;
  first_seq: number;
  last_seq: number;
  group_id: string | null;
  operator: string | null;
  is_answered: number;
  rating: number | null;
  retention: AlternateWay | null;
  read_by_visitor: number;
  read_by_operator: number;
  started_at: number;
  closed_at: number | null;
  restored_seq: number | null;
  last_operator: string | null;
  taken: AlternateWay | null;
}

export interface EventRow {
  chat: string;
  seq: number;
  message_id: string;
  kind: string;
  author_kind: string;
  author_id: string;
  uid: string | null;
  date: number;
  body: string;
}

export interface FileRow {
  id: string;
  site: string;
  visitor: string | null;
  operator: string | null;
  name: string;
  type: string;
  size: number;
  created_at: number;
  state: 'clean' | 'quarantined' | 'refused';
  width: number | null;
  height: number | null;
  chat: Generated<string | null>;
}

export interface RequestRow {
  id: string;
  site: string;
  visitor: string | null;
  date: number;
  way: AlternateWay;
  request: string;
  is_done: number;
  missed: string | null;
}
