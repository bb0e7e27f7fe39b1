/** The end of a chat, below the line that says who ended it: a mark, the transcript. Whoever writes again, or presses *Start chat* below, begins the next one. */
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import { Rating } from './Rating.tsx';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Ended({ view }: { view: ViewModel }) {
  const { session } = view;
  return (
    <div class="ended">
      <Rating key={session.chat.value?.id} view={view} />
      {session.canRate.value && (
        <button type="button" class="link" onClick={() => view.show('mail')}>
          <Icon path={icons.mail} />
          {t('mail')}
        </button>
      )}
    </div>
  );
}
