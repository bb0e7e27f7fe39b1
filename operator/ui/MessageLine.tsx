/** One line of the log: a day, a note, a message, or something of ours that is still on its way. */
import type { MessageAdded } from '../../shared/chat.ts';
import { isInVain } from '../../shared/ui/vain.ts';
import { humanSize, type Conversation } from '../session/conversation.ts';
import type { Session } from '../session/contract.ts';
import type { OutgoingFile, OutgoingMessage } from '../session/outgoing.ts';
import type { Line } from './lines.ts';
import { Icon } from './Icon.tsx';
import { Formatted } from './Formatted.tsx';
import { Linked } from './Linked.tsx';
import { clockTime, fullTime, ownFileAddress, visitorName } from './format.ts';
import { reason, t } from './strings.ts';

export function MessageLine({ line, session, conversation }: { line: Line; session: Session; conversation: Conversation }) {
  switch (line.type) {
    case 'day':
      return (
        <p class="log-day" data-key={line.key}>
          <span>{line.text}</span>
        </p>
      );
    case 'shortened':
      return (
        <p class="log-note" data-key={line.key}>
          {t.shortened}
        </p>
      );
    case 'note':
      return (
        <p class="log-note" data-key={line.key} title={fullTime(line.date)}>
          {line.text} · {clockTime(line.date)}
        </p>
      );
    case 'message':
      return <Message line={line} conversation={conversation} />;
    case 'pending':
      return <PendingMessage item={line.item} session={session} owner={ownerOf(session, conversation)} />;
    case 'upload':
      return <PendingFile item={line.item} session={session} owner={ownerOf(session, conversation)} />;
  }
}

function Message({ line, conversation }: { line: Extract<Line, { type: 'message' }>; conversation: Conversation }) {
  const { event, isOwn, isFirst, isLast, fate } = line;
  const { author } = event;
  const side = author.kind === 'visitor' ? 'theirs' : isOwn ? 'own' : 'ours';
  return (
    <article class={`message message-${side} ${isFirst ? 'message-first' : ''}`} data-key={line.key}>
      {isFirst && <p class="message-author">{isOwn ? t.you : <bdi>{authorName(event, conversation)}</bdi>}</p>}
      <div class="bubble" dir="auto" title={fullTime(event.date)}>
        {event.file !== null ? (
          <FileLink file={event.file} />
        ) : author.kind === 'operator' ? (
          <Formatted text={event.text} />
        ) : (
          <Linked text={event.text} />
        )}
      </div>
      {isLast && (
        <p class="message-meta">
          <time dateTime={new Date(event.date * 1000).toISOString()}>{clockTime(event.date)}</time>
          {fate !== null && <span class={`fate fate-${fate}`}>{fate === 'seen' ? t.seen : t.sent}</span>}
        </p>
      )}
    </article>
  );
}

function authorName({ author }: MessageAdded, { visitor, card }: Conversation): string {
  if (author.kind === 'visitor') return visitorName({ id: visitor, card });
  return author.kind === 'operator' ? author.card.name : t.automatic;
}

/** By our own address, where the server writes down who has opened it, and not by the file's. */
function FileLink({ file }: { file: NonNullable<MessageAdded['file']> }) {
  const href = ownFileAddress(file.link);
  const text = (
    <span class="file">
      <Icon name="file" />
      <bdi class="file-name">{file.name}</bdi>
      <span class="file-size">{humanSize(file.size)}</span>
    </span>
  );
  return href === null ? (
    text
  ) : (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
      {text}
    </a>
  );
}

function PendingMessage({ item, session, owner }: { item: OutgoingMessage; session: Session; owner: string | null }) {
  return (
    <article class={`message message-own message-pending ${item.failed === null ? '' : 'message-failed'}`} data-key={item.uid}>
      <div class="bubble" dir="auto">
        <Formatted text={item.text} />
      </div>
      <Fate uid={item.uid} failed={item.failed} waiting={t.sending} session={session} owner={owner} />
    </article>
  );
}

function PendingFile({ item, session, owner }: { item: OutgoingFile; session: Session; owner: string | null }) {
  const percent = item.size === 0 ? 0 : Math.floor((item.loaded / item.size) * 100);
  return (
    <article class={`message message-own message-pending ${item.failed === null ? '' : 'message-failed'}`} data-key={item.uid}>
      <div class="bubble">
        <span class="file">
          <Icon name="file" />
          <bdi class="file-name">{item.name}</bdi>
          <span class="file-size">{humanSize(item.size)}</span>
        </span>
        {item.failed === null && <progress max={100} value={percent} aria-label={item.name} />}
      </div>
      <Fate
        uid={item.uid}
        failed={item.failed}
        waiting={percent < 100 ? t.uploading(percent) : t.sending}
        session={session}
        owner={owner}
      />
    </article>
  );
}

interface FateProps {
  uid: string;
  failed: OutgoingMessage['failed'];
  waiting: string;
  session: Session;
  owner: string | null;
}

function Fate({ uid, failed, waiting, session, owner }: FateProps) {
  if (failed === null) return <p class="message-meta">{waiting}</p>;
  return (
    <p class="message-meta message-problem">
      <span>{`${t.notSent} ${capital(reason(failed, owner))}`}</span>
      {!isInVain(failed) && (
        <button type="button" class="link" onClick={() => session.resend(uid)}>
          {t.retry}
        </button>
      )}
      <button type="button" class="link" onClick={() => session.discard(uid)}>
        {t.discard}
      </button>
    </p>
  );
}

/** The colleague who has the chat now. */
function ownerOf(session: Session, { chat }: Conversation): string | null {
  const operator = chat?.operator ?? null;
  return operator === null || operator.id === session.self.value.id ? null : operator.card.name;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
