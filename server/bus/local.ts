/** The bus of an installation of one process: no network, no copy of the facts. */
import type { Bus } from './bus.ts';
import { createListeners } from '../base/listeners.ts';

export interface LocalBusOptions {
  /** Hears what a listener threw. */
  onError: (error: unknown) => void;
}

export function createLocalBus<F>({ onError }: LocalBusOptions): Bus<F> {
  const listeners = createListeners<F>(onError);
  let isClosed = false;

  return {
    publish(fact) {
      if (isClosed) return;
      // Later, as over a network: nobody may come to rely on being told inside `publish`.
      queueMicrotask(() => listeners.tell(fact));
    },
    subscribe: (listener) => (isClosed ? () => undefined : listeners.add(listener)),
    listen: () => Promise.resolve(),
    close() {
      isClosed = true;
      listeners.clear();
      return Promise.resolve();
    },
  };
}
