/** Whom the visitor is talking to, the menu of what is seldom needed, and the way out. Never higher than its 64 pixels. */
import { Avatar } from '../Avatar.tsx';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Header({ view, title }: { view: ViewModel; title: string }) {
  const extras = view.extras.value;
  const operator = view.session.operator.value;
  const { presence } = view.standing.value;
  const who = operator ? operator.name + (operator.position ? ` · ${operator.position}` : '') : presence && t(presence);

  return (
    <header class="header">
      <span class={`face ${operator ? (view.session.isAway.value ? 'away' : 'online') : presence}`}>
        <Avatar name={operator?.name ?? ''} picture={operator ? operator.avatar : view.session.settings.value.common.logo} />
      </span>
      <div>
        <h1 dir="auto">{title}</h1>
        {/* No paragraph: room that a reader puts below those would push the title out of the line. */}
        <span dir="auto">{who}</span>
      </div>
      {extras && <extras.Menu view={view} />}
      <button type="button" class="round" aria-label={t('close')} onClick={() => view.stage.close()}>
        <Icon path={icons.close} />
      </button>
    </header>
  );
}
