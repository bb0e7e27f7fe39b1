/** Those who hear of something. */
export interface Listeners<F> {
  tell(fact: F): void;
  /** Returns what ends it. */
  add(listener: (fact: F) => void): () => void;
  clear(): void;
}

/** @param onError hears what a listener threw, which then stops no other; without it whoever tells does */
export function createListeners<F = void>(onError: (error: unknown) => void = rethrow): Listeners<F> {
  const listeners = new Set<(fact: F) => void>();
  return {
    tell(fact) {
      for (const listener of [...listeners]) {
        // One that was taken away by another while this fact went round hears it no more.
        if (!listeners.has(listener)) continue;
        try {
          listener(fact);
        } catch (error) {
          onError(error);
        }
      }
    },
    add(listener) {
      // A wrapper of its own, so that one function added twice is two listeners.
      const own = (fact: F) => listener(fact);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    clear: () => listeners.clear(),
  };
}

function rethrow(error: unknown): never {
  throw error;
}
