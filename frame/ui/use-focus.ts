/** Gives an element the focus whenever the view asks for it: what was pressed may be gone by then, and the focus with it. */
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import type { View } from './view.ts';

export function useFocusAsked(view: View, ref: RefObject<HTMLElement | null>): void {
  const asked = view.focusAsked.value;
  useEffect(() => {
    if (!asked) return;
    ref.current?.focus();
    view.focusTaken();
  }, [asked, ref, view]);
}
