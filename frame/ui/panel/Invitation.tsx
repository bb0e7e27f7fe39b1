/** An operator's invitation: beside the launcher while the chat is closed, inside the panel while it is open. Never takes the focus. */
import { Avatar } from '../Avatar.tsx';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

/** Of more than this some may be scrolled, which not every browser lets keys do without a focus. UTF-16 units. */
const LONG = 160;

export function Invitation({ view }: { view: ViewModel }) {
  const invite = view.session.invite.value;
  if (!invite) return null;

  const accept = () => {
    view.session.acceptInvite(BY_VISITOR);
    if (view.stage.presentation.peek().view === null) view.stage.open('chat');
    else view.takeFocus();
  };
  const decline = () => {
    view.session.rejectInvite(BY_VISITOR);
    view.takeFocus();
  };

  return (
    <section
      class="invitation"
      aria-label={invite.from}
      onKeyDown={(event) => event.key === 'Escape' && (event.preventDefault(), decline())}
    >
      <header>
        <Avatar name={invite.from} picture={invite.operator_info?.avatar} />
        <b dir="auto">{invite.from}</b>
        <button type="button" class="round" aria-label={t('decline')} onClick={decline}>
          <Icon path={icons.close} />
        </button>
      </header>
      <p dir="auto" tabIndex={invite.invite_message.length > LONG ? 0 : undefined}>
        {invite.invite_message}
      </p>
      <button type="button" class="primary" onClick={accept}>
        {t('accept')}
      </button>
    </section>
  );
}
