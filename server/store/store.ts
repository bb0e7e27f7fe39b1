/**
 * The store: what must survive a restart, in the chat's own words. It knows no sockets and decides nothing; whether
 * something is allowed is the room's business. Each noun has its file, with its types, its reader and its writer; this one
 * puts them together. SQLite stands behind it now; the contract suites (`*.contract.ts`) are what another database would
 * have to pass.
 *
 * Every read and write names the site, so that no query can cross one by mistake. Dates are unix seconds unless the
 * name says `Ms`.
 */
import type { UnixSeconds } from '../../shared/chat.ts';
import type { AuditReader, AuditWriter } from './audit.ts';
import type { ChatReader, ChatWriter } from './chats.ts';
import type { CommandReader, CommandWriter } from './commands.ts';
import type { EventReader, EventWriter } from './events.ts';
import type { FileReader, FileWriter } from './files.ts';
import type { IdentityReader, IdentityWriter } from './identities.ts';
import type { JobReader, JobWriter } from './jobs.ts';
import type { Lock } from './locks.ts';
import type { LossReader, LossWriter } from './losses.ts';
import type { MomentReader } from './moments.ts';
import type { OperatorReader, OperatorWriter } from './operators.ts';
import type { QuotaReader, QuotaWriter } from './quotas.ts';
import type { RequestReader, RequestWriter } from './requests.ts';
import type { RetentionReader, RetentionWriter } from './retention.ts';
import type { SessionReader, SessionWriter } from './sessions.ts';
import type { SiteReader, SiteWriter } from './sites.ts';
import type { VisitorReader, VisitorWriter } from './visitors.ts';

/** All questions. Inside a transaction they see its own writes. Absent and foreign give the same `undefined`. */
export interface Reader
  extends
    SiteReader,
    OperatorReader,
    SessionReader,
    IdentityReader,
    VisitorReader,
    ChatReader,
    EventReader,
    MomentReader,
    CommandReader,
    FileReader,
    RequestReader,
    JobReader,
    QuotaReader,
    AuditReader,
    LossReader,
    RetentionReader {}

/** One transaction: all of it, or nothing. */
export interface Transaction
  extends
    Reader,
    SiteWriter,
    OperatorWriter,
    SessionWriter,
    IdentityWriter,
    VisitorWriter,
    ChatWriter,
    EventWriter,
    CommandWriter,
    FileWriter,
    RequestWriter,
    JobWriter,
    QuotaWriter,
    AuditWriter,
    LossWriter,
    RetentionWriter {}

export interface Store extends Reader {
  /** Names this lineage of the data; another after a backup was restored. A database with a standby may change it at any time. */
  readonly epoch: string;
  /** Calls back when the epoch has changed while the store is open: what clients know may be more than is stored. */
  onEpoch(listener: () => void): () => void;
  /** When it was restored last; `null` if it never was. */
  readonly restoredAt: UnixSeconds | null;
  /** A secret of this installation that survives restarts, for signing access tokens. 32 bytes. */
  readonly secret: Uint8Array;
  /**
   * Runs `work` in a transaction and resolves after the commit. No work that shares one of its `locks` runs beside it. A `work` that
   * throws is undone alone. It may run more than once before it is committed, so it changes nothing but what it makes itself.
   */
  transact<T>(locks: readonly Lock[], work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Runs `work` over one state of the data: what is committed meanwhile, it does not see. It holds no writer up. A `work` reads by
   * `at` alone: the store's other reads wait until it is done, so one that waited for them would wait for ever.
   */
  snapshot<T>(work: (at: Reader) => Promise<T>): Promise<T>;
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
