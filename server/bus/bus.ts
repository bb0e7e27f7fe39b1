/**
 * The bus: "something new is there", said to every node that may have somebody to tell. A fact on it is a hint, not the
 * truth: the truth is in the store, and a listener reads it there. The bus keeps nothing. It may lose a fact, bring it twice, or
 * bring a later one first; `feed.ts` makes of it what a listener can rely on.
 *
 * Every bus keeps these promises (`bus.contract.ts`): a fact is never delivered before `publish` has returned, the publisher's own
 * subscribers hear it too, and a listener that throws stops no other.
 */
/** Carries facts from those who publish to those who subscribe. */
export interface Bus<F> {
  publish(fact: F): void;
  /** Returns what ends it. */
  subscribe(listener: (fact: F) => void): () => void;
  /**
   * Resolves once what other nodes publish about this site from now on comes here. A node that is alone hears everything anyway.
   * Who reads the store after that, and takes what is heard meanwhile on top, has missed nothing that the bus does not lose.
   */
  listen(site: string): Promise<void>;
  /** Delivers nothing more. */
  close(): Promise<void>;
}
