/** The files that wait above the text for *Send*, each with a button that removes it. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Attachments } from './attachments.ts';
import { Icon } from '../Icon.tsx';
import * as more from '../icons-extras.ts';
import * as icons from '../icons.ts';
import { FileName } from '../messages/FileName.tsx';
import { isPicture, sizeLabel, type Picked } from './uploads.ts';
import type { ViewModel } from '../contract.ts';
import { t, tn } from '../words.ts';

export function Attached({ view, attachments }: { view: ViewModel; attachments: Attachments }) {
  const held = attachments.held.value;
  const refused = attachments.refused.value;
  return (
    <>
      <p class="unseen" role="status">
        {held.length > 0 ? tn('attached', held.length) : ''}
      </p>
      {refused !== null && (
        <p class="problem" role="status">
          {refused()}
        </p>
      )}
      {held.length > 0 && (
        <ul class="attached">
          {held.map((one) => (
            <Waiting key={one.uid} file={one.file} onDiscard={() => (attachments.discard(one.uid), view.takeFocus())} />
          ))}
        </ul>
      )}
    </>
  );
}

function Waiting({ file, onDiscard }: { file: Picked['good'][number]['file']; onDiscard: () => void }) {
  const picture = useMemo(() => (file instanceof Blob && isPicture(file.name) ? URL.createObjectURL(file) : null), [file]);
  useEffect(() => () => void (picture && URL.revokeObjectURL(picture)), [picture]);
  // A name promises a picture, and only the browser knows whether it is one.
  const isBroken = useSignal(false);
  const isShown = picture !== null && !isBroken.value;
  return (
    <li class={isShown ? 'shot' : undefined}>
      {isShown ? <img src={picture} alt={file.name} decoding="async" onError={() => (isBroken.value = true)} /> : <Icon path={more.file} />}
      {!isShown && (
        <span>
          <FileName name={file.name} />
          <small>{sizeLabel(file.size)}</small>
        </span>
      )}
      <button
        type="button"
        class="round"
        aria-label={t('remove', { name: file.name })}
        title={t('remove', { name: file.name })}
        onClick={onDiscard}
      >
        <Icon path={icons.close} />
      </button>
    </li>
  );
}
