/**
 * Nodes joined by a bus that does to facts all that a bus may do: it loses them, brings them twice, and brings later ones first. A
 * node hears of a site only once it listens. What becomes of a fact is drawn from a seed, so that a failure can be had again.
 */
import type { Clock } from '../base/clock.ts';
import type { Bus } from '../bus/bus.ts';
import { createListeners, type Listeners } from '../base/listeners.ts';

/** How shaky it is: chances between 0 and 1, and how late a fact may come. */
export interface Shakiness {
  lost: number;
  doubled: number;
  late: number;
  lateMs: number;
}

/** As a bad day has them. */
export const SHAKY: Shakiness = { lost: 0.1, doubled: 0.15, late: 0.3, lateMs: 60 };
/** Nothing is lost, and all arrives in order. */
export const STEADY: Shakiness = { lost: 0, doubled: 0, late: 0, lateMs: 0 };

/** The net between nodes. */
export interface ShakyNet<F> {
  /** The end of one node. */
  node(): Bus<F>;
  /** From now on facts fare so. */
  set(shakiness: Shakiness): void;
}

export interface ShakyNetOptions<F> {
  clock: Clock;
  /** The site that a fact is about; `undefined`: every node hears it. */
  siteOf: (fact: F) => string | undefined;
  /** A number from 0 to below 1. */
  random: () => number;
  onError: (error: unknown) => void;
}

interface Node<F> {
  listeners: Listeners<F>;
  sites: Set<string>;
}

export function createShakyNet<F>({ clock, siteOf, random, onError }: ShakyNetOptions<F>): ShakyNet<F> {
  const nodes = new Set<Node<F>>();
  let now: Shakiness = STEADY;

  function bring(fact: F, to: Node<F>): void {
    const tell = (): void => {
      if (nodes.has(to)) to.listeners.tell(fact);
    };
    if (random() < now.late) clock.after(Math.ceil(random() * now.lateMs), tell);
    else queueMicrotask(tell);
  }

  return {
    set: (shakiness) => void (now = shakiness),
    node() {
      const own: Node<F> = { listeners: createListeners<F>(onError), sites: new Set() };
      nodes.add(own);
      return {
        publish(fact) {
          if (!nodes.has(own)) return;
          const site = siteOf(fact);
          for (const node of nodes) {
            if (node !== own && site !== undefined && !node.sites.has(site)) continue;
            if (random() < now.lost) continue;
            bring(fact, node);
            if (random() < now.doubled) bring(fact, node);
          }
        },
        subscribe: (listener) => (nodes.has(own) ? own.listeners.add(listener) : () => undefined),
        async listen(site) {
          // The net hears of it in a later turn: what is published before that does not come here.
          await new Promise((resolve) => setImmediate(resolve));
          own.sites.add(site);
        },
        close() {
          nodes.delete(own);
          own.listeners.clear();
          return Promise.resolve();
        },
      };
    },
  };
}

/** Mulberry32: chance that a seed decides. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
