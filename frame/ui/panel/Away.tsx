/** Says, where the visitor waits for an answer, that the operator is not connected; goes when the operator is back. */
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Away({ view: { session } }: { view: ViewModel }) {
  const operator = session.operator.value;
  const isAway = session.isAway.value === true && operator !== null;
  return (
    <div role="status">
      {isAway && (
        <p class="waiting" dir="auto">
          {t('operatorAway', { name: operator.name })}
        </p>
      )}
    </div>
  );
}
