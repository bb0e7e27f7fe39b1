/** One visitor in the list: who, where, in what state and for how long, and the last line of the chat. */
import type { VisitorItem } from '../../shared/workplace.ts';
import type { Session } from '../session/session.ts';
import { Avatar } from './Avatar.tsx';
import { Elapsed } from './Elapsed.tsx';
import { groupName, pageTitle, shortAddress, siteName, visitorName } from './format.ts';
import { PRESENCE, t } from './strings.ts';

interface VisitorRowProps {
  session: Session;
  item: VisitorItem;
  isSelected: boolean;
  isTabStop: boolean;
}

export function VisitorRow({ session, item, isSelected, isTabStop }: VisitorRowProps) {
  const name = item.card.name ?? '';
  const title = pageTitle(item.page);
  const address = shortAddress(item.page.url);
  const isMine = item.operator?.id === session.self.value.id;
  const label = [name, title, address, PRESENCE[item.presence], item.unread > 0 ? t.unread(item.unread) : '']
    .filter((part) => part !== '')
    .join(', ');
  const metaId = `meta-${item.id}`;
  return (
    <li aria-label={label}>
      <button
        type="button"
        class={`row row-${item.presence} ${isMine ? 'row-mine' : ''}`}
        aria-label={label}
        aria-describedby={metaId}
        aria-current={isSelected ? 'true' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        onClick={() => session.open(item.id)}
      >
        <Avatar id={item.id} name={visitorName(item)} isKnown={name !== ''} />
        <span class="row-body">
          <span class="row-line">
            <bdi class="row-name">{name === '' ? title : name}</bdi>
            <span class={`badge badge-${item.presence}`}>{PRESENCE[item.presence]}</span>
          </span>
          <span class="row-line">
            <span class="row-page" title={item.page.url}>
              {name !== '' && <bdi>{title}</bdi>}
              {name !== '' && address !== '' && ' · '}
              <bdi>{address}</bdi>
            </span>
            <span class="row-time" id={metaId}><Elapsed session={session} since={item.since} isExact={item.presence === 'waiting'} /></span>
          </span>
          {(item.lastText !== '' || item.unread > 0) && (
            <span class="row-line">
              <bdi class="row-text">{item.lastText}</bdi>
              {item.unread > 0 && <span class="unread" aria-hidden="true">{item.unread}</span>}
            </span>
          )}
          <Chips session={session} item={item} isMine={isMine} />
        </span>
      </button>
    </li>
  );
}

function Chips({ session, item, isMine }: { session: Session; item: VisitorItem; isMine: boolean }) {
  const chips: string[] = [];
  if (session.sites.value.length > 1) chips.push(siteName(session.sites.value, item.site));
  if (item.group !== null) chips.push(groupName(session.groups.value, item.site, item.group));
  if (item.operator !== null) chips.push(isMine ? t.withYou : t.withOperator(item.operator.name));
  if (chips.length === 0) return null;
  return (
    <span class="chips">
      {chips.map((chip) => <bdi key={chip} class={`chip ${chip === t.withYou ? 'chip-mine' : ''}`}>{chip}</bdi>)}
    </span>
  );
}
