/**
 * After a restore: what a client was told of before, and the restored database does not know. Such a client comes back with the
 * former epoch and with cursors beyond what was restored. That is written down for whoever runs the server (`admin lost list`), with
 * numbers alone: what was said is gone.
 *
 * Nothing follows from it for the client, which starts over as after any change of the epoch. It is a client's word, so it is believed
 * about its own chats only, of visitors who were there before the restore, and there is room for so much of it and no more.
 */
import type { ChatId, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';

/** As many chats as a client names when it comes back, and twice that for what two of them may differ in. */
const PER_VISITOR = 10;
const MOST = 10_000;

export interface Comeback {
  site: SiteKey;
  visitor: VisitorId;
  /** The epoch that the client has known; `undefined` for one that knows nothing yet. */
  epoch: string | undefined;
  cursors: Record<ChatId, number>;
}

/** Writes down what is lost, if anything is. A failure must not keep anybody from coming in: it is logged. */
export async function noteLost(
  { store, clock, log }: { store: Store; clock: Clock; log: Log },
  { site, visitor, epoch, cursors }: Comeback,
): Promise<void> {
  const { restoredAt } = store;
  if (restoredAt === null || epoch === undefined || epoch === store.epoch || Object.keys(cursors).length === 0) return;
  try {
    let count = 0;
    await store.transact(async (tx) => {
      count = 0;
      const known = await tx.visitor(site, visitor);
      // Who is newer than the restore has lost nothing by it.
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
