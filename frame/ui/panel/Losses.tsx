/**
 * Says in the conversation where messages are or will be missing: the browser keeps nothing of it, or its beginning is too old to be
 * kept. Nobody knows what was lost; the visitor learns that something was.
 */
import { signal } from '@preact/signals';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

/** Once on a page is enough; where nothing can be kept, this cannot either. */
const isDismissed = signal(false);

/** After the newest message. */
export function Forgetful({ view }: { view: ViewModel }) {
  const { isForgetful, messages, pending } = view.session;
  const isTalking = messages.value.length + pending.value.length > 0;
  if (isDismissed.value || !isForgetful.value || !isTalking) return null;
  return (
    <div class="loss">
      <p>{t('forgetful')}</p>
      <button type="button" class="round" aria-label={t('dismiss')} onClick={() => ((isDismissed.value = true), view.takeFocus())}>
        <Icon path={icons.close} />
      </button>
    </div>
  );
}

/** Before the first message that is left. */
export function Shortened({ view }: { view: ViewModel }) {
  const { hasOlder, chat, lost } = view.session;
  const isShort = lost.value === 'retention' || (chat.value?.firstSeq ?? 1) > 1;
  return isShort && !hasOlder.value ? (
    <div class="day" role="listitem">
      {t('shortened')}
    </div>
  ) : null;
}
