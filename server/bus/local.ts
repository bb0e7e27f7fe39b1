/** The bus of an installation of one process: no network, no copy of the facts. */
import type { Bus } from './bus.ts';

export interface LocalBusOptions {
  /** Hears what a listener threw. */
  onError: (error: unknown) => void;
}

export function createLocalBus<F>({ onError }: LocalBusOptions): Bus<F> {
  const listeners = new Set<(fact: F) => void>();
  let isClosed = false;

  const deliver = (fact: F) => {
    for (const listener of [...listeners]) {
      // One that was unsubscribed by another while this fact went round hears it no more.
      if (!listeners.has(listener)) continue;
      try {
        listener(fact);
      } catch (error) {
        onError(error);
      }
    }
  };

  return {
    publish(fact) {
      if (isClosed) return;
      // Later, as over a network: nobody may come to rely on being told inside `publish`.
      queueMicrotask(() => deliver(fact));
    },
    subscribe(listener) {
      // A wrapper of its own, so that one function subscribed twice is two subscriptions.
      const own = (fact: F) => listener(fact);
      if (!isClosed) listeners.add(own);
      return () => listeners.delete(own);
    },
    close() {
      isClosed = true;
      listeners.clear();
      return Promise.resolve();
    },
  };
}
