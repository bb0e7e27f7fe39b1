/**
 * Work for which strangers share a place: a few pieces at once, and everybody who waits has a turn before anybody has a second
 * one. Who it is for is said from the widest to the narrowest (a network address, then a visitor); turns go round at each step,
 * so that neither many visitors of one address nor much work of one visitor is more than one among the others.
 *
 * It knows nothing of what the work is, and nobody's work is given up for another's.
 */
export interface Fair {
  run<T>(who: readonly string[], work: () => Promise<T>): Promise<T>;
}

export interface FairOptions {
  /** Pieces of work that go on at the same time, of everybody together. */
  atOnce: number;
  /** Of these, how many may be one's own at each step of `who`. */
  perKey?: number;
}

/** Those who wait, and how much is going on, at one step. */
interface Line {
  readonly lines: Map<string, Line>;
  readonly waiting: (() => void)[];
  running: number;
}

export function createFair({ atOnce, perKey = Infinity }: FairOptions): Fair {
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

  /** Whoever is next in this line; its branch goes to the end. */
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

  /** Keeps nothing of those who neither wait nor work. */
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
      // Where there is room the work begins in the same statement.
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
