/** What stands between the text and *Send*: the transcript, by mail or on paper. It also keeps the box as high as its text. */
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Tools({ view, box }: { view: ViewModel; box: RefObject<HTMLTextAreaElement | null> }) {
  const { session } = view;
  const draft = view.draft.value;
  const hasMessages = session.messages.value.length + session.pending.value.length > 0;

  // As high as its text, up to what the stylesheet allows, where the browser does not do it by `field-sizing`.
  useLayoutEffect(() => {
    const area = box.current;
    if (!area || CSS.supports('field-sizing', 'content')) return;
    area.style.removeProperty('height');
    if (draft !== '') area.style.setProperty('height', `${area.scrollHeight}px`);
  }, [draft, box]);

  const button = (name: 'mail' | 'print', path: string, act: () => void) => (
    <button type="button" class="round" aria-label={t(name)} title={t(name)} onClick={act}>
      <Icon path={path} />
    </button>
  );
  return (
    <>
      {hasMessages && session.canRate.value && button('mail', icons.mail, () => view.show('mail'))}
      {hasMessages && button('print', icons.print, () => view.stage.print())}
    </>
  );
}
