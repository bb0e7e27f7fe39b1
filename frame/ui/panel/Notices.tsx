/** What is the matter right now: no connection, a browser that keeps nothing, a loss. Read out by the announcer, not here. */
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
