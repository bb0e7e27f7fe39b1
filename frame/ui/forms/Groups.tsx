/** Whom to ask, where a site has several groups of operators. */
import type { ViewModel } from '../contract.ts';

export function Groups({ view, onChoose }: { view: ViewModel; onChoose: (id: string) => void }) {
  const { group_title: title, allowed_groups: groups } = view.session.settings.value.chat;
  return (
    <fieldset class="groups">
      <legend dir="auto">{title}</legend>
      {groups.map(({ id, name }) => (
        <label key={id}>
          <input type="radio" name="group" checked={view.group.value === id} onChange={() => onChoose(id)} />
          <span dir="auto">{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
