/** One picture as large as the panel, the ones before and after it, and a way to keep it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FileInfo } from '../../../shared/chat.ts';
import { Icon } from '../Icon.tsx';
import { close } from '../icons.ts';
import { t } from '../words.ts';

const DOWNLOAD = 'M12 4v11M6.5 10.5 12 16l5.5-5.5M4.5 20h15';

export interface ViewerProps {
  pictures: readonly FileInfo[];
  first: number;
  dialog: HTMLDialogElement;
  onClose: () => void;
}

export function Viewer({ pictures, first, dialog, onClose }: ViewerProps) {
  const at = useSignal(first);
  const picture = pictures[at.value];
  const label = t('picture', { name: picture?.name ?? '' });

  useEffect(() => {
    // Backwards is where reading comes from.
    const handleKey = (event: KeyboardEvent) => {
      const isBack = (event.key === 'ArrowLeft') === (document.documentElement.dir !== 'rtl');
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      event.preventDefault();
      at.value = Math.min(pictures.length - 1, Math.max(0, at.peek() + (isBack ? -1 : 1)));
    };
    dialog.addEventListener('keydown', handleKey);
    return () => dialog.removeEventListener('keydown', handleKey);
  }, [at, dialog, pictures]);

  useEffect(() => dialog.setAttribute('aria-label', label), [dialog, label]);

  if (!picture) return null;
  return (
    <>
      <header>
        <b dir="auto">{picture.name}</b>
        {pictures.length > 1 && (
          <span>
            {at.value + 1} / {pictures.length}
          </span>
        )}
        <a class="round" href={picture.link} download={picture.name} target="_blank" rel="noopener noreferrer" aria-label={t('download')}>
          <Icon path={DOWNLOAD} />
        </a>
        <button type="button" class="round" aria-label={t('closePicture')} onClick={onClose}>
          <Icon path={close} />
        </button>
      </header>
      <figure aria-live="polite" onClick={(event) => event.target === event.currentTarget && onClose()}>
        <img key={picture.link} src={picture.link} width={picture.width} height={picture.height} alt={label} />
      </figure>
    </>
  );
}
