/** The operator has no connection at the moment: said where one waits for the answer, politely, and gone as soon as it is over. */
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
