/** The round button in the corner of the page: whether somebody is there, and the number of messages not seen yet. */
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Launcher({ view }: { view: ViewModel }) {
  const unread = view.session.unread.value;
  const icon = view.session.settings.value.common.launcher_icon;
  const { presence } = view.standing.value;
  const isAway = presence === 'away';

  return (
    <button
      type="button"
      class={`launcher ${presence}`}
      aria-label={t('open')}
      aria-describedby="presence unread"
      aria-expanded="false"
      aria-controls="panel"
      onClick={() => view.stage.open('chat')}
    >
      <Icon path={isAway || icon !== 'chat' ? (view.extras.value?.GLYPHS[isAway ? 'away' : icon] ?? '') : icons.chat} />
      <span id="presence" hidden>
        {presence && t(presence)}
      </span>
      {unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </button>
  );
}
