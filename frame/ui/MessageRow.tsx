/** One message, or one file on its way. Text goes in as text; only what the scanner holds for an address becomes a link. */
import { useState } from 'preact/hooks';
import type { Message } from '../../shared/chat.ts';
import type { Upload } from '../session/session.ts';
import { Avatar } from './Avatar.tsx';
import { Icon } from './Icon.tsx';
import { isPicture, sizeLabel } from './files.ts';
import { linkify } from './linkify.ts';
import type { Row } from './rows.ts';
import { reasonOf, strings } from './strings.ts';
import type { View } from './view.ts';

/** A link of somebody else: tells nothing, gets nothing, gives nothing. */
const AWAY = { target: '_blank', rel: 'noopener noreferrer nofollow ugc' } as const;

export function MessageRow({ view, row }: { view: View; row: Extract<Row, { kind: 'message' }> }) {
  const { message, state, isFirst, isLast } = row;
  const isOwn = message.sender === 'visitor';
  const author = isOwn ? strings.you : message.sender === 'operator' ? message.from : strings.bot;
  const classes = ['row', isOwn ? 'own' : message.sender, isFirst ? 'first' : '', isLast ? 'last' : '', state];

  return (
    <div class={classes.join(' ')} data-key={row.key}>
      {!isOwn && message.sender !== 'system' && isLast && <Avatar name={message.sender === 'operator' ? message.from : ''} picture={message.operator_info?.avatar} />}
      {isFirst && <div class={isOwn || message.sender === 'system' ? 'unseen' : 'author'} dir="auto">{author}</div>}
      <Body message={message} />
      {(isLast || state === 'failed') && (
        <div class="foot">
          {state === 'failed'
            ? <span>{reasonOf(row.reason ?? '')}</span>
            : <time dateTime={new Date(message.date * 1000).toISOString()}>{timeOf(message.date)}</time>}
          {isOwn && <Icon name={state} class="tick" />}
        </div>
      )}
      {state === 'failed' && message.uid !== null && <Again view={view} uid={message.uid} />}
    </div>
  );
}

export function UploadRow({ view, upload }: { view: View; upload: Upload }) {
  const { uid, name, size, loaded, failed } = upload;
  return (
    <div class={failed === null ? 'row own first last pending' : 'row own first last failed'} data-key={uid}>
      <div class="bubble file">
        <Icon name="file" />
        <span><b dir="auto">{name}</b><small>{sizeLabel(size)}</small></span>
        {failed === null && <progress aria-label={strings.uploading(name)} max={size || 1} value={loaded} />}
      </div>
      {failed !== null && <div class="foot"><span>{reasonOf(failed)}</span><Icon name="failed" class="tick" /></div>}
      {failed !== null && <Again view={view} uid={uid} />}
    </div>
  );
}

function Again({ view, uid }: { view: View; uid: string }) {
  const act = (command: (uid: string) => void) => () => {
    command(uid);
    view.takeFocus();
  };
  return (
    <div class="again">
      <button type="button" onClick={act((id) => view.session.resend(id))}>{strings.retry}</button>
      <button type="button" onClick={act((id) => view.session.discard(id))}>{strings.discard}</button>
    </div>
  );
}

export function Body({ message }: { message: Message }) {
  const [isBroken, setIsBroken] = useState(false);
  const { fx_link: link, fx_name: name = message.text, fx_size_info: size } = message;
  if (link === undefined) {
    return (
      <div class="bubble" dir="auto">
        {linkify(message.text).map(({ text, href }) => (href === undefined ? text : <a href={href} {...AWAY}>{text}</a>))}
      </div>
    );
  }
  const isShown = isPicture(name) && !isBroken;
  return (
    <a class={isShown ? 'bubble file picture' : 'bubble file'} href={link} {...AWAY}>
      {isShown ? <img src={link} alt="" onError={() => setIsBroken(true)} /> : <Icon name="file" />}
      <span><b dir="auto">{name}</b><small>{size}</small></span>
    </a>
  );
}

export function timeOf(date: number): string {
  return new Date(date * 1000).toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' });
}
