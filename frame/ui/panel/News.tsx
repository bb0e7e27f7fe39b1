/** A button for new messages below the part that the visitor reads; it scrolls there. */
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import { t } from '../words.ts';

export function News({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" class="news" onClick={onClick}>
      <Icon path={icons.down} />
      {t('newMessages')}
    </button>
  );
}
