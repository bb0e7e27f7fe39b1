/**
 * What is not kept, said where it would be looked for: a browser that keeps nothing, a server that has gone back to a backup,
 * a conversation whose beginning has become too old. What was lost nobody knows any more; that something was, the visitor is told.
 */
import { extraStrings } from '../strings-extras.ts';
import type { ViewModel } from '../contract.ts';

/** Above the conversation. */
export function Losses({ view }: { view: ViewModel }) {
  const { isForgetful, messages, pending, lost } = view.session;
  const isTalking = messages.value.length + pending.value.length > 0;
  return (
    <>
      {isForgetful.value && isTalking && <p class="notice">{extraStrings.forgetful}</p>}
      {lost.value === 'epoch' && (
        <p class="notice" role="status">
          {extraStrings.restored}
        </p>
      )}
    </>
  );
}

/** Before the first message that is left. */
export function Shortened({ view }: { view: ViewModel }) {
  const { hasOlder, chat, lost } = view.session;
  const isShort = lost.value === 'retention' || (chat.value?.firstSeq ?? 1) > 1;
  return isShort && !hasOlder.value ? <p class="day">{extraStrings.shortened}</p> : null;
}
