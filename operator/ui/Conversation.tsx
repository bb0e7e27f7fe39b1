/** The middle of the screen: who this is and what can be done, the messages, and the one thing to write below them. */
import { useSignal } from '@preact/signals';
import { isDragOfFiles } from '../../shared/ui/transfer.ts';
import type { Conversation as Opened } from '../session/conversation.ts';
import type { Session } from '../session/contract.ts';
import { Actions } from './Actions.tsx';
import { Avatar } from './Avatar.tsx';
import { Composer } from './Composer.tsx';
import { Elapsed } from './Elapsed.tsx';
import { Icon } from './Icon.tsx';
import { InviteForm } from './InviteForm.tsx';
import { OutsideLink } from './Linked.tsx';
import { MessageList } from './MessageList.tsx';
import { Notices } from './Notices.tsx';
import { clockTime, pageTitle, safeLink, shortAddress, visitorName } from './format.ts';
import { PRESENCE, t } from './strings.ts';

interface ConversationProps {
  session: Session;
  conversation: Opened;
  areDetailsOpen: boolean;
  onToggleDetails(): void;
}

export function Conversation({ session, conversation, areDetailsOpen, onToggleDetails }: ConversationProps) {
  const isDropping = useSignal(false);
  const canSpeak = mayWrite(session, conversation);

  /** Takes only files, and only where the operator can write; other handlers may take the rest. */
  const takes = (event: DragEvent): boolean => {
    const isTaken = canSpeak && isDragOfFiles(event.dataTransfer?.types ?? []);
    if (isTaken) event.preventDefault();
    return isTaken;
  };
  const handleDrop = (event: DragEvent): void => {
    isDropping.value = false;
    if (takes(event)) session.attach([...(event.dataTransfer?.files ?? [])]);
  };

  return (
    <div
      class={`talk ${isDropping.value ? 'talk-dropping' : ''}`}
      onDragOver={(event) => (isDropping.value = takes(event))}
      onDragLeave={() => (isDropping.value = false)}
      onDrop={handleDrop}
    >
      <Head session={session} conversation={conversation} areDetailsOpen={areDetailsOpen} onToggleDetails={onToggleDetails} />
      <MessageList session={session} conversation={conversation} />
      <Draft conversation={conversation} />
      <Notices session={session} about={conversation.visitor} />
      <Foot session={session} conversation={conversation} canSpeak={canSpeak} />
      {isDropping.value && <p class="drop-hint">{t.dropFiles}</p>}
    </div>
  );
}

function Head({ session, conversation, areDetailsOpen, onToggleDetails }: ConversationProps) {
  const { item } = conversation;
  const name = visitorName({ id: conversation.visitor, card: conversation.card });
  const href = item === null ? null : safeLink(item.page.url);
  return (
    <header class="talk-head">
      <button type="button" class="icon-button only-narrow" aria-label={t.back} onClick={session.leaveConversation}>
        <Icon name="back" />
      </button>
      <Avatar id={conversation.visitor} name={name} isKnown={conversation.card.name !== undefined} />
      <div class="talk-who">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        {item !== null && (
          <p class="talk-where">
            {conversation.isGone ? (
              <span class="muted">{t.visitorGone}</span>
            ) : (
              <>
                <span class={`badge badge-${item.presence}`}>{PRESENCE[item.presence]}</span>
                <span class="talk-time">
                  <Elapsed session={session} since={item.since} until={item.leftAt} isExact={item.presence === 'waiting'} />
                </span>
                {item.leftAt !== undefined && <span class="chip chip-warn">{t.leftSiteAt(clockTime(item.leftAt))}</span>}
              </>
            )}
            {href === null ? null : (
              <OutsideLink class="talk-page" href={href}>{`${pageTitle(item.page)} · ${shortAddress(item.page.url)}`}</OutsideLink>
            )}
          </p>
        )}
      </div>
      <Actions session={session} conversation={conversation} />
      <button
        type="button"
        class="icon-button details-toggle"
        aria-label={t.details}
        aria-expanded={areDetailsOpen}
        onClick={onToggleDetails}
      >
        <Icon name="info" />
      </button>
    </header>
  );
}

/**
 * The visitor's unsent text as it grows. Not read out letter by letter: a screen reader finds it by its name, and hears the
 * message once it is sent.
 */
function Draft({ conversation }: { conversation: Opened }) {
  return (
    <div class="draft" role="status" aria-live="off" aria-label={t.typing}>
      {conversation.draft !== '' && (
        <div class="draft-bubble">
          <span class="draft-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="draft-text" dir="auto">
            {conversation.draft}
          </span>
        </div>
      )}
    </div>
  );
}

function Foot({ session, conversation, canSpeak }: { session: Session; conversation: Opened; canSpeak: boolean }) {
  if (!conversation.isLoaded) return <div class="foot" />;
  const { chat, item, isGone } = conversation;
  if (canSpeak) return <Composer session={session} conversation={conversation} />;
  if (chat?.isOpen && chat.operator !== null) {
    const { name } = chat.operator.card;
    return <p class="foot foot-note">{item?.operator?.isAway === true ? t.takenAway(name) : t.taken(name)}</p>;
  }
  if (isGone || item === null) return <p class="foot foot-note">{chat === null ? t.visitorGone : t.chatOver}</p>;
  return <InviteForm session={session} item={item} hadChat={chat !== null} />;
}

/** An open chat that is mine, or nobody's yet. */
function mayWrite(session: Session, { chat }: Opened): boolean {
  return chat !== null && chat.isOpen && (chat.operator === null || chat.operator.id === session.self.value.id);
}
