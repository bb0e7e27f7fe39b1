/**
 * Compares what the feed has told with what the store has, so that a fact that was lost is missed for seconds only: when the first
 * connection of a site comes, and every ten seconds while there is one. Where nothing is lost it finds nothing to tell.
 */
import type { ChatId, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Feed } from '../bus/feed.ts';
import { everyOne } from '../store/pages.ts';
import type { Reader } from '../store/store.ts';

/** Keeps what is told true. */
export interface Reconciler {
  /** Resolves once everything about this site comes here, and what was true before is known. */
  attend(site: SiteKey): Promise<void>;
  close(): void;
}

export interface ReconcilerOptions {
  feed: Feed;
  store: Pick<Reader, 'openChatsAt' | 'chatsNamed' | 'newestChats'>;
  clock: Clock;
  log: Log;
  /** The sites with a connection here. */
  sites: () => ReadonlySet<SiteKey>;
  /** The visitors with a page here, and those that a workplace here has open, by site. */
  followed: () => ReadonlyMap<VisitorId, SiteKey>;
}

const EVERY_MS = 10_000;
/** So many chats are asked for at once. */
const SLICE = 500;

export function createReconciler({ feed, store, clock, log, sites, followed }: ReconcilerOptions): Reconciler {
  const attended = new Map<SiteKey, Promise<void>>();
  let isClosed = false;
  let stop = () => {};
  wait();

  function wait(): void {
    stop = clock.after(EVERY_MS, () => {
      compareAll().catch((error: unknown) => {
        if (!isClosed) log.error({ err: error }, 'what was told could not be compared with the store');
      });
    });
  }

  async function compareAll(): Promise<void> {
    try {
      for (const site of sites()) await compare(site);
      const now = followed();
      feed.sweep((visitor) => now.has(visitor));
    } finally {
      if (!isClosed) wait();
    }
  }

  async function compare(site: SiteKey): Promise<void> {
    const told = new Set<ChatId>();
    for (const chat of feed.chats()) if (chat.site === site) told.add(chat.chat);
    const open = everyOne(
      (after: VisitorId) => (isClosed ? Promise.resolve([]) : store.openChatsAt(site, after)),
      ({ visitor }) => visitor,
      '',
    );
    for await (const chat of open) {
      if (isClosed) return;
      told.delete(chat.summary.id);
      feed.reached(chat, chat.summary);
    }
    for (const slice of slicesOf([...told])) {
      const found = isClosed ? [] : await store.chatsNamed(site, slice);
      if (isClosed) return;
      const gone = new Set(slice);
      for (const chat of found) gone.delete(chat.summary.id);
      for (const chat of found) feed.reached(chat, chat.summary);
      for (const chat of gone) feed.forget(chat);
    }
    // A chat that nobody here has heard of may be over already.
    const visitors = [...followed()].flatMap(([visitor, at]) => (at === site ? visitor : []));
    for (const slice of slicesOf(visitors)) {
      const found = isClosed ? [] : await store.newestChats(site, slice);
      if (!isClosed) for (const chat of found) feed.reached(chat, chat.summary);
    }
  }

  return {
    attend(site) {
      const before = attended.get(site);
      if (before !== undefined) return before;
      const now = feed.listen(site).then(() => compare(site));
      attended.set(site, now);
      // The next connection tries again.
      now.catch(() => attended.delete(site));
      return now;
    },
    close() {
      isClosed = true;
      stop();
    },
  };
}

function slicesOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / SLICE) }, (_, at) => all.slice(at * SLICE, (at + 1) * SLICE));
}
