/** Text that a screen reader speaks and nobody sees. It stays in the document, because readers ignore a live region that has just come. */
import type { Said, ViewModel } from './contract.ts';
import { tn } from './words.ts';

export function Announcer({ view }: { view: ViewModel }) {
  const extras = view.extras.value;
  const unread = view.session.unread.value;
  const isClosed = view.stage.presentation.value.view === null;
  return (
    <div class="unseen">
      <div role="status">
        <Words said={view.status.value} />
      </div>
      <div role="status" id="unread">
        {isClosed && unread > 0 ? tn('unread', unread) : ''}
      </div>
      <div aria-live="polite">{extras && <extras.Spoken view={view} />}</div>
    </div>
  );
}

/** A new element each time, so that a reader repeats the same words. */
function Words({ said }: { said: Said }) {
  return said.text === '' ? null : <span key={said.n}>{said.text}</span>;
}
