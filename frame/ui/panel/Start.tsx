/** Before a chat and after it: who is there, the choice of a group, and *Start chat*. Where a site asks for details, they come first. */
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Start({ view, isFirst }: { view: ViewModel; isFirst: boolean }) {
  const { session } = view;
  const extras = view.extras.value;
  const settings = session.settings.value;
  const isAvailable = session.isAvailable.value;
  const needsDetails = session.requiredInfo.value.length > 0;

  return (
    <div class={isFirst ? 'start first' : 'start'}>
      {isFirst && !needsDetails && (
        <span class="emblem">
          <Icon path={icons.chat} />
        </span>
      )}
      {isFirst && <h2>{t('greeting')}</h2>}
      {isFirst && <p>{t(isAvailable ? 'greetingHint' : 'awayHint')}</p>}
      {settings.chat.is_groups_enabled && settings.chat.allowed_groups.length > 1 && extras && (
        <extras.Groups view={view} onChoose={(id) => view.choose(id)} />
      )}
      {needsDetails ? (
        extras && <extras.Details view={view} submit={t('start')} />
      ) : (
        <button type="button" class="primary" onClick={() => view.begin()}>
          {t('start')}
        </button>
      )}
      {!isAvailable && settings.offline_message.is_visible && (
        <button type="button" class="secondary" onClick={() => view.openRequest(false)}>
          {t('leaveMessage')}
        </button>
      )}
      {isFirst && extras && <extras.Company view={view} />}
    </div>
  );
}
