/** One message. Text goes in as text; only an address that the scanner finds becomes a link. */
import type { Message } from '../../../shared/chat.ts';
import { Avatar } from '../Avatar.tsx';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { Row } from './rows.ts';
import type { ViewModel } from '../contract.ts';
import { language } from '../../language/language.ts';
import { t } from '../words.ts';

/** A link to a foreign page: no referrer, no opener, no rank. */
export const AWAY = { target: '_blank', rel: 'noopener noreferrer nofollow ugc' } as const;

export function MessageRow({ view, row }: { view: ViewModel; row: Extract<Row, { kind: 'message' }> }) {
  const { message, state, isFirst, isLast } = row;
  const extras = view.extras.value;
  const isOwn = message.sender === 'visitor';
  const author = isOwn ? t('you') : message.sender === 'operator' ? message.from : t('bot');
  const classes = ['row', isOwn ? 'own' : message.sender, isFirst ? 'first' : '', isLast ? 'last' : '', state];

  return (
    <div class={classes.join(' ')} data-key={row.key}>
      {!isOwn && message.sender !== 'system' && isLast && (
        <Avatar name={message.sender === 'operator' ? message.from : ''} picture={message.operator_info?.avatar} />
      )}
      {isFirst && (
        <div class={isOwn || message.sender === 'system' ? 'unseen' : 'author'} dir="auto">
          {author}
        </div>
      )}
      <Body view={view} message={message} />
      {isLast && state !== 'failed' && (
        <div class="foot">
          <time dateTime={new Date(message.date * 1000).toISOString()}>{timeOf(message.date)}</time>
          {isOwn && <Icon path={icons[state]} class="tick" />}
        </div>
      )}
      {state === 'failed' && extras && <extras.Failure view={view} uid={message.uid} reason={row.reason} />}
    </div>
  );
}

export function Body({ view, message }: { view: ViewModel; message: Message }) {
  const extras = view.extras.value;
  if (message.fx_link !== undefined && extras) return <extras.FileBubble message={message} />;
  return (
    <div class="bubble" dir="auto">
      {extras?.linkify(message.text).map(({ text, href }) =>
        href === undefined ? (
          text
        ) : (
          <a href={href} {...AWAY}>
            {text}
          </a>
        ),
      ) ?? message.text}
    </div>
  );
}

export function timeOf(date: number): string {
  return new Date(date * 1000).toLocaleTimeString(language.value, { hour: 'numeric', minute: '2-digit' });
}
