/** How many characters are left in the composer, or too many. The composer names it in `aria-describedby`. */
import { extraStrings } from '../strings-extras.ts';

export function Count({ left }: { left: number }) {
  return (
    <span id="count" class={left < 0 ? 'count bad' : 'count'}>
      {left < 0 ? extraStrings.charactersOver(-left) : extraStrings.charactersLeft(left)}
    </span>
  );
}
