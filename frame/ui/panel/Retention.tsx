/**
 * What a visitor in a chat sees while nobody answers: that the operator is not connected or, after a long wait, another way to get
 * in touch: a form, a call, another group.
 */
import { Away } from './Away.tsx';
import { Groups } from '../forms/Groups.tsx';
import type { ViewModel } from '../contract.ts';
import type { AlternateWay } from '../../../shared/chat.ts';
import type { TextKey } from '../../../shared/languages/catalogue.ts';
import { t } from '../words.ts';

export function Retention({ view }: { view: ViewModel }) {
  return (
    <>
      <Away view={view} />
      <Offer view={view} />
    </>
  );
}

const WAYS: Record<AlternateWay, [TextKey, TextKey]> = {
  offline_message: ['busyMessage', 'leaveMessage'],
  sitephone: ['busyCall', 'call'],
  chat: ['busyChat', 'chooseOther'],
};

function Offer({ view }: { view: ViewModel }) {
  const way = view.session.retention.value;
  if (!way) return null;
  if (view.form.value === 'groups') return <Groups view={view} onChoose={(id) => view.switchTo(id)} />;
  const [text, button] = WAYS[way];
  return (
    <div class="card">
      <p>{t(text)}</p>
      <button type="button" class="primary" onClick={() => (way === 'chat' ? view.show('groups') : view.openRequest(way === 'sitephone'))}>
        {t(button)}
      </button>
    </div>
  );
}
