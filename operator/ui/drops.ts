/** What is dropped on the workplace and nobody takes must not take the workplace's place: a browser would open it. */
import { isDragOfFiles } from '../../shared/ui/transfer.ts';

/** Whoever takes a drop says so with `preventDefault`; text finds its way into a text box by itself. Returns what ends it. */
export function refuseDrops(target: Document): () => void {
  const refuse = (event: DragEvent): void => {
    if (event.defaultPrevented) return;
    if (!isDragOfFiles(event.dataTransfer?.types ?? []) && event.target instanceof Element && event.target.matches('input, textarea'))
      return;
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'none';
  };
  target.addEventListener('dragover', refuse);
  target.addEventListener('drop', refuse);
  return () => {
    target.removeEventListener('dragover', refuse);
    target.removeEventListener('drop', refuse);
  };
}
