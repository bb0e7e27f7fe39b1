/** Notices about no connection, blocked storage or a loss. The announcer reads them out, not this element. */
import { strings } from '../strings.ts';
import type { ViewModel } from '../contract.ts';

export function Notices({ view }: { view: ViewModel }) {
  const extras = view.extras.value;
  return (
    <>
      {view.isDisconnected.value && (
        <p class="notice busy">{view.session.connection.value === 'connecting' ? strings.connecting : strings.offline}</p>
      )}
      {extras && <extras.Losses view={view} />}
    </>
  );
}
