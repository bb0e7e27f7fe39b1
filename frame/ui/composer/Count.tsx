/** How many characters are left in the composer, or too many. The composer names it in `aria-describedby`. */
import { tn } from '../words.ts';

export function Count({ left }: { left: number }) {
  return (
    <span id="count" class={left < 0 ? 'count bad' : 'count'}>
      {left < 0 ? tn('charactersOver', -left) : tn('charactersLeft', left)}
    </span>
  );
}
