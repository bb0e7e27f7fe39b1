/**
 * What stands between the text and *Send*: the button of the emoji picker, which is fetched when it is first pressed. Phones have
 * emoji on their own keyboards. It also keeps the box as high as its text, where the browser does not do it by `field-sizing`.
 */
import { useSignal } from '@preact/signals';
import type { FunctionComponent, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ViewModel } from '../contract.ts';
import type { PickerProps } from '../emoji/emoji.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import { focus } from '../use-focus.ts';
import { t } from '../words.ts';

export function Tools({ view, box }: { view: ViewModel; box: RefObject<HTMLTextAreaElement | null> }) {
  const draft = view.draft.value;
  useLayoutEffect(() => {
    const area = box.current;
    if (!area || CSS.supports('field-sizing', 'content')) return;
    // Up to what the stylesheet allows.
    area.style.removeProperty('height');
    if (draft !== '') area.style.setProperty('height', `${area.scrollHeight}px`);
  }, [draft, box]);

  const picker = useSignal<FunctionComponent<PickerProps> | null>(null);
  const isOpen = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  if (!matchMedia('(pointer: fine)').matches) return null;

  const toggle = async () => {
    isOpen.value = !isOpen.peek();
    if (picker.peek() !== null) return;
    const loaded = await import('../emoji/Picker.tsx').catch(() => null);
    if (loaded === null) isOpen.value = false;
    else picker.value = loaded.Picker;
  };
  const Picker = picker.value;
  return (
    <>
      <button
        type="button"
        ref={opener}
        class="round"
        aria-label={t('emoji')}
        title={t('emoji')}
        aria-haspopup="dialog"
        aria-expanded={isOpen.value}
        onClick={() => void toggle()}
      >
        <Icon path={icons.smile} />
      </button>
      {isOpen.value && Picker && (
        <Picker
          view={view}
          opener={opener}
          onPick={(char) => insert(box.current, char)}
          onClose={(back) => {
            isOpen.value = false;
            if (back === 'text') focus(box.current);
            if (back === 'button') focus(opener.current);
          }}
        />
      )}
    </>
  );
}

/** At the caret, as if it had been typed: so that the visitor can undo it, and everybody who listens hears of it. */
function insert(area: HTMLTextAreaElement | null, text: string): void {
  if (area === null) return;
  const before = document.activeElement;
  focus(area);
  // The newer ways change the text behind the browser's back, and its *Undo* no longer knows what to undo.
  if (!document.execCommand('insertText', false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    area.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  if (before instanceof HTMLElement) focus(before);
}
