/**
 * A fair queue for work that strangers share: a few pieces run at once, and everybody who waits has a turn before anybody has
 * a second one. A piece names its owner from the widest key to the narrowest (a network address, then a visitor). Each level
 * takes turns. So many visitors of one address count as one among addresses, and much work of one visitor as one among visitors.
 *
 * It does not know what the work is, and it never gives up one piece for another.
 */
/** Runs work in turn. */
export interface FairQueue {
  run<T>(who: readonly string[], work: () => Promise<T>): Promise<T>;
}

export interface FairQueueOptions {
  /** Pieces of work that run at the same time, of everybody together. */
  atOnce: number;
  /** How many of these one key of `who` may have. */
  perKey?: number;
}

/** The pieces that wait, and the number that run, under one key. */
interface Line {
  readonly lines: Map<string, Line>;
  readonly waiting: (() => void)[];
  running: number;
}

export function createFairQueue({ atOnce, perKey = Infinity }: FairQueueOptions): FairQueue {
  const all = newLine();

  function lineOf(who: readonly string[]): Line[] {
    const path = [all];
    let line = all;
    for (const key of who) {
      const next = line.lines.get(key) ?? newLine();
      line.lines.set(key, next);
      path.push((line = next));
    }
    return path;
  }

  /** Takes the next piece of this line. Its branch goes to the end. */
  function next(line: Line): (() => void) | undefined {
    for (const [key, branch] of line.lines) {
      if (branch.running >= perKey) continue;
      const begin = next(branch);
      if (begin === undefined) continue;
      line.lines.delete(key);
      line.lines.set(key, branch);
      return begin;
    }
    return line.waiting.shift();
  }

  function beginNext(): void {
    while (all.running < atOnce) {
      const begin = next(all);
      if (begin === undefined) return;
      begin();
    }
  }

  /** Forgets keys that have nothing waiting or running. */
  function tidy(who: readonly string[], path: readonly Line[]): void {
    for (let at = who.length; at > 0; at -= 1) {
      const line = path[at];
      if (line === undefined || line.running > 0 || line.waiting.length > 0 || line.lines.size > 0) return;
      path[at - 1]?.lines.delete(who[at - 1] ?? '');
    }
  }

  return {
    async run(who, work) {
      const path = lineOf(who);
      let isMyTurn = false;
      let begin = () => {};
      path.at(-1)?.waiting.push(() => {
        for (const line of path) line.running += 1;
        isMyTurn = true;
        begin();
      });
      beginNext();
      // If there is room, the work begins in the same statement.
      if (!isMyTurn) await new Promise<void>((resolve) => (begin = resolve));
      try {
        return await work();
      } finally {
        for (const line of path) line.running -= 1;
        tidy(who, path);
        beginNext();
      }
    },
  };
}

function newLine(): Line {
  return { lines: new Map(), waiting: [], running: 0 };
}
