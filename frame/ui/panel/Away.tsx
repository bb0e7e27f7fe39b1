/** Says, where the visitor waits for an answer, that the operator is not connected; goes when the operator is back. */
import { extraStrings } from '../strings-extras.ts';
import type { ViewModel } from '../contract.ts';

export function Away({ view: { session } }: { view: ViewModel }) {
  const operator = session.operator.value;
  const isAway = session.isAway.value === true && operator !== null;
  return (
    <div role="status">
      {isAway && (
        <p class="waiting" dir="auto">
          {extraStrings.operatorAway(operator.name)}
        </p>
      )}
    </div>
  );
}
