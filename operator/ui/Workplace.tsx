/** The signed-in screen: bar, list, conversation, details. Which of them a narrow screen shows is a class; CSS does the rest. */
import { useSignal } from '@preact/signals';
import type { DeviceControls, Session } from '../session/contract.ts';
import { CallOffer } from './CallOffer.tsx';
import { Conversation } from './Conversation.tsx';
import { Details } from './Details.tsx';
import { Notices } from './Notices.tsx';
import { RequestList } from './RequestList.tsx';
import { TopBar } from './TopBar.tsx';
import { VisitorList } from './VisitorList.tsx';
import { Icon } from './Icon.tsx';
import { t } from './strings.ts';

export function Workplace({ session, device }: { session: Session; device: DeviceControls }) {
  const areDetailsOpen = useSignal(false);
  const conversation = session.current.value;
  const view = conversation === null ? 'shows-list' : 'shows-conversation';
  return (
    <div class={`workplace ${view} ${areDetailsOpen.value ? 'shows-details' : ''}`}>
      <a class="skip" href="#conversation">
        {t.skip}
      </a>
      <TopBar session={session} device={device} />
      <aside class="lists" aria-label={t.visitors}>
        <CallOffer session={session} device={device} />
        <VisitorList session={session} />
        <RequestList session={session} />
      </aside>
      <main class="conversation" id="conversation" tabIndex={-1} aria-label={t.conversation}>
        {conversation === null ? (
          <NothingOpen />
        ) : (
          <Conversation
            key={conversation.visitor}
            session={session}
            conversation={conversation}
            areDetailsOpen={areDetailsOpen.value}
            onToggleDetails={() => (areDetailsOpen.value = !areDetailsOpen.value)}
          />
        )}
      </main>
      {conversation !== null && <Details session={session} conversation={conversation} onClose={() => (areDetailsOpen.value = false)} />}
      <Notices session={session} about={null} />
      <Restored session={session} />
      <Ending session={session} />
    </div>
  );
}

function NothingOpen() {
  return (
    <div class="nothing">
      <Icon name="chat" />
      <h2>{t.nothingOpen}</h2>
      <p class="muted">{t.nothingOpenHint}</p>
    </div>
  );
}

/** Until somebody has read it: nothing on the screen looks as if anything were missing. */
function Restored({ session }: { session: Session }) {
  return (
    <div class="toast-place toast-place-top" role="status">
      {session.isRestored.value && (
        <div class="toast">
          <span>{t.restored}</span>
          <button type="button" class="icon-button" aria-label={t.dismiss} onClick={session.dismissRestored}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}

/** Before it is too late. Any key or movement stays signed in; the button is for those who look for one. */
function Ending({ session }: { session: Session }) {
  return (
    <div class="toast-place toast-place-top" role="alert">
      {session.isEnding.value && (
        <div class="toast">
          <span>{t.ending}</span>
          <button type="button" class="button button-small" onClick={session.use}>
            {t.stay}
          </button>
        </div>
      )}
    </div>
  );
}
