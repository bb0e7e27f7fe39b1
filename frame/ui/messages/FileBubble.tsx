/** A file that somebody sent: the picture itself where every browser draws it, else one line with its name. */
import { useSignal } from '@preact/signals';
import type { FileInfo } from '../../../shared/chat.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import { isPicture, sizeLabel } from '../composer/uploads.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';
import { AWAY } from './Formatted.tsx';
import { FileName } from './FileName.tsx';
import { fitted } from './fitted.ts';

export function FileBubble({ view, file }: { view: ViewModel; file: FileInfo }) {
  const isBroken = useSignal(false);
  const { link, name, size } = file;
  const away = { href: link, ...AWAY };
  if (isPicture(name) && !isBroken.value) {
    const open = (event: MouseEvent) => {
      // With a key held down it is for the browser: another tab, another window, a download.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      void import('../viewer/open.tsx').then(
        ({ openViewer }) => openViewer(picturesIn(view), link),
        // Without a network for the viewer there may still be one for the picture.
        () => window.open(link, '_blank', 'noopener'),
      );
    };
    return (
      <a class={fitted(file) ? 'bubble picture' : 'bubble picture cut'} {...away} aria-haspopup="dialog" onClick={open}>
        <img src={link} {...fitted(file)} alt={t('picture', { name })} onError={() => (isBroken.value = true)} />
      </a>
    );
  }
  return (
    <a class="bubble file" {...away}>
      <Icon path={icons.file} />
      <FileName name={name} />
      <small>{sizeLabel(size)}</small>
    </a>
  );
}

/** All pictures of the conversation that are loaded, oldest first. */
function picturesIn({ session }: ViewModel): FileInfo[] {
  return session.entries.peek().flatMap(({ file }) => (file && isPicture(file.name) ? [file] : []));
}
