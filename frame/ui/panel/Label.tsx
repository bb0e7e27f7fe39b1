/**
 * The site's words beside the launcher. They open the chat as well: for pointers, and for those who name by voice what they read.
 * The Tab key finds the launcher alone.
 */
import type { ViewModel } from '../contract.ts';
import * as more from '../icons-extras.ts';

/** Pictures of the launcher besides the usual one, by setting; `away` while nobody is there. */
export const GLYPHS: Readonly<Record<string, string>> = { question: more.question, hand: more.hand, away: more.mail };

export function Label({ view }: { view: ViewModel }) {
  const text = view.session.settings.value.common.launcher_label;
  return text === '' ? null : (
    <button type="button" class="label" tabIndex={-1} dir="auto" onClick={() => view.stage.open('chat')}>
      {text}
    </button>
  );
}
