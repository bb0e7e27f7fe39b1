/** *Rate the operator*, one to five. Shown while there is an operator to rate and the site asks for ratings. */
import { Icon } from '../Icon.tsx';
import * as more from '../icons-extras.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Rating({ view }: { view: ViewModel }) {
  const { session } = view;
  if (!session.settings.value.chat.is_consultant_operator_rating || !session.canRate.value) return null;
  const rating = session.rating.value ?? 0;
  return (
    <div class="rating">
      <span id="rate">{t('rate')}</span>
      <div role="group" aria-labelledby="rate">
        {['1', '2', '3', '4', '5'].map((name, i) => (
          <button
            key={name}
            type="button"
            class={i < rating ? 'star on' : 'star'}
            aria-label={name}
            aria-pressed={rating === i + 1}
            onClick={() => session.rate(i + 1, BY_VISITOR)}
          >
            <Icon path={more.star} />
          </button>
        ))}
      </div>
    </div>
  );
}
