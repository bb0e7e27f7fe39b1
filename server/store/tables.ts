/**
 * The tables as the query builder sees them, and how a row becomes one of the chat's own nouns and back. The only place
 * that knows both; the JSON in a row was written by this same file, so it is read without suspicion.
 */
import type { Generated, Selectable } from 'kysely';
import type { AlternateWay, Author, ChatEvent, ChatSummary, OperatorCard } from '../../shared/chat.ts';
import type { CommandResult } from '../../shared/wire/protocol.ts';
import { parseSettings } from '../../shared/settings.ts';
import type {
  AuditEntry,
  ChatRecord,
  IdentityKey,
  IdentityUse,
  Job,
  Lost,
  NewEvent,
  Operator,
  RefreshLine,
  Site,
  Spent,
  StoredFile,
  StoredRequest,
  StoredSession,
  Visitor,
} from './store.ts';

export interface Tables {
  meta: { key: string; value: string };
  site: { key: string; name: string; origins: string; settings: string };
  refused_origin: { site: string; origin: string; date: number };
  site_group: { site: string; id: string; name: string; position: number };
  operator: OperatorRow;
  session: SessionRow;
  identity_key: { site: string; kid: string; alg: IdentityKey['alg']; key: string; created_at: number };
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
  spent: Spent;
  audit: AuditRow;
  lost: Lost;
  confirmation: { site: string; visitor: string; address: string; uid: string; tries: number; ends_ms: number; is_confirmed: number };
  job: { key: string; kind: Job['kind']; site: string; run_at_ms: number; tries: number; begun: number; payload: string };
}

interface AuditRow extends AuditEntry {
  /** Given by the database. */
  number: Generated<number>;
}

interface OperatorRow {
  id: string;
  email: string;
  card: string;
  sites: string;
  groups: string;
  password_hash: string;
  is_revoked: number;
}

interface SessionRow {
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

interface FileRow {
  id: string;
  site: string;
  visitor: string | null;
  operator: string | null;
  name: string;
  type: string;
  size: number;
  created_at: number;
  state: StoredFile['state'];
}

interface RequestRow {
  id: string;
  site: string;
  visitor: string | null;
  date: number;
  way: AlternateWay;
  request: string;
  is_done: number;
  missed: string | null;
}

/** The edge to the database: what stands in a JSON column is what this program once put there. */
function fromJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

export function originsOf(row: Pick<Tables['site'], 'origins'>): string[] {
  return fromJson<string[]>(row.origins);
}

/** Stored settings may be older than the schema: parsing fills in what was added since. */
export function toSite(row: Tables['site'], refused: Site['refused']): Site {
  return {
    key: row.key,
    name: row.name,
    origins: originsOf(row),
    settings: parseSettings(JSON.parse(row.settings)),
    refused,
  };
}

export function fromSite(site: Omit<Site, 'refused'>): Tables['site'] {
  return { key: site.key, name: site.name, origins: JSON.stringify(site.origins), settings: JSON.stringify(site.settings) };
}

export function toIdentityUse({ token, session, proofs, ends_ms }: Tables['identity_use']): IdentityUse {
  return { token, session, proofs: fromJson<string[]>(proofs), endsMs: ends_ms };
}

export function toOperator(row: OperatorRow): Operator {
  return {
    id: row.id,
    email: row.email,
    card: fromJson<OperatorCard>(row.card),
    sites: fromJson<string[]>(row.sites),
    groups: fromJson<string[]>(row.groups),
    passwordHash: row.password_hash,
    isRevoked: row.is_revoked === 1,
  };
}

export function fromOperator(operator: Operator): OperatorRow {
  return {
    id: operator.id,
    email: operator.email,
    card: JSON.stringify(operator.card),
    sites: JSON.stringify(operator.sites),
    groups: JSON.stringify(operator.groups),
    password_hash: operator.passwordHash,
    is_revoked: operator.isRevoked ? 1 : 0,
  };
}

export function toSession(row: SessionRow): StoredSession {
  return {
    id: row.id,
    tokenHash: row.token_hash,
    site: row.site,
    visitor: row.visitor,
    operator: row.operator,
    csrf: row.csrf,
    expiresAt: row.expires_at,
    ...(row.lasts_until !== null && { lastsUntil: row.lasts_until }),
    ...(row.refresh !== null && { refresh: fromJson<RefreshLine>(row.refresh) }),
  };
}

export function fromSession(session: StoredSession): SessionRow {
  return {
    id: session.id,
    token_hash: session.tokenHash,
    site: session.site,
    visitor: session.visitor,
    operator: session.operator,
    csrf: session.csrf,
    expires_at: session.expiresAt,
    family: session.refresh?.family ?? null,
    refresh: session.refresh === undefined ? null : JSON.stringify(session.refresh),
    lasts_until: session.lastsUntil ?? null,
  };
}

export function toVisitor(row: Selectable<Tables['visitor']>): Visitor {
  return {
    id: row.id,
    site: row.site,
    card: fromJson<Visitor['card']>(row.card),
    properties: fromJson<Visitor['properties']>(row.properties),
    invite: row.invite === null ? null : fromJson<Visitor['invite']>(row.invite),
    createdAt: row.created_at,
  };
}

/** A row without its first event is open for the constraint, but not yet for the fold. */
export function toChat(row: ChatRow): ChatRecord {
  return {
    site: row.site,
    visitor: row.visitor,
    summary: {
      id: row.id,
      number: row.number,
      isOpen: row.is_open === 1 && row.last_seq > 0,
      firstSeq: row.first_seq,
      lastSeq: row.last_seq,
      group: row.group_id,
      operator: row.operator === null ? null : fromJson<ChatSummary['operator']>(row.operator),
      isAnswered: row.is_answered === 1,
      rating: row.rating,
      retention: row.retention,
      readByVisitor: row.read_by_visitor,
      readByOperator: row.read_by_operator,
      startedAt: row.started_at,
      closedAt: row.closed_at,
    },
  };
}

/** What folding an event may change. Seq and read markers are the database's own and not written from here. */
export function fromFold(summary: ChatSummary): Partial<ChatRow> {
  return {
    is_open: summary.isOpen ? 1 : 0,
    group_id: summary.group,
    operator: summary.operator === null ? null : JSON.stringify(summary.operator),
    is_answered: summary.isAnswered ? 1 : 0,
    rating: summary.rating,
    retention: summary.retention,
    started_at: summary.startedAt,
    closed_at: summary.closedAt,
  };
}

export function toEvent(row: EventRow): ChatEvent {
  const { chat, seq, message_id, kind, uid, date } = row;
  return { ...fromJson<object>(row.body), kind, chat, seq, message_id, uid, date } as ChatEvent;
}

/** `''` for whoever has none: an automatic invitation's operator, a visitor (there is one in a chat), the system. */
export function authorId(author: Author): string {
  return author.kind === 'operator' ? (author.id ?? '') : '';
}

export function fromEvent(chat: string, seq: number, message_id: string, date: number, event: NewEvent): EventRow {
  const { kind, uid, ...body } = event;
  return {
    chat,
    seq,
    message_id,
    kind,
    author_kind: event.author.kind,
    author_id: authorId(event.author),
    uid,
    date,
    body: JSON.stringify(body),
  };
}

export function toResult(text: string): CommandResult {
  return fromJson<CommandResult>(text);
}

export function toFile(row: FileRow): StoredFile {
  const { created_at, ...file } = row;
  return { ...file, createdAt: created_at };
}

export function fromFile(file: StoredFile): FileRow {
  const { createdAt, ...row } = file;
  return { ...row, created_at: createdAt };
}

export function toRequest(row: RequestRow): StoredRequest {
  const { is_done, request, missed, ...rest } = row;
  return {
    ...rest,
    request: fromJson<StoredRequest['request']>(request),
    isDone: is_done === 1,
    ...(missed !== null && { missed: fromJson<NonNullable<StoredRequest['missed']>>(missed) }),
  };
}

export function fromRequest(stored: StoredRequest): RequestRow {
  const { isDone, request, missed, ...rest } = stored;
  return {
    ...rest,
    request: JSON.stringify(request),
    is_done: isDone ? 1 : 0,
    missed: missed === undefined ? null : JSON.stringify(missed),
  };
}

export function toJob({ begun: _, run_at_ms, payload, ...rest }: Tables['job']): Job {
  return { ...rest, runAtMs: run_at_ms, payload: fromJson<unknown>(payload) };
}

export function fromJob(job: Job): Tables['job'] {
  const { runAtMs, payload, ...rest } = job;
  // A job that is put is a job that has not been begun.
  return { ...rest, run_at_ms: Math.round(runAtMs), begun: 0, payload: JSON.stringify(payload ?? null) };
}
