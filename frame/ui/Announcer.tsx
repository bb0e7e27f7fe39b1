/** What a screen reader says and nobody sees. Always in the document while anything of ours is, so that it is listened to. */
import { strings } from './strings.ts';
import type { Said, ViewModel } from './contract.ts';

export function Announcer({ view }: { view: ViewModel }) {
  const unread = view.session.unread.value;
  const isClosed = view.stage.presentation.value.view === null;
  return (
    <div class="unseen">
      <div role="status">
        <Words said={view.status.value} />
      </div>
      <div role="status" id="unread">
        {isClosed && unread > 0 ? strings.unread(unread) : ''}
      </div>
      <div role="alert">
        <Words said={view.alert.value} />
      </div>
    </div>
  );
}

/** A new element each time, so that the same words are said again. */
function Words({ said }: { said: Said }) {
  return said.text === '' ? null : <span key={said.n}>{said.text}</span>;
}
