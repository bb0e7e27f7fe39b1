/**
 * What a visitor in a chat sees while nobody answers: that the operator is not connected or, after a long wait, another way to get
 * in touch: a form, a call, another group.
 */
import { Away } from './Away.tsx';
import { Groups } from '../forms/Groups.tsx';
import { extraStrings } from '../strings-extras.ts';
import type { ViewModel } from '../contract.ts';

export function Retention({ view }: { view: ViewModel }) {
  return (
    <>
      <Away view={view} />
      <Offer view={view} />
    </>
  );
}

function Offer({ view }: { view: ViewModel }) {
  const way = view.session.retention.value;
  if (!way) return null;
  if (view.form.value === 'groups') return <Groups view={view} onChoose={(id) => view.switchTo(id)} />;
  const { text, button } = extraStrings.ways[way];
  return (
    <div class="card">
      <p>{text}</p>
      <button type="button" class="primary" onClick={() => (way === 'chat' ? view.show('groups') : view.openRequest(way === 'sitephone'))}>
        {button}
      </button>
    </div>
  );
}
