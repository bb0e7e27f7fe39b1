/** A dropped file that nobody takes must not replace the workplace: a browser would open it in its place. */
import { isDragOfFiles } from '../../shared/ui/transfer.ts';

/** A handler that takes a drop calls `preventDefault`; text goes into a text box by itself. Returns a function that ends it. */
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
