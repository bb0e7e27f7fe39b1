/**
 * Stands in for the outbox's storage until it has been fetched, which begins together with all that sends. Nobody waits for it to see
 * or to write; what is to be stored meanwhile is stored then. Asked again for as long as the network refuses it.
 */
import type { OutboxStorage } from './storage.ts';

/** Between two attempts at what the network refused. */
const AGAIN_MS = 2_000;

export function createLazyStorage<C>(fetch: () => Promise<OutboxStorage<C>>): OutboxStorage<C> {
  /** What the page's life has asked of it last. */
  let state: 'pause' | 'resume' | 'close' = 'resume';
  let storage: OutboxStorage<C> | undefined;
  const loaded = load();

  async function load(): Promise<OutboxStorage<C>> {
    while (storage === undefined) {
      try {
        storage = await fetch();
        storage[state]();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
    return storage;
  }

  const live = (next: typeof state) => () => {
    state = next;
    storage?.[next]();
  };
  return {
    put: async (item) => (await loaded).put(item),
    remove: async (uid) => (await loaded).remove(uid),
    adopt: async () => (await loaded).adopt(),
    clear: async () => (await loaded).clear(),
    pause: live('pause'),
    resume: live('resume'),
    close: live('close'),
  };
}
