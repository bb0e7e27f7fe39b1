/**
 * Work in sequence, per key: the next piece for a key begins when the one before has settled. Different keys do not wait for each
 * other. A key without work takes no memory.
 */
/** Runs work in sequence. */
export interface Serial {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when all work has settled. */
  idle(): Promise<void>;
}

export function createSerial(): Serial {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const before = tails.get(key);
      const result = before === undefined ? work() : before.then(work, work);
      tails.set(key, result);
      const settle = () => {
        if (tails.get(key) === result) tails.delete(key);
      };
      result.then(settle, settle);
      return result;
    },
    async idle() {
      while (tails.size > 0) await Promise.allSettled(tails.values());
    },
  };
}
