/** The printed conversation: all loaded messages, without bubbles and buttons. It exists only while the browser prints. */
import { Body, timeOf } from '../messages/MessageRow.tsx';
import { dayLabel, rowsOf } from '../messages/rows.ts';
import type { ViewModel } from '../contract.ts';
import { language } from '../../language/language.ts';
import { t } from '../words.ts';

export function Transcript({ view }: { view: ViewModel }) {
  const { session, stage } = view;
  const chat = session.chat.peek()?.id;
  const ofChat = session.messages.peek().filter((message) => !chat || message.chat_id === chat);
  const pending = session.pending.peek();
  return (
    <article class="transcript">
      <h1 dir="auto">{stage.presentation.peek().appearance.title || session.settings.peek().chat.title}</h1>
      {rowsOf(ofChat, pending, []).map((row) =>
        row.kind === 'day' ? (
          <h2 key={row.key}>{dayLabel(row.date, 0, { today: '', yesterday: '' }, language.value)}</h2>
        ) : (
          row.kind === 'message' && (
            <section key={row.key}>
              <b dir="auto">
                {row.message.sender === 'visitor' ? t('you') : row.message.sender === 'operator' ? row.message.from : t('bot')}
              </b>{' '}
              <small>
                {timeOf(row.message.date)}
                {row.state === 'stored' ? '' : ` – ${t('notSent')}`}
              </small>
              <Body view={view} message={row.message} />
            </section>
          )
        ),
      )}
    </article>
  );
}
