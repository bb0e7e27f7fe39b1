/**
 * The line below the composer: that the operator sees what is being typed, and how many characters are left. It has its place as
 * long as the operator can see the draft, so that nothing moves when the visitor begins to write.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { ViewModel } from '../contract.ts';
import { t, tn } from '../words.ts';

/** `left`: characters that the text has left, where it is time to count them. */
export function Foot({ view, left }: { view: ViewModel; left: number | null }) {
  const { session } = view;
  // Whoever is at work sees the draft in a chat, also before one of them joins.
  const isRead =
    session.settings.value.chat.is_typing_preview &&
    session.state.value === 'chat' &&
    (session.operator.value !== null || session.isAvailable.value);
  const isWriting = view.draft.value !== '';

  // Spoken with the first text; for the next one it is only seen.
  const isTold = useRef(false);
  const wasWriting = useRef(false);
  useEffect(() => {
    isTold.current ||= wasWriting.current && !isWriting;
    wasWriting.current = isRead && isWriting;
  }, [isRead, isWriting]);

  return (
    <>
      {(isRead || left !== null) && (
        <div class="fine">
          {isRead && <p role={isTold.current ? undefined : 'status'}>{isWriting ? t('preview') : ''}</p>}
          {left !== null && (
            <p id="count" class={left < 0 ? 'count bad' : 'count'}>
              {left < 0 ? tn('charactersOver', -left) : tn('charactersLeft', left)}
            </p>
          )}
        </div>
      )}
    </>
  );
}
