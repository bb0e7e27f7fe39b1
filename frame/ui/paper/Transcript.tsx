/** The printed conversation: all loaded messages, without bubbles and buttons. It exists only while the browser prints. */
import { Body } from '../messages/Body.tsx';
import { linesOf } from '../messages/lines.tsx';
import { rowsOf } from '../messages/rows.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';
import { calendarIn } from './calendar.ts';

export function Transcript({ view }: { view: ViewModel }) {
  const { session, stage } = view;
  const chat = session.chat.peek()?.id;
  const entries = session.entries.peek().filter((entry) => !chat || entry.chat === chat);
  const moments = session.moments.peek().filter((moment) => !chat || !('chat' in moment) || moment.chat === chat);
  const calendar = calendarIn(session.settings.peek().common.time_zone);
  return (
    <article class="transcript">
      <h1 dir="auto">{stage.presentation.peek().appearance.title || session.settings.peek().chat.title}</h1>
      {rowsOf(entries, session.pending.peek(), [], linesOf({ moments, unread: null, calendar })).map((row) =>
        row.kind === 'line'
          ? row.node
          : row.kind === 'message' && (
              <section key={row.key}>
                <b dir="auto">
                  {row.message.sender === 'visitor' ? t('you') : row.message.sender === 'operator' ? row.message.from : t('bot')}
                </b>{' '}
                <small>
                  {calendar.stampOf(row.message.date)}
                  {row.state === 'stored' ? '' : ` – ${t('notSent')}`}
                </small>
                <Body view={view} message={row.message} file={row.file} />
              </section>
            ),
      )}
    </article>
  );
}
