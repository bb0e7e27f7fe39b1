/**
 * All nouns of the store over one connection. Written once for both connections: the one that sees only what was committed,
 * and the one inside a transaction.
 */
import type { Kysely } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { readAudit, writeAudit } from './audit.ts';
import { readChats, writeChats } from './chats.ts';
import { readCommands, writeCommands } from './commands.ts';
import { readEvents, writeEvents } from './events.ts';
import { readMoments } from './moments.ts';
import { readFiles, writeFiles } from './files.ts';
import { readIdentities, writeIdentities } from './identities.ts';
import { readJobs, writeJobs } from './jobs.ts';
import { readLosses, writeLosses } from './losses.ts';
import { readOperators, writeOperators } from './operators.ts';
import { readQuotas, writeQuotas } from './quotas.ts';
import { readRequests, writeRequests } from './requests.ts';
import { readRetention, writeRetention } from './retention.ts';
import { readSessions, writeSessions } from './sessions.ts';
import { readSites, writeSites } from './sites.ts';
import type { Reader, Transaction } from './store.ts';
import type { Tables } from './tables.ts';
import { readVisitors, writeVisitors } from './visitors.ts';

export function createReader(db: Kysely<Tables>): Reader {
  return {
    ...readSites(db),
    ...readOperators(db),
    ...readSessions(db),
    ...readIdentities(db),
    ...readVisitors(db),
    ...readChats(db),
    ...readEvents(db),
    ...readMoments(db),
    ...readCommands(db),
    ...readFiles(db),
    ...readRequests(db),
    ...readJobs(db),
    ...readQuotas(db),
    ...readAudit(db),
    ...readLosses(db),
    ...readRetention(db),
  };
}

export function createTransaction(db: Kysely<Tables>, clock: Clock): Transaction {
  return {
    ...createReader(db),
    ...writeSites(db),
    ...writeOperators(db),
    ...writeSessions(db),
    ...writeIdentities(db),
    ...writeVisitors(db),
    ...writeChats(db),
    ...writeEvents(db),
    ...writeCommands(db, clock),
    ...writeFiles(db),
    ...writeRequests(db),
    ...writeJobs(db),
    ...writeQuotas(db),
    ...writeAudit(db),
    ...writeLosses(db),
    ...writeRetention(db),
  };
}
