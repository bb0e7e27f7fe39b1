/**
 * The bus: "something new is there", said to every node that may have somebody to tell. A fact on it is a hint, not the
 * truth: the truth is in the store, and a listener reads it there. The bus keeps nothing and promises no delivery.
 *
 * Every bus keeps these promises (`bus.contract.ts`): a fact is never delivered before `publish` has returned, facts of one node
 * arrive in the order they were published, the publisher's own subscribers hear them too, and a listener that throws
 * stops no other.
 */
/** Carries facts from those who publish to those who subscribe. */
export interface Bus<F> {
  publish(fact: F): void;
  /** Returns what ends it. */
  subscribe(listener: (fact: F) => void): () => void;
  /** Delivers nothing more. */
  close(): Promise<void>;
}
