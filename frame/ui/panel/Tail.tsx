/**
 * What stands between the messages and the composer: the start, the wait, an invitation, another way to get in touch, the
 * end and its rating. It is not part of the log: a screen reader would read it out as a message.
 */
import { Start } from './Start.tsx';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Tail({ view }: { view: ViewModel }) {
  const { session } = view;
  const extras = view.extras.value;
  const state = session.state.value;
  const chat = session.chat.value;
  const typing = session.typing.value;
  const isTalking = session.messages.value.length + session.pending.value.length + session.uploads.value.length > 0;
  const isWaiting = state === 'chat' && session.operator.value === null && chat?.isAnswered !== true;
  const hasEnded = state === 'available' && chat !== null && !chat.isOpen && isTalking;

  return (
    <div class={isTalking || state === 'chat' ? 'tail' : 'tail alone'}>
      {typing !== null && (
        <p class="typing">
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{t('typing', { name: typing })}</span>
        </p>
      )}
      {isWaiting && typing === null && <p class="waiting">{session.isAvailable.value ? t('waiting') : t('waitingAway')}</p>}
      {state === 'invite' && extras && <extras.Invitation view={view} />}
      {state === 'chat' && extras && <extras.Retention view={view} />}
      {hasEnded && (
        <div class="ended">
          <p>{t('ended')}</p>
          {chat.isAnswered && extras && <extras.Rating view={view} />}
        </div>
      )}
      {state === 'available' && <Start view={view} isFirst={!isTalking} />}
      {state !== 'available' && session.requiredInfo.value.length > 0 && extras && <extras.Details view={view} submit={t('continue')} />}
    </div>
  );
}
