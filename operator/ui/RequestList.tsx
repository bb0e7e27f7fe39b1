/** The list *Requests*: what visitors left behind when nobody was there, or when nobody came, with a way to tick it off. */
import { useSignal } from '@preact/signals';
import type { RequestItem } from '../../shared/wire/workplace.ts';
import type { Session } from '../session/contract.ts';
import { runningKey } from '../session/outgoing.ts';
import { Linked } from './Linked.tsx';
import { contactLink, fullTime, groupName, siteName } from './format.ts';
import { t, wayName } from './strings.ts';

export function RequestList({ session }: { session: Session }) {
  const areDoneShown = useSignal(false);
  const all = session.requests.value;
  const open = all.filter((item) => !item.isDone);
  const counts = session.requestCounts.value;
  const shown = areDoneShown.value ? all : open;
  const more = (areDoneShown.value ? counts.open + counts.done : counts.open) - shown.length;
  return (
    <section class="requests" aria-labelledby="requests-title">
      <div class="list-head">
        <h2 id="requests-title">{t.requests}</h2>
        <span class={`count ${counts.open > 0 ? 'count-strong' : ''}`}>{counts.open}</span>
        <span class="space" />
        {counts.done > 0 && (
          <button type="button" class="link" aria-expanded={areDoneShown.value} onClick={() => (areDoneShown.value = !areDoneShown.value)}>
            {areDoneShown.value ? t.hideDone : t.showDone(counts.done)}
          </button>
        )}
      </div>
      <ul class="request-rows" role="list" aria-label={t.requests} tabIndex={shown.length > 0 ? 0 : undefined}>
        {shown.map((item) => (
          <Request key={item.id} session={session} item={item} />
        ))}
        {more > 0 && (
          <li class="request-more">
            <button type="button" class="button button-small" disabled={session.areRequestsLoading.value} onClick={session.moreRequests}>
              {t.moreRequests(more)}
            </button>
          </li>
        )}
      </ul>
      {shown.length === 0 && more <= 0 && session.isReady.value && <p class="empty muted">{t.noRequests}</p>}
    </section>
  );
}

function Request({ session, item }: { session: Session; item: RequestItem }) {
  const { name, email, phone, message, group_id: group } = item.request;
  const { missed } = item;
  const title = name ?? email ?? phone ?? t.anonymous;
  const where = [
    item.missed === undefined ? wayName(item.way) : t.missed,
    session.sites.value.length > 1 ? siteName(session.sites.value, item.site) : '',
    group === undefined ? '' : groupName(session.groups.value, item.site, group),
  ].filter((part) => part !== '');
  const isRunning = session.running.value.has(runningKey('request.done', item.id));
  return (
    <li class={`request ${item.isDone ? 'request-done' : ''}`}>
      <div class="row-line">
        <strong class="row-name">
          <bdi>
            <Contact field={name === undefined ? (email === undefined ? 'phone' : 'email') : 'name'} value={title} />
          </bdi>
        </strong>
        <time class="row-time" dateTime={new Date(item.date * 1000).toISOString()}>
          {fullTime(item.date)}
        </time>
      </div>
      {Object.entries({ email, phone }).map(([field, contact]) =>
        contact === undefined || contact === title ? null : (
          <p key={field} class="request-contact">
            <bdi>
              <Contact field={field} value={contact} />
            </bdi>
          </p>
        ),
      )}
      {message !== undefined && (
        <p class="request-text" dir="auto">
          <Linked text={message} />
        </p>
      )}
      <div class="row-line">
        <span class="chips">
          {where.map((part) => (
            <bdi key={part} class="chip">
              {part}
            </bdi>
          ))}
        </span>
        {item.isDone ? (
          <span class="muted">{t.finished}</span>
        ) : (
          <button type="button" class="button button-small" disabled={isRunning} onClick={() => session.finishRequest(item.id)}>
            {t.done}
          </button>
        )}
        {missed !== undefined && (
          <button type="button" class="button button-small" onClick={() => session.open(missed.visitor)}>
            {t.openMissed}
          </button>
        )}
      </div>
    </li>
  );
}

/** An address to write to or to call, as a link where it is one. */
function Contact({ field, value }: { field: string; value: string }) {
  const href = contactLink(field, value);
  return href === null ? <>{value}</> : <a href={href}>{value}</a>;
}
