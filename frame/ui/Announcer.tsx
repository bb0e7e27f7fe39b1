/**
 * Text that a screen reader speaks and nobody sees. It stays in the document, because readers ignore a live region that has just come.
 *
 * What stands elsewhere for the eye is spoken from a closed shadow tree. A reader follows the tree of accessibility, where it is a text
 * like any other; whoever looks for a text in the document (a translator, an extension, a test) meets each message once.
 */
import { render } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Said, ViewModel } from './contract.ts';
import { tn } from './words.ts';

export function Announcer({ view }: { view: ViewModel }) {
  const host = useRef<HTMLDivElement>(null);
  const unread = view.session.unread.value;
  const isClosed = view.stage.presentation.value.view === null;
  useLayoutEffect(() => {
    const root = host.current!.attachShadow({ mode: 'closed' });
    render(<Voice view={view} />, root);
    return () => render(null, root);
  }, [view]);
  return (
    <div class="unseen">
      <div ref={host} />
      <div role="status" id="unread">
        {isClosed && unread > 0 ? tn('unread', unread) : ''}
      </div>
    </div>
  );
}

function Voice({ view }: { view: ViewModel }) {
  const extras = view.extras.value;
  return (
    <>
      <div role="status">
        <Words said={view.status.value} />
      </div>
      <div aria-live="polite">{extras && <extras.Spoken view={view} />}</div>
    </>
  );
}

/** A new element each time, so that a reader repeats the same words. */
function Words({ said }: { said: Said }) {
  return said.text === '' ? null : <span key={said.n}>{said.text}</span>;
}
