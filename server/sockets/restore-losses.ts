/**
 * After a restore of the database: events that a client has seen and the restored database does not hold. Such a client comes
 * back with the former epoch, and with cursors beyond what was restored. The losses are written down for the person who runs
 * the server (`admin lost list`), as numbers alone: the words are gone.
 *
 * The client starts over, as after any change of the epoch. It is only a client's word, so it counts for the client's own chats
 * alone, for visitors from before the restore, and up to a fixed number of entries.
 */
import type { ChatId, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { visitorLock } from '../store/locks.ts';
import type { Store } from '../store/store.ts';

/** As many chats as a client names when it comes back, and twice that for what two of them may differ in. */
const PER_VISITOR = 10;
const MOST = 10_000;

/** A client that comes back, with what it knows. */
export interface ReturningClient {
  site: SiteKey;
  visitor: VisitorId;
  /** The epoch that the client knows; `undefined` for a client that knows nothing yet. */
  epoch: string | undefined;
  cursors: Record<ChatId, number>;
}

/** Records lost events, if there are any. Logs a failure: it must not keep a client from connecting. */
export async function recordLosses(
  { store, clock, log }: { store: Store; clock: Clock; log: Log },
  { site, visitor, epoch, cursors }: ReturningClient,
): Promise<void> {
  const { restoredAt } = store;
  if (restoredAt === null || epoch === undefined || epoch === store.epoch || Object.keys(cursors).length === 0) return;
  try {
    let count = 0;
    await store.transact([visitorLock(visitor)], async (tx) => {
      count = 0;
      const known = await tx.visitor(site, visitor);
      // A visitor who is newer than the restore has lost nothing by it.
      if (known === undefined || known.createdAt > restoredAt) return;
      for (const [chat, claimed] of Object.entries(cursors)) {
        const stored = await tx.restoredSeq(site, visitor, chat);
        if (stored === undefined || claimed <= (stored ?? 0)) continue;
        if (await tx.noteLost({ site, visitor, chat, stored, claimed, date: clock.nowSeconds() }, { perVisitor: PER_VISITOR, most: MOST }))
          count += 1;
      }
    });
    if (count > 0)
      log.warn({ site, chats: count }, 'a client was told of events that the restored database does not have: npm run admin -- lost list');
  } catch (error) {
    log.error({ err: error }, 'what a restore has lost could not be written down');
  }
}
