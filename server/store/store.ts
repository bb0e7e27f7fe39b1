/**
 * The store: what must survive a restart, in the chat's own words. It knows no sockets and decides nothing; whether
 * something is allowed is the room's business. SQLite stands behind it now; the contract suite (`store.contract.ts`)
 * is what another database would have to pass.
 *
 * Every read and write names the site, so that no query can cross one by mistake. Dates are unix seconds unless the
 * name says `Ms`.
 */
import type {
  AlternateWay,
  CardChange,
  CardCorrection,
  ChatEvent,
  ChatId,
  ChatSummary,
  Invite,
  MessageAdded,
  OfflineRequest,
  OperatorCard,
  OperatorId,
  SiteKey,
  Uid,
  UnixSeconds,
  VisitorCard,
  VisitorId,
} from '../../shared/chat.ts';
import type { CommandResult, HistoryCursor, HistoryPage } from '../../shared/wire/protocol.ts';
import type { RequestCounts, RequestCursor } from '../../shared/wire/workplace.ts';
import type { SiteSettings } from '../../shared/settings.ts';
import type { MissedChat } from '../../shared/wire/workplace.ts';
import type { Properties, PropertyChange } from '../../shared/properties.ts';

export interface Site {
  key: SiteKey;
  name: string;
  /** Exact origins, scheme and port included, that may embed the frame. */
  origins: string[];
  settings: SiteSettings;
  /** The last embedders that were refused, newest first, for `admin site list`. */
  refused: { origin: string; date: UnixSeconds }[];
}

export interface Group {
  site: SiteKey;
  id: string;
  name: string;
}

export interface Operator {
  id: OperatorId;
  email: string;
  card: OperatorCard;
  /** Sites this operator serves; empty means all, also later ones. */
  sites: SiteKey[];
  /** Groups this operator answers for, `site/group`; empty means all. */
  groups: string[];
  passwordHash: string;
  isRevoked: boolean;
}

/** An invitation and its end. `operator` is who wrote it and joins when it is accepted; absent for the automatic one. */
export type StandingInvite = Invite & { expires: UnixSeconds; operator?: OperatorId };

/** A visitor who has acted. */
export interface Visitor {
  id: VisitorId;
  site: SiteKey;
  card: VisitorCard;
  /** What the customer's page has told of the visitor. */
  properties: Properties;
  /** The invitation that stands, so that it outlives a reload and a restart; expired ones count as none. */
  invite: StandingInvite | null;
  createdAt: UnixSeconds;
}

/** A visitor's or operator's session: only the SHA-256 of its token is kept. */
export interface StoredSession {
  id: string;
  tokenHash: string;
  site: SiteKey | null;
  visitor: VisitorId | null;
  operator: OperatorId | null;
  csrf: string;
  expiresAt: UnixSeconds;
  /** An operator's: how far it can be prolonged by being used. Absent: not at all. */
  lastsUntil?: UnixSeconds;
  /** A visitor's: how the present token came to be. Absent in sessions that are older than this. */
  refresh?: RefreshLine;
}

/** The line of a visitor's refresh tokens. The present one's hash is the session's `tokenHash`. */
export interface RefreshLine {
  /** What all tokens of the line begin with; never told to a page. */
  family: string;
  issuedAt: UnixSeconds;
  /** Hashes of earlier ones that are still good, because no later one has been used yet. */
  superseded: string[];
  /** When tokens were last put out of use; 0 if none were. */
  retiredAt: UnixSeconds;
}

/** A key of the customer's server, for tokens that say who a visitor is. The algorithm belongs to the key. */
export interface IdentityKey {
  site: SiteKey;
  kid: string;
  alg: 'HS256' | 'ES256';
  /** The shared secret, or the public key as PEM. */
  key: string;
  createdAt: UnixSeconds;
}

/** What became of a customer's token: whoever shows one of these hashes again is the one who was answered. */
export interface IdentityUse {
  /** A keyed hash. */
  token: string;
  session: string;
  proofs: string[];
  endsMs: number;
}

/** How often a password was tried in vain, and when the next try is looked at. */
export interface LoginTries {
  failures: number;
  nextAtMs: number;
  /** Until then whoever is behind the key counts as known: the right password came from there. */
  knownUntilMs: number;
}

/** A chat with its owner, as the room works on it. */
export interface ChatRecord {
  site: SiteKey;
  visitor: VisitorId;
  summary: ChatSummary;
}

/** Who gave a command; together with the uid it is the idempotency key, for as long as messages of its time are kept. */
export interface CommandAuthor {
  site: SiteKey;
  kind: 'visitor' | 'operator';
  id: string;
}

export interface RememberedCommand {
  /** A keyed hash of the command without its uid: the same uid with another body is refused. */
  hash: string;
  result: CommandResult;
}

export interface StoredFile {
  /** 128 bits of chance: the capability in the file's address. */
  id: string;
  site: SiteKey;
  /** Who uploaded it; only they can send it. */
  visitor: VisitorId | null;
  operator: OperatorId | null;
  name: string;
  type: string;
  size: number;
  createdAt: UnixSeconds;
  /** Only a clean one is given out; of a refused one there is nothing but this row. */
  state: 'clean' | 'quarantined' | 'refused';
}

/** How often something may be done in a sliding window. The key says no more than it must: it is stored. */
export interface Cap {
  key: string;
  most: number;
  windowMs: number;
}

/** What somebody has had stored in one hour. The key is a keyed hash. */
export interface Spent {
  key: string;
  /** Hours since 1970. */
  hour: number;
  bytes: number;
  count: number;
}

/**
 * Work that survives a restart. At most one per `key`; a newer one with the same key replaces it. What is about a visitor names the
 * visitor in key or payload, so that erasing finds it.
 */
export interface Job {
  key: string;
  kind: 'waiting' | 'invite' | 'mail' | 'upload' | 'scan' | 'away' | 'left';
  site: SiteKey;
  runAtMs: number;
  tries: number;
  payload: unknown;
}

/** A job whose time has come. */
export interface DueJob extends Job {
  /** Tries that were begun and of which nothing was heard again: the process ended with them. */
  begun: number;
}

export interface StoredRequest {
  id: string;
  site: SiteKey;
  visitor: VisitorId | null;
  date: UnixSeconds;
  way: AlternateWay;
  request: OfflineRequest;
  isDone: boolean;
  missed?: MissedChat;
}

/**
 * That somebody has read or taken out what a visitor wrote. `open`: a conversation; `history`: a page further back; `requests`:
 * the applications of a site; `file`: a file that was sent; `export`, `erase`: all there is about a visitor.
 */
export interface AuditEntry {
  date: UnixSeconds;
  site: SiteKey;
  /** `null`: the admin command. */
  operator: OperatorId | null;
  /** `null`: nobody in particular, or erased since. */
  visitor: VisitorId | null;
  deed: 'open' | 'history' | 'requests' | 'file' | 'export' | 'erase';
}

/** A chat of which somebody was told more, before a restore, than the restored database has. */
export interface Lost {
  site: SiteKey;
  visitor: VisitorId;
  chat: ChatId;
  /** How far the restored chat reached; `null` if there is no such chat. */
  stored: number | null;
  /** How far the client says it was told. */
  claimed: number;
  date: UnixSeconds;
}

/** A visitor's chat that has lost its beginning, because it was too old to be kept. */
export interface Shortened {
  visitor: VisitorId;
  chat: ChatId;
}

/** A mail address that a visitor has confirmed, or is confirming. `address` is a keyed hash. */
export interface Confirmation {
  site: SiteKey;
  visitor: VisitorId;
  address: string;
  /** The request whose code was mailed last. */
  uid: Uid;
  /** Wrong codes since. */
  tries: number;
  endsMs: number;
  isConfirmed: boolean;
}

/** Questions. Inside a transaction they see its own writes. Absent and foreign give the same `undefined`. */
export interface Reader {
  sites(): Promise<Site[]>;
  /** Keys alone, for whoever only asks where to look: their settings are long. */
  siteKeys(): Promise<SiteKey[]>;
  site(key: SiteKey): Promise<Site | undefined>;
  /** Whether somebody can come from it: it exists and has an origin. Without its settings, because every command asks. */
  isOpen(site: SiteKey): Promise<boolean>;
  /** Its exact origins; none of a site that does not exist. */
  origins(site: SiteKey): Promise<string[]>;
  groups(site: SiteKey): Promise<Group[]>;
  operators(): Promise<Operator[]>;
  operator(id: OperatorId): Promise<Operator | undefined>;
  operatorByEmail(email: string): Promise<Operator | undefined>;
  /** The unexpired session of a token. */
  sessionByToken(tokenHash: string, now: UnixSeconds): Promise<StoredSession | undefined>;
  session(id: string, now: UnixSeconds): Promise<StoredSession | undefined>;
  /** The unexpired session whose tokens begin with this. */
  sessionByFamily(family: string, now: UnixSeconds): Promise<StoredSession | undefined>;
  sessionsOf(site: SiteKey, visitor: VisitorId): Promise<StoredSession[]>;
  /** When the last unexpired session of an operator ends; `undefined` if there is none. */
  operatorSessionsEnd(operator: OperatorId, now: UnixSeconds): Promise<UnixSeconds | undefined>;

  identityKeys(site: SiteKey): Promise<IdentityKey[]>;
  /** The visitor that signed tokens call by this subject (a hash of it). */
  identified(site: SiteKey, subject: string): Promise<VisitorId | undefined>;
  /** Since when a visitor has been known by a signed token. */
  identifiedSince(site: SiteKey, visitor: VisitorId): Promise<UnixSeconds | undefined>;
  /** Until it ends, or its session does. */
  identityUse(token: string, nowMs: number): Promise<IdentityUse | undefined>;
  loginTries(key: string): Promise<LoginTries | undefined>;

  visitor(site: SiteKey, id: VisitorId): Promise<Visitor | undefined>;
  /** For the admin command alone, whose user names a visitor without the site. No connection may ask this. */
  visitorAnywhere(id: VisitorId): Promise<Visitor | undefined>;
  chat(site: SiteKey, id: ChatId): Promise<ChatRecord | undefined>;
  openChatOf(site: SiteKey, visitor: VisitorId): Promise<ChatRecord | undefined>;
  /** The newest chat, open or closed. */
  lastChatOf(site: SiteKey, visitor: VisitorId): Promise<ChatRecord | undefined>;
  /** Of all sites, by id, a page at a time (`everyOne` asks on). */
  openChats(after?: ChatId): Promise<ChatRecord[]>;
  /** A visitor's chats with a number beyond `after`, oldest first, a page at a time. */
  chatsOf(site: SiteKey, visitor: VisitorId, after?: number): Promise<ChatRecord[]>;
  /** Events with `seq > after`, in order; of more than `mostBytes` only the first that fit, and always one. */
  eventsAfter(site: SiteKey, chat: ChatId, after: number, limit: number, mostBytes?: number): Promise<ChatEvent[]>;
  /** The newest messages of one chat with `seq < before` (all, if `null`), newest first. */
  messagesBefore(site: SiteKey, chat: ChatId, before: number | null, limit: number): Promise<MessageAdded[]>;
  /**
   * One page of the visitor's messages over all chats, strictly before `before` (newest if `null`), oldest first. Of more than
   * `mostBytes` only the newest that fit, and always one.
   */
  history(site: SiteKey, visitor: VisitorId, before: HistoryCursor | null, limit: number, mostBytes?: number): Promise<HistoryPage>;
  /** With `by`, the last of this author. */
  lastMessage(site: SiteKey, chat: ChatId, by?: 'visitor'): Promise<string | undefined>;
  /** Whether an operator has ever joined it, as far back as it is kept. */
  wasJoined(site: SiteKey, chat: ChatId): Promise<boolean>;
  /** The event in which an operator joined or left a chat last. */
  lastTurn(site: SiteKey, chat: ChatId): Promise<ChatEvent | undefined>;
  /** Visitor messages with `seq > after`. */
  countVisitorMessages(site: SiteKey, chat: ChatId, after: number): Promise<number>;
  remembered(author: CommandAuthor, uid: Uid): Promise<RememberedCommand | undefined>;
  file(id: string): Promise<StoredFile | undefined>;
  /** What this visitor uploaded, oldest first; with `null` all files of the site. */
  filesOf(site: SiteKey, visitor: VisitorId | null): Promise<StoredFile[]>;
  /** The same by id, a page at a time. */
  filesAfter(site: SiteKey, visitor: VisitorId | null, after: string): Promise<StoredFile[]>;
  /** Where the files lie that were sent in a chat: the addresses in its messages with `seq > after`, a page at a time. */
  fileLinksAfter(site: SiteKey, chat: ChatId, after: number): Promise<{ seq: number; link: string }[]>;
  /** Of some sites, behind a place in the list (from its beginning, if `null`): those still to be done first, then newest first. */
  requestsAfter(sites: readonly SiteKey[], after: RequestCursor | null, limit: number): Promise<StoredRequest[]>;
  countRequests(sites: readonly SiteKey[]): Promise<RequestCounts>;
  /** Those still to be done first, then newest first. */
  requests(site: SiteKey, limit: number): Promise<StoredRequest[]>;
  /** A visitor's, by id, a page at a time. */
  requestsOf(site: SiteKey, visitor: VisitorId, after?: string): Promise<StoredRequest[]>;
  /** Those that were never cut off first, then by their time. */
  dueJobs(nowMs: number, limit: number): Promise<DueJob[]>;
  job(key: string): Promise<Job | undefined>;
  /** Of one kind, due or not, by their keys, a page at a time. */
  jobs(kind: Job['kind'], after?: string): Promise<Job[]>;
  confirmation(site: SiteKey, visitor: VisitorId, address: string): Promise<Confirmation | undefined>;
  /** Newest first, those numbered lower than `before`; of one site or visitor, or of all. */
  audit(of: { site?: SiteKey; visitor?: VisitorId }, limit: number, before?: number): Promise<(AuditEntry & { number: number })[]>;
  countAudit(of: { site?: SiteKey; visitor?: VisitorId }): Promise<number>;
  /**
   * How far this visitor's chat reached when the database was restored; `null` if there is no such chat now, `undefined` if it is
   * somebody else's or has begun since.
   */
  restoredSeq(site: SiteKey, visitor: VisitorId, chat: ChatId): Promise<number | null | undefined>;
  /** What a restore has lost, as clients have shown, newest first; of one site or visitor, or of all. */
  lost(of: { site?: SiteKey; visitor?: VisitorId }, limit: number): Promise<Lost[]>;
  countLost(of: { site?: SiteKey; visitor?: VisitorId }): Promise<number>;
  /** The chat in which a file was sent. */
  chatOfFile(file: Pick<StoredFile, 'site' | 'id' | 'createdAt'>): Promise<ChatRecord | undefined>;
  /** Uploaded before that moment, oldest first. */
  filesBefore(site: SiteKey, before: UnixSeconds, limit: number): Promise<StoredFile[]>;
  /** Visitors of before that moment of whom nothing is kept but a card: no chat, no application. */
  emptyVisitors(site: SiteKey, before: UnixSeconds, limit: number): Promise<VisitorId[]>;
  /** Jobs that name one of these (a visitor, a chat, a file) in key or payload. */
  jobsNaming(ids: readonly string[]): Promise<Job[]>;
  /** In the hours after this one. */
  spent(key: string, afterHour: number): Promise<Spent[]>;
  /** Of when the newest is that is stored; `undefined`: nothing is. */
  newestAt(): Promise<UnixSeconds | undefined>;
  /** When the next job is due, if there is one. */
  nextJobAtMs(): Promise<number | undefined>;
}

/** An event before the store has given it its place. */
export type NewEvent = ChatEvent extends infer E ? (E extends ChatEvent ? Omit<E, 'chat' | 'seq' | 'message_id' | 'date'> : never) : never;

/** One transaction: all of it, or nothing. */
export interface Transaction extends Reader {
  saveSite(site: Omit<Site, 'refused'>): Promise<void>;
  /** With everything that belongs to it: groups, visitors, chats, sessions, requests, jobs, files' rows (not their bytes). */
  removeSite(key: SiteKey): Promise<void>;
  noteRefused(site: SiteKey, origin: string, date: UnixSeconds): Promise<void>;
  saveGroup(group: Group): Promise<void>;
  /** Chats and requests that name it keep its id. Says nothing when it is not there. */
  removeGroup(site: SiteKey, id: string): Promise<void>;
  saveOperator(operator: Operator): Promise<void>;
  saveSession(session: StoredSession): Promise<void>;
  removeSession(id: string): Promise<void>;
  removeSessionsOf(owner: { operator: OperatorId } | { visitor: VisitorId }): Promise<void>;

  saveIdentityKey(key: IdentityKey): Promise<void>;
  /** `false` if there is no such key. */
  removeIdentityKey(site: SiteKey, kid: string): Promise<boolean>;
  /** From now on this subject is this visitor. Throws `already_taken` if either belongs to another. */
  identify(site: SiteKey, subject: string, visitor: VisitorId, since: UnixSeconds): Promise<void>;
  saveIdentityUse(use: IdentityUse): Promise<void>;
  /** Forgets the longest past beyond `most`, so that nobody can fill the database with names. */
  saveLoginTries(key: string, tries: LoginTries, most: number): Promise<void>;

  createVisitor(visitor: Omit<Visitor, 'properties'>): Promise<void>;
  /** Name replaced, e-mail and phone added if new, newest five kept. Returns the card as it is now. */
  changeCard(site: SiteKey, visitor: VisitorId, change: CardChange): Promise<VisitorCard>;
  /** Returns the properties as they are now; writes nothing if that is what they were. */
  changeProperties(site: SiteKey, visitor: VisitorId, changes: readonly PropertyChange[]): Promise<Properties>;
  /** Single values put right; returns the card as it is now. */
  correctCard(site: SiteKey, visitor: VisitorId, corrections: readonly CardCorrection[]): Promise<VisitorCard>;
  setInvite(site: SiteKey, visitor: VisitorId, invite: Visitor['invite']): Promise<void>;
  /** Makes the visitor's next chat. The database allows one open chat per visitor: throws `already_taken` else. */
  createChat(site: SiteKey, visitor: VisitorId): Promise<ChatRecord>;
  /** Gives the event its seq, id and date, stores it and the chat as folded with it. Only the room calls this. */
  append(chat: ChatRecord, event: NewEvent, date: UnixSeconds): Promise<{ event: ChatEvent; chat: ChatRecord }>;
  /** Maximum of what was and `seq`, never beyond the chat's last. Returns both markers. */
  markRead(site: SiteKey, chat: ChatId, side: 'visitor' | 'operator', seq: number): Promise<{ visitor: number; operator: number }>;
  /** @param owner the site with whose messages it goes; by itself the author's, else the chat's */
  remember(author: CommandAuthor, uid: Uid, command: RememberedCommand, owner?: SiteKey): Promise<void>;
  saveFile(file: StoredFile): Promise<void>;
  /** The row; the bytes are the file storage's. */
  removeFile(id: string): Promise<void>;
  /** Everything that is this visitor's, as `removeSite`; who has read it stays known, whose it was does not. `false` if there is no such visitor. */
  eraseVisitor(site: SiteKey, id: VisitorId): Promise<boolean>;
  saveConfirmation(confirmation: Confirmation): Promise<void>;
  /** Writes down the most that was claimed of a chat. `false` if it was written down before, or there is no room for more. */
  noteLost(lost: Lost, room: { perVisitor: number; most: number }): Promise<boolean>;
  /** Writes down a reading or taking out. */
  note(entry: AuditEntry): Promise<void>;
  /**
   * Removes what was written before that moment from at most `limit` chats: events, and closed chats of which none is left. What is
   * left begins at the chat's first seq; no seq is given out again. Returns the chats that have become shorter or are gone.
   */
  purgeEvents(site: SiteKey, before: UnixSeconds, limit: number): Promise<Shortened[]>;
  /** What is remembered of commands of before that moment, at most `limit`; `null`: of those that belong to no site. Returns how many. */
  purgeCommands(site: SiteKey | null, before: UnixSeconds, limit: number): Promise<number>;
  /** What every site shares and time has ended: sessions, caps, delays of sign-ins that are waited out, embedders refused before that moment. */
  purgeShared(now: { seconds: UnixSeconds; ms: number }, before: { refused: UnixSeconds; tries: number }): Promise<void>;
  /** Applications, audit rows and undelivered mails of before these moments. */
  purgeRest(site: SiteKey, before: { requests: UnixSeconds; audit: UnixSeconds; mails: UnixSeconds }): Promise<void>;
  saveRequest(request: StoredRequest): Promise<void>;
  finishRequest(site: SiteKey, id: string): Promise<StoredRequest | undefined>;
  /** Takes one from every cap, or from none if one of them is used up. */
  takeCaps(caps: readonly Cap[], nowMs: number): Promise<boolean>;
  /** Adds to what was there, and forgets the hours up to `upToHour`. */
  addSpent(rows: readonly Spent[], upToHour: number): Promise<void>;
  putJob(job: Job): Promise<void>;
  removeJob(key: string): Promise<void>;
  /** Writes down that a try of each begins, before anything of it is done. */
  beginJobs(keys: readonly string[]): Promise<void>;
  /** These were stopped by our own will: that they were begun counts for nothing. */
  spareJobs(keys: readonly string[]): Promise<void>;
  /** A try has failed and said so: the next one is later. Nothing if the job has gone meanwhile. */
  delayJob(key: string, next: Pick<Job, 'runAtMs' | 'tries'>): Promise<void>;
}

export interface Store extends Reader {
  /** Random per database; changes when a backup is restored. */
  readonly epoch: string;
  /** When it was restored last; `null` if it never was. */
  readonly restoredAt: UnixSeconds | null;
  /** A secret of this installation that survives restarts, for signing access tokens. 32 bytes. */
  readonly secret: Uint8Array;
  /**
   * Runs `work` in a transaction and resolves after the commit. Calls of the same turn of the event loop share one
   * commit; a `work` that throws is undone alone.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Whether something can be stored now, as the last attempt showed. After one that failed for the machine's sake, asking
   * makes another, so that health comes back without anybody having to write.
   */
  isWritable(): Promise<boolean>;
  /** Calls back when another process (the admin command) has changed something, be it sites, operators or a visitor's data. */
  onForeignChange(listener: () => void): () => void;
  backup(file: string): Promise<void>;
  /** Brings all changes into the one database file and empties the log beside it, so that what was erased is nowhere left. */
  settle(): Promise<void>;
  close(): Promise<void>;
}
