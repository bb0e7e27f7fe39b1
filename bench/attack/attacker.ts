/** The attacker's process: starts and ends one row on command, and reports its counts. Measures nothing. */
import { documents, endings, forged, refusals, resets, signIns } from './connections.ts';
import { frames, readings, requests, transcripts } from './conversations.ts';
import { pictures, quotas } from './files.ts';
import type { Row } from './row.ts';
import type { Target } from './target.ts';

/** In the order they are carried out. */
export const ROWS: readonly Row[] = [
  resets,
  transcripts,
  refusals,
  readings,
  pictures,
  requests,
  quotas,
  forged,
  frames,
  endings,
  documents,
  signIns,
];

export interface Order {
  row: number;
  target: Target;
  isShort: boolean;
}

export function serve(): void {
  let isOver = false;
  process.on('message', (word: Order | 'end') => {
    if (word === 'end') {
      isOver = true;
      return;
    }
    const { row, target, isShort } = word;
    ROWS[row]?.attack(target, { isShort, isOver: () => isOver }).then(
      (tally) => process.send?.(tally),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
