/** Where the visitor writes. Enter sends, Shift+Enter makes a line; pasted and dropped files wait above the text. */
import { useRef } from 'preact/hooks';
import { MESSAGE_MAX_LENGTH, codePoints } from '../../../shared/limits.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

/** The counter appears when this few characters are left. */
const COUNT_FROM = 200;

export function Composer({ view }: { view: ViewModel }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const draft = view.draft.value;
  const left = MESSAGE_MAX_LENGTH - codePoints(draft);
  const isCounted = left <= COUNT_FROM;
  const extras = view.extras.value;
  const attachments = view.attachments.value;
  const isDropping = attachments?.isDropping.value === true;

  const handleKey = (event: KeyboardEvent) => {
    // While a word is being composed, Enter belongs to the input method (229: Safari).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    view.post();
  };

  return (
    <form class={isDropping ? 'composer dropping' : 'composer'} onSubmit={(event) => (event.preventDefault(), view.post())}>
      <div class="sheet">
        {extras && attachments && <extras.Attached view={view} attachments={attachments} />}
        {extras && attachments && <extras.Attach view={view} attachments={attachments} />}
        <textarea
          ref={box}
          rows={1}
          // An empty box reads as the interface does, or the placeholder of a language written from the right would stand on the left.
          dir={draft === '' ? undefined : 'auto'}
          enterkeyhint="send"
          aria-label={t('message')}
          aria-describedby={isCounted ? 'count' : undefined}
          aria-invalid={left < 0}
          placeholder={isDropping ? t('dropHere') : t('placeholder')}
          value={draft}
          data-first
          onInput={(event) => view.write(event.currentTarget.value)}
          onKeyDown={handleKey}
          onPaste={(event) => attachments?.paste(event)}
        />
        {extras && <extras.Tools view={view} box={box} />}
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
      {extras && <extras.Foot view={view} left={isCounted ? left : null} />}
    </form>
  );
}
