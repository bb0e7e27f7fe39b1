/**
 * What a client is given instead of reaching for it: time, chance and a place to keep its outbox. The smallest shapes that
 * serve, so that a test can turn them by hand and a browser's own objects fit with a line each. No behaviour lives here.
 */
import type { Uid } from '../chat.ts';

export interface Clock {
  /** Milliseconds since 1970. May jump; nothing is ordered by it. */
  now(): number;
  /** Milliseconds since some moment of its own. Nobody can set it; it may stand still while a machine sleeps. */
  elapsed(): number;
  /** Calls back once after `ms`. Returns what prevents it. */
  after(ms: number, callback: () => void): () => void;
}

export interface Chance {
  /** A UUIDv4. */
  uid(): Uid;
  /** At least 0, below 1. */
  fraction(): number;
}

/** A command on its way to the server, as it is kept. */
export interface OutboxItem<C> {
  /** The command's uid: the same for ever, whatever is retried. */
  uid: Uid;
  /** Place in the line; grows with every command of one page, and roughly with time between pages. */
  order: number;
  command: C;
  /** Why the server refused it for good; `null` while it is still to be delivered. */
  failed: string | null;
}

/** Where outbox items outlive the page. Every promise resolves when the change is durable and rejects if it never will be. */
export interface OutboxStore<C> {
  put(item: OutboxItem<C>): Promise<void>;
  remove(uid: Uid): Promise<void>;
  /** Items that pages left behind which are gone now; from here on they are this page's. In their order. */
  adopt(): Promise<OutboxItem<C>[]>;
  /** Forgets everything of this site, other pages' items too. */
  clear(): Promise<void>;
}

/** Keeps nothing beyond the page: for the workplace's tests and for browsers that allow no storage. */
export function memoryStore<C>(): OutboxStore<C> {
  const done = (): Promise<void> => Promise.resolve();
  return { put: done, remove: done, adopt: () => Promise.resolve([]), clear: done };
}
