/** A store in front of a database that has a standby. When a test says so the standby takes over: the same data here, a new epoch. */
import { randomUUID } from 'node:crypto';
import { createListeners } from '../base/listeners.ts';
import type { Store } from '../store/store.ts';

export function withStandby(store: Store): { store: Store; takeOver(): void } {
  const listeners = createListeners();
  let epoch = store.epoch;
  const before = Object.defineProperty(Object.create(store) as Store, 'epoch', { get: () => epoch });
  return {
    store: Object.assign(before, {
      onEpoch: listeners.add,
    }),
    takeOver() {
      epoch = randomUUID();
      listeners.tell();
    },
  };
}
