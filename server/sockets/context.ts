/** What every connection works with. The gateway makes one of these and gives it to all of them. */
import type { SiteKey } from '../../shared/chat.ts';
import type { Auth } from '../auth/auth.ts';
import type { Clock } from '../base/clock.ts';
import type { Feed } from '../bus/feed.ts';
import type { Log } from '../base/log.ts';
import type { Limits } from '../limits/limits.ts';
import type { Costs } from '../limits/costs.ts';
import type { FairQueue } from '../limits/fair-queue.ts';
import type { Ledger } from '../limits/ledger.ts';
import type { AnswerTimes } from '../presence/answer-times.ts';
import type { Directory } from '../presence/directory.ts';
import type { Drafts } from '../presence/drafts.ts';
import type { Inbox } from '../presence/inbox.ts';
import type { Rooms } from '../room/room.ts';
import type { Store } from '../store/store.ts';

/** The parts of the server that a connection uses. */
export interface ConnectionContext {
  store: Store;
  rooms: Rooms;
  inbox: Inbox;
  feed: Pick<Feed, 'reached'>;
  /** Resolves once everything about this site comes here, and what was true before is known. */
  attend: (site: SiteKey) => Promise<void>;
  directory: Directory;
  answerTimes: Pick<AnswerTimes, 'of'>;
  drafts: Drafts;
  costs: Costs;
  ledger: Pick<Ledger, 'begin'>;
  /** Reads of the database wait here: addresses and operators take turns, then the pages of each. */
  reads: FairQueue;
  clock: Clock;
  limits: Limits;
  log: Log;
  auth: Pick<Auth, 'access' | 'operator' | 'use'>;
  /** Resolves when the directory has been read for the first time. */
  ready: Promise<void>;
}
