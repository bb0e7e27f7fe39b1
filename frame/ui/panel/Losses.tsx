/**
 * Says where messages are missing, and why: the browser blocks storage, the server was restored from a backup, or the beginning
 * of the conversation is too old to be kept. Nobody knows what was lost; the visitor learns that something was.
 */
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

/** Above the conversation. */
export function Losses({ view }: { view: ViewModel }) {
  const { isForgetful, messages, pending, lost } = view.session;
  const isTalking = messages.value.length + pending.value.length > 0;
  return (
    <>
      {isForgetful.value && isTalking && <p class="notice">{t('forgetful')}</p>}
      {lost.value === 'epoch' && (
        <p class="notice" role="status">
          {t('restored')}
        </p>
      )}
    </>
  );
}

/** Before the first message that is left. */
export function Shortened({ view }: { view: ViewModel }) {
  const { hasOlder, chat, lost } = view.session;
  const isShort = lost.value === 'retention' || (chat.value?.firstSeq ?? 1) > 1;
  return isShort && !hasOlder.value ? <p class="day">{t('shortened')}</p> : null;
}
