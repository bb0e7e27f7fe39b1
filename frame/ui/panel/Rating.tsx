/** *Rate the operator*, one to five with one press, and then a few words if the visitor likes. Only where the site asks for ratings. */
import { useSignal } from '@preact/signals';
import { COMMENT_MAX_LENGTH } from '../../../shared/limits.ts';
import { Icon } from '../Icon.tsx';
import * as more from '../icons-extras.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Rating({ view }: { view: ViewModel }) {
  const { session } = view;
  const comment = useSignal('');
  const state = useSignal<'asked' | 'rated' | 'commented'>('asked');
  if (!session.settings.value.chat.is_consultant_operator_rating || !session.canRate.value || !session.chat.value?.lastOperator)
    return null;
  const rating = session.rating.value ?? 0;

  const rate = (mark: number) => {
    state.value = 'rated';
    session.rate(mark, BY_VISITOR);
  };
  const say = (event: Event) => {
    event.preventDefault();
    const text = comment.peek().trim();
    if (text === '') return;
    state.value = 'commented';
    session.rate(rating, BY_VISITOR, text);
    view.takeFocus();
  };

  return (
    <div class="rating">
      <span id="rate">{t('rate')}</span>
      <div class="stars" role="group" aria-labelledby="rate" aria-describedby="rate-hint">
        {['1', '2', '3', '4', '5'].map((name, i) => (
          <button
            key={name}
            type="button"
            class={i < rating ? 'star on' : 'star'}
            aria-label={name}
            aria-pressed={rating === i + 1}
            onClick={() => rate(i + 1)}
          >
            <Icon path={more.star} />
          </button>
        ))}
      </div>
      <small id="rate-hint" role="status">
        {t(state.value === 'asked' ? 'rateHint' : 'rated')}
      </small>
      {state.value === 'rated' && rating > 0 && (
        // The menu around it walks by these keys; here they move in the text.
        <form onSubmit={say} onKeyDown={(event) => event.key !== 'Escape' && event.stopPropagation()}>
          <div class="field">
            <label for="comment">{t('comment')}</label>
            <textarea
              id="comment"
              rows={2}
              dir="auto"
              maxLength={COMMENT_MAX_LENGTH}
              placeholder={t('commentHint')}
              value={comment.value}
              onInput={(event) => (comment.value = event.currentTarget.value)}
            />
          </div>
          <button type="submit" class="secondary" aria-disabled={comment.value.trim() === ''}>
            {t('sendComment')}
          </button>
        </form>
      )}
    </div>
  );
}
