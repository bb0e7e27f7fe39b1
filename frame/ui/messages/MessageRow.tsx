/** One message, with its author and its time. The extras draw what is more than plain text. */
import { Avatar } from '../Avatar.tsx';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';
import { timeOf } from './clock.ts';
import type { MessageRow as Row } from './rows.ts';

/** `isSeen`: it is the last own message that an operator has read. */
type Props = Omit<Row, 'kind' | 'key'> & { view: ViewModel; name: string; isSeen: boolean };

/** Takes a row apart, because a message whose parts are the same ones is not drawn again: there may be many, and more come in. */
export function MessageRow({ view, name, message, file, state, reason, isFirst, isLast, isSeen }: Props) {
  const { sender, from } = message;
  const extras = view.extras.value;
  const isOwn = sender === 'visitor';
  const isOperator = sender === 'operator';
  const classes = ['row', isOwn ? 'own' : sender, isFirst ? 'first' : '', isLast ? 'last' : '', state];

  return (
    <div class={classes.join(' ')} data-key={name} role="listitem">
      {isLast && !isOwn && sender !== 'system' && <Avatar name={isOperator ? from : ''} picture={message.operator_info?.avatar} />}
      <div class={isFirst && !isOwn && sender !== 'system' ? 'author' : 'unseen'} dir="auto">
        {isOwn ? t('you') : isOperator ? from : t('bot')}
      </div>
      {extras ? <extras.Body view={view} message={message} file={file} /> : <div class="bubble">{message.text}</div>}
      {state === 'failed' ? (
        extras && <extras.Failure view={view} uid={message.uid} reason={reason} />
      ) : (
        <div class={isLast || isSeen ? 'foot' : 'foot aside'}>
          <time dateTime={new Date(message.date * 1000).toISOString()}>{timeOf(message.date)}</time>
          {isSeen ? `· ${t('seen')}` : isOwn && isLast && <Icon path={state === 'stored' ? icons.stored : icons.pending} class="tick" />}
        </div>
      )}
    </div>
  );
}
