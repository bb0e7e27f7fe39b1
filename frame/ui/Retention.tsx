/** The other way to get in touch that is offered to a visitor who has waited long: a form, a call, somebody else. */
import { Groups } from './Groups.tsx';
import { extraStrings } from './strings-extras.ts';
import type { View } from './view.ts';

export function Retention({ view }: { view: View }) {
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
