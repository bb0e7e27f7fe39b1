/** Below the messages of somebody without a chat: the text of an invitation, or what became of the one that stands. */
import { useSignal } from '@preact/signals';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import type { Session } from '../session/contract.ts';
import { runningKey } from '../session/outgoing.ts';
import { t } from './strings.ts';

export function InviteForm({ session, item, hadChat }: { session: Session; item: VisitorItem; hadChat: boolean }) {
  const text = useSignal<string>(t.invitationText);
  const isOffline = session.connection.value !== 'online';

  if (item.presence === 'invited') {
    return (
      <div class="foot foot-line">
        <p class="muted">{t.invited}</p>
        <button
          type="button"
          class="button"
          disabled={isOffline || session.running.value.has(runningKey('invite.withdraw', item.id))}
          onClick={session.withdrawInvite}
        >
          {t.withdraw}
        </button>
      </div>
    );
  }

  const isRunning = session.running.value.has(runningKey('visitor.invite', item.id));
  return (
    <form
      class="foot invite"
      aria-label={t.inviteTitle}
      onSubmit={(event) => {
        event.preventDefault();
        session.invite(text.value);
      }}
    >
      <p class="invite-title">{hadChat ? `${t.chatOver} ${t.inviteTitle}` : t.inviteTitle}</p>
      <div class="invite-line">
        <textarea
          class="input"
          rows={2}
          maxLength={1000}
          aria-label={t.invitation}
          dir="auto"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <button
          type="submit"
          class="button button-primary"
          disabled={!item.isInvitable || isOffline || isRunning || text.value.trim() === ''}
        >
          {t.invite}
        </button>
      </div>
      {!item.isInvitable && <p class="muted">{t.notInvitable}</p>}
    </form>
  );
}
