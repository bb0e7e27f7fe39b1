/** What is the matter right now: no connection, or a browser that keeps nothing. Read out by the announcer, not here. */
import { strings } from './strings.ts';
import type { View } from './view.ts';

export function Notices({ view }: { view: View }) {
  const { connection, isForgetful, messages, pending } = view.session;
  const isTalking = messages.value.length + pending.value.length > 0;
  return (
    <>
      {view.isDisconnected.value && (
        <p class="notice busy">{connection.value === 'connecting' ? strings.connecting : strings.offline}</p>
      )}
      {isForgetful.value && isTalking && <p class="notice">{strings.forgetful}</p>}
    </>
  );
}
