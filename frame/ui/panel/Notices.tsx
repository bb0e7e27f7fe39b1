/** Notices about no connection, blocked storage or a loss. The announcer reads them out, not this element. */
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Notices({ view }: { view: ViewModel }) {
  const extras = view.extras.value;
  return (
    <>
      {view.isDisconnected.value && (
        <p class="notice busy">{view.session.connection.value === 'connecting' ? t('connecting') : t('offline')}</p>
      )}
      {extras && <extras.Losses view={view} />}
    </>
  );
}
