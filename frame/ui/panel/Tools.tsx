/** Keeps the box as high as its text, where the browser does not do it by `field-sizing`. It draws nothing. */
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { ViewModel } from '../contract.ts';

export function Tools({ view, box }: { view: ViewModel; box: RefObject<HTMLTextAreaElement | null> }) {
  const draft = view.draft.value;
  useLayoutEffect(() => {
    const area = box.current;
    if (!area || CSS.supports('field-sizing', 'content')) return;
    // Up to what the stylesheet allows.
    area.style.removeProperty('height');
    if (draft !== '') area.style.setProperty('height', `${area.scrollHeight}px`);
  }, [draft, box]);
  return null;
}
