/** The round button in the corner of the page, with the number of messages not seen yet. */
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Launcher({ view }: { view: ViewModel }) {
  const unread = view.session.unread.value;

  return (
    <button
      type="button"
      class="launcher"
      aria-label={t('open')}
      aria-describedby={unread > 0 ? 'unread' : undefined}
      aria-expanded="false"
      aria-controls="panel"
      onClick={() => view.stage.open('chat')}
    >
      <Icon path={icons.chat} />
      {unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </button>
  );
}
