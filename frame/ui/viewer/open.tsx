/** Opens the viewer over the panel. A chunk of its own: most visitors never look at a picture. */
import { render } from 'preact';
import type { FileInfo } from '../../../shared/chat.ts';
import { focus } from '../use-focus.ts';
import { Viewer } from './Viewer.tsx';
import './viewer.css';

/** Shows the picture with this address. The focus goes back to what had it when the viewer is closed. */
export function openViewer(pictures: readonly FileInfo[], link: string): void {
  const panel = document.getElementById('panel');
  const at = pictures.findIndex((picture) => picture.link === link);
  // While the chunk was on its way the chat was closed, the picture opened a second time, or the visitor went back to the page.
  if (panel === null || at < 0 || document.querySelector('dialog[open]') !== null || !document.hasFocus()) return;
  const before = document.activeElement;
  const dialog = document.createElement('dialog');
  dialog.className = 'viewer';
  const place = () => {
    const { left, top, width, height } = panel.getBoundingClientRect();
    for (const [name, value] of Object.entries({ left, top, width, height })) dialog.style.setProperty(name, `${value}px`);
  };
  const observer = new ResizeObserver(place);
  dialog.addEventListener('close', () => {
    observer.disconnect();
    render(null, dialog);
    dialog.remove();
    if (before instanceof HTMLElement) focus(before);
  });
  // On the dialog and not on the document: there, Escape closes the chat.
  dialog.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    dialog.close();
  });
  panel.append(dialog);
  render(<Viewer pictures={pictures} first={at} onClose={() => dialog.close()} dialog={dialog} />, dialog);
  place();
  observer.observe(panel);
  dialog.showModal();
  focus(dialog.querySelector('button'));
}
