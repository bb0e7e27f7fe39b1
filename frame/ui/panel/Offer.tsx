/** After a long wait: another way to get in touch, a form, a call or another group. It takes the place of the waiting line. */
import { useEffect, useRef } from 'preact/hooks';
import { Groups } from '../forms/Groups.tsx';
import { focus } from '../use-focus.ts';
import type { ViewModel } from '../contract.ts';
import type { AlternateWay } from '../../../shared/chat.ts';
import type { TextKey } from '../../../shared/languages/catalogue.ts';
import { t } from '../words.ts';

const WAYS: Record<AlternateWay, [TextKey, TextKey]> = {
  offline_message: ['busyMessage', 'leaveMessage'],
  sitephone: ['busyCall', 'call'],
  chat: ['busyChat', 'chooseOther'],
};

/** What the visitor is told with it. */
export const offerOf = (way: AlternateWay): string => t(WAYS[way][0]);

export function Offer({ view }: { view: ViewModel }) {
  const way = view.session.retention.value;
  if (!way) return null;
  if (view.form.value === 'groups') return <Choice view={view} />;
  const [, button] = WAYS[way];
  return (
    <button type="button" class="primary" onClick={() => (way === 'chat' ? view.show('groups') : view.openRequest(way === 'sitephone'))}>
      {t(button)}
    </button>
  );
}

/** The press begins the other chat, not the choice: arrow keys pass every group on their way to the last. */
function Choice({ view }: { view: ViewModel }) {
  const root = useRef<HTMLDivElement>(null);
  const id = view.group.value;
  // The button that asked for it is gone.
  useEffect(() => focus(root.current?.querySelector('input')), []);
  return (
    <div ref={root} class="choice">
      <Groups view={view} onChoose={view.choose} />
      <button type="button" class="primary" aria-disabled={id === null} onClick={() => id !== null && view.switchTo(id)}>
        {t('continue')}
      </button>
    </div>
  );
}
