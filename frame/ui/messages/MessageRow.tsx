/** One message, with its author and its time. The extras draw what is more than plain text. */
import { Avatar } from '../Avatar.tsx';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import type { ViewModel } from '../contract.ts';
import { language } from '../../language/language.ts';
import { t } from '../words.ts';
import type { MessageRow as Row } from './rows.ts';

/** `isSeen`: it is the last own message that an operator has read. */
export function MessageRow({ view, row, isSeen }: { view: ViewModel; row: Row; isSeen: boolean }) {
  const { message, state, isFirst, isLast } = row;
  const { sender, from } = message;
  const extras = view.extras.value;
  const isOwn = sender === 'visitor';
  const isOperator = sender === 'operator';
  const classes = ['row', isOwn ? 'own' : sender, isFirst ? 'first' : '', isLast ? 'last' : '', state];

  return (
    <div class={classes.join(' ')} data-key={row.key} role="listitem">
      {isLast && !isOwn && sender !== 'system' && <Avatar name={isOperator ? from : ''} picture={message.operator_info?.avatar} />}
      <div class={isFirst && !isOwn && sender !== 'system' ? 'author' : 'unseen'} dir="auto">
        {isOwn ? t('you') : isOperator ? from : t('bot')}
      </div>
      {extras ? <extras.Body view={view} message={message} file={row.file} /> : <div class="bubble">{message.text}</div>}
      {state === 'failed' ? (
        extras && <extras.Failure view={view} uid={message.uid} reason={row.reason} />
      ) : (
        <div class={isLast || isSeen ? 'foot' : 'foot aside'}>
          <time dateTime={new Date(message.date * 1000).toISOString()}>
            {new Date(message.date * 1000).toLocaleTimeString(language.value, { hour: 'numeric', minute: '2-digit' })}
          </time>
          {isSeen ? `· ${t('seen')}` : isOwn && <Icon path={icons[state]} class="tick" />}
        </div>
      )}
    </div>
  );
}
