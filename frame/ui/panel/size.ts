/** The size that the visitor has chosen for the panel; kept for the visit. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { keep, kept } from '../kept.ts';

const isChosen = signal(kept('visit', 'size') === 'large');

/** The panel is wanted wide and nearly as high as the window. */
export const isLarge: ReadonlySignal<boolean> = isChosen;

export function enlarge(isSo: boolean): void {
  isChosen.value = isSo;
  keep('visit', 'size', isSo ? 'large' : '');
}
