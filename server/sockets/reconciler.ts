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
      const visitors = bySite([...followed()], ([, site]) => site);
      const told = bySite(feed.chats(), ({ site }) => site);
      for (const site of sites()) {
        await compare(
          site,
          (told.get(site) ?? []).map(({ chat }) => chat),
          (visitors.get(site) ?? []).map(([visitor]) => visitor),
        );
      }
      const now = followed();
      feed.sweep((visitor) => now.has(visitor));
    } finally {
      if (!isClosed) wait();
    }
  }

  /**
   * @param chats those of the site that are told
   * @param visitors those of the site that somebody here follows
   */
  async function compare(site: SiteKey, chats: readonly ChatId[], visitors: readonly VisitorId[]): Promise<void> {
    const told = new Set(chats);
    const open = everyOne(
      (after: VisitorId) => ask(() => store.openChatsAt(site, after)),
      ({ visitor }) => visitor,
      '',
    );
    for await (const chat of open) {
      if (isClosed) return;
      told.delete(chat.summary.id);
      feed.reached(chat, chat.summary);
    }
    for (const slice of slicesOf([...told])) {
      const found = await ask(() => store.chatsNamed(site, slice));
      if (isClosed) return;
      const gone = new Set(slice);
      for (const chat of found) gone.delete(chat.summary.id);
      for (const chat of found) feed.reached(chat, chat.summary);
      for (const chat of gone) feed.forget(chat);
    }
    // A chat that nobody here has heard of may be over already.
    for (const slice of slicesOf(visitors)) {
      const found = await ask(() => store.newestChats(site, slice));
      if (isClosed) return;
      for (const chat of found) feed.reached(chat, chat.summary);
    }
  }

  /** One page of the store's. Messages come in between: all pages in one go would hold them up. */
  async function ask<T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
    await new Promise((resolve) => setImmediate(resolve));
    return isClosed ? [] : read();
  }

  const chatsAt = (site: SiteKey): ChatId[] => feed.chats().flatMap((told) => (told.site === site ? told.chat : []));

  return {
    attend(site) {
      const before = attended.get(site);
      if (before !== undefined) return before;
      // Nobody of it is followed here yet. Who comes catches up after this.
      const now = feed.listen(site).then(() => compare(site, chatsAt(site), []));
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

function bySite<T>(all: readonly T[], siteOf: (one: T) => SiteKey): Map<SiteKey, T[]> {
  const sites = new Map<SiteKey, T[]>();
  for (const one of all) {
    const site = siteOf(one);
    const own = sites.get(site);
    if (own === undefined) sites.set(site, [one]);
    else own.push(one);
  }
  return sites;
}
