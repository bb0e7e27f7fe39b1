/**
 * The question before anything leaves the page, where a site requires consent. What the visitor has written stays in the box and is
 * sent once they agree and the server has answered.
 */
import { effect, untracked } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { focus } from '../use-focus.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Consent({ view }: { view: ViewModel }) {
  const button = useRef<HTMLButtonElement>(null);
  const { privacy_url: privacy } = view.session.settings.value.common;

  // The visitor tried to send: this is what stands in between.
  const asked = view.detailsAsked.value;
  const answered = useRef(asked);
  useEffect(() => {
    if (asked !== answered.current) focus(button.current);
    answered.current = asked;
  }, [asked]);

  return (
    <div class="card consent">
      <p id="consent">
        {t('consent')}{' '}
        {privacy && (
          <a href={privacy} target="_blank" rel="noopener noreferrer">
            {t('privacy')}
          </a>
        )}
      </p>
      <div class="answers">
        <button ref={button} type="button" class="primary" aria-describedby="consent" onClick={() => agree(view)}>
          {t('agree')}
        </button>
        <button type="button" class="secondary" onClick={() => view.stage.close()}>
          {t('notNow')}
        </button>
      </div>
    </div>
  );
}

/** Only a server that has answered knows which details it needs before the first message. */
function agree(view: ViewModel): void {
  const { connection } = view.session;
  view.takeFocus();
  view.session.agree();
  const stop = effect(() => {
    if (connection.value === 'connecting' || connection.value === 'offline') return;
    if (connection.value === 'online' && view.draft.peek().trim() !== '') untracked(() => view.post());
    queueMicrotask(() => stop());
  });
}
