/** *Attach file*: picks files, which then wait above the text. */
import { useRef } from 'preact/hooks';
import type { Attachments } from './attachments.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Attach({ view, attachments }: { view: ViewModel; attachments: Attachments }) {
  const { session } = view;
  const picker = useRef<HTMLInputElement>(null);
  if (!session.canSendFile.value) return null;
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={t('attach')}
        accept={session.settings.value.chat.file.accept.join(',')}
        onChange={(event) => {
          attachments.hold([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
          // On a phone the keyboard would come up and cover what has just been picked.
          if (matchMedia('(pointer: fine)').matches) view.takeFocus();
        }}
      />
      <button type="button" class="round attach" aria-label={t('attach')} title={t('attach')} onClick={() => picker.current?.click()}>
        <Icon path={icons.clip} />
      </button>
    </>
  );
}
