/** Where the visitor writes. Enter sends, Shift+Enter makes a line; pasted and dropped files wait above the text. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { MESSAGE_MAX_LENGTH, codePoints } from '../../../shared/limits.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

/** The counter appears when this few characters are left. */
const COUNT_FROM = 200;

export function Composer({ view }: { view: ViewModel }) {
  const { session } = view;
  const box = useRef<HTMLTextAreaElement>(null);
  const draft = view.draft.value;
  const { chat } = session.settings.value;
  const left = MESSAGE_MAX_LENGTH - codePoints(draft);
  const isCounted = left <= COUNT_FROM;
  const extras = view.extras.value;
  const attachments = view.attachments.value;
  const isDropping = attachments?.isDropping.value === true;

  // As high as its text, up to what the stylesheet allows.
  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.setProperty('height', 'auto');
    // An empty box is one line high, even if the placeholder wraps while the frame is still as small as the launcher.
    if (draft !== '') area.style.setProperty('height', `${area.scrollHeight}px`);
  }, [draft]);

  const handleKey = (event: KeyboardEvent) => {
    // While a word is being composed, Enter belongs to the input method (229: Safari).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    view.post();
  };

  return (
    <form class={isDropping ? 'composer dropping' : 'composer'} onSubmit={(event) => (event.preventDefault(), view.post())}>
      {attachments?.refused.value && (
        <p class="problem" role="status">
          {attachments.refused.value}
        </p>
      )}
      <div class="sheet">
        {extras && attachments && <extras.Attached view={view} attachments={attachments} />}
        <textarea
          ref={box}
          rows={1}
          dir="auto"
          aria-label={t('message')}
          aria-describedby={`${chat.is_typing_preview ? 'preview' : ''} ${isCounted ? 'count' : ''}`.trim() || undefined}
          aria-invalid={left < 0}
          placeholder={isDropping ? t('dropHere') : t('placeholder')}
          value={draft}
          data-first
          onInput={(event) => view.write(event.currentTarget.value)}
          onKeyDown={handleKey}
          onPaste={(event) => attachments?.paste(event)}
        />
        <div class="tools">
          {extras && <extras.Tools view={view} left={isCounted ? left : null} />}
          <button
            type="submit"
            class="send"
            aria-label={t('send')}
            title={t('send')}
            aria-disabled={(draft.trim() === '' && !attachments?.held.value.length) || left < 0}
          >
            <Icon path={icons.send} />
          </button>
        </div>
      </div>
      {chat.is_typing_preview && (
        <p class="fine" id="preview">
          {t('preview')}
        </p>
      )}
    </form>
  );
}
