/**
 * The one place where our document takes the focus. Whatever of the page has it keeps it: what a visitor is typing there, a password
 * perhaps, must not go on in ours. Whether ours has it only its own document can say.
 */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ViewModel } from './contract.ts';

/** Gives it to an element of ours, if it is anywhere in our document. */
export function focus(element?: HTMLElement | null): void {
  if (document.hasFocus()) element?.focus();
}

/**
 * Gives it to the main control of what is drawn inside the element, when the view asks for it: the details that are missing, else the
 * composer, else the launcher. What was pressed may be gone by then, and the focus with it.
 */
export function useFocusAsked(view: ViewModel): RefObject<HTMLDivElement> {
  const root = useRef<HTMLDivElement | null>(null);
  const asked = view.focusAsked.value;
  const isWhole = view.extras.value !== null;
  useEffect(() => {
    const first = asked && root.current?.querySelector<HTMLElement>('section:not([inert]) [data-first], .launcher');
    if (!first) return;
    focus(first);
    // Forms come a moment later than the composer, which has it until then.
    if (isWhole) view.focusTaken();
  });
  return root as RefObject<HTMLDivElement>;
}
