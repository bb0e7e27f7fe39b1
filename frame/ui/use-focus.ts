/**
 * The one place where our document takes the focus. It never takes it from the page: a password that a visitor is typing there
 * must not continue in our text box. Only our own document knows whether it has the focus.
 */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ViewModel } from './contract.ts';

/** Moves the focus to an element of ours, if our document has it already. */
export function focus(element?: HTMLElement | null): void {
  if (document.hasFocus()) element?.focus();
}

/** What had the focus is gone; a visitor who has moved on meanwhile keeps it. */
export const isFocusLost = (): boolean => document.activeElement === document.body;

/**
 * Moves the focus to the main control inside the element when the view model asks for it: missing details, else the composer, else
 * the launcher. The button that the visitor pressed may be gone by then, and the focus with it.
 */
export function useFocusAsked(view: ViewModel): RefObject<HTMLDivElement> {
  const root = useRef<HTMLDivElement | null>(null);
  const asked = view.focusAsked.value;
  const isWhole = view.extras.value !== null;
  useEffect(() => {
    if (!asked) return undefined;
    const take = () => {
      focus(root.current?.querySelector<HTMLElement>('section:not([inert]) [data-first], :not([inert]) > * > .launcher'));
      // A form is drawn a moment after the composer, which keeps the focus until then.
      if (isWhole && document.hasFocus()) view.focusTaken();
    };
    take();
    // A button of the page gives the focus to us in a moment. Whoever comes by a click wants what was clicked.
    const stops = new AbortController();
    addEventListener('focus', take, stops);
    addEventListener('pointerdown', () => stops.abort(), { capture: true, signal: stops.signal });
    return () => stops.abort();
  });
  return root as RefObject<HTMLDivElement>;
}
