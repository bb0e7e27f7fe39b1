/** The composer's tools: attach a file, send or print the transcript, and the count of characters left. */
import { useRef } from 'preact/hooks';
import { Count } from '../composer/Count.tsx';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

/** `left`: characters the text has left, where it is time to count them. */
export function Tools({ view, left }: { view: ViewModel; left: number | null }) {
  const { session } = view;
  const picker = useRef<HTMLInputElement>(null);
  const hasMessages = session.messages.value.length + session.pending.value.length > 0;
  const button = (name: 'attach' | 'mail' | 'print', path: string, act: () => void) => (
    <button type="button" class="round" aria-label={t(name)} title={t(name)} onClick={act}>
      <Icon path={path} />
    </button>
  );
  return (
    <>
      {session.canSendFile.value && (
        <>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label={t('attach')}
            accept={session.settings.value.chat.file.accept.join(',')}
            onChange={(event) => {
              view.attach([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = '';
            }}
          />
          {button('attach', icons.clip, () => picker.current?.click())}
        </>
      )}
      {hasMessages && session.canRate.value && button('mail', icons.mail, () => view.show('mail'))}
      {hasMessages && button('print', icons.print, () => view.stage.print())}
      {left !== null && <Count left={left} />}
    </>
  );
}
