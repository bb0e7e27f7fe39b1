/** The shape of an attack: it does its worst for a while and counts; then we compare its counts with the server's promises. */
import type { Target } from './target.ts';

/** How many of what, by name; `acts` is all that was tried. */
export type Tally = { acts: number } & Record<string, number>;

export interface Course {
  /** A tenth of it, for a run that decides by counts alone. */
  isShort: boolean;
  /** Attacks that have no end of their own go on until then. */
  isOver: () => boolean;
}

export interface Row {
  /** Of docs/found-faults.md. */
  id: string;
  what: string;
  /** Innocents send files, too. */
  files?: boolean;
  attack(target: Target, course: Course): Promise<Tally>;
  /** What of the counts is other than promised, in sentences. */
  judge(tally: Tally): string[];
}

/** Does `work` so often, so many at once. */
export async function many(times: number, atOnce: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(times, atOnce) }, async () => {
      while (next < times) await work(next++);
    }),
  );
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing when it is so, else the sentence. */
export const expect = (isSo: boolean, sentence: string): string[] => (isSo ? [] : [sentence]);
