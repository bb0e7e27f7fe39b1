/**
 * Sets the site's colours on the interface's root. The document brings them worked out; only where the page's script or a new
 * setting has chosen others are they worked out here, by code that is fetched for it.
 */
import { effect, untracked } from '@preact/signals';
import type { Theme } from '../../shared/ui/theme.ts';
import type { Session, Stage } from '../session/contract.ts';

/** Calls `draw` each time there are colours to draw with. */
export function createPaint(root: HTMLElement, session: Session, stage: Stage, draw: () => void): () => void {
  // Our own server has written it.
  const { colour, text, theme } = JSON.parse(document.querySelector<HTMLMetaElement>('meta[name="callgear-theme"]')!.content) as Served;
  let wanted = '';
  const stop = effect(() => {
    const { banner_color, accent_text } = session.settings.value.common;
    const chosen = stage.presentation.value.appearance.banner_color ?? banner_color;
    const paint = (theme: Theme): void => {
      if (wanted !== chosen + accent_text) return;
      for (const [token, value] of Object.entries(theme)) root.style.setProperty(token, value);
      untracked(draw);
    };
    wanted = chosen + accent_text;
    if (wanted === colour + text) return paint(theme);
    // Without a network the site's colour is better than none.
    import('../../shared/ui/theme.ts').then(
      ({ themeOf }) => paint(themeOf(chosen, accent_text)),
      () => paint(theme),
    );
  });
  return () => {
    wanted = '';
    stop();
  };
}

/** What the document says: the tokens, and what they were worked out from. */
interface Served {
  colour: string;
  text: string;
  theme: Theme;
}
