/** One visitor in the list: who, where, in what state and for how long, and the last line of the chat. */
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import type { Session } from '../session/contract.ts';
import { Avatar } from './Avatar.tsx';
import { Elapsed } from './Elapsed.tsx';
import { hasLeft, isNewToMe } from '../session/visitors.ts';
import { clockTime, groupName, pageTitle, shortAddress, siteName, visitorName } from './format.ts';
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
  const arrival = arrivalText(session, item);
  const label = [
    name,
    title,
    address,
    PRESENCE[item.presence],
    hasLeft(item) ? t.leftSite : '',
    arrival,
    item.unread > 0 ? t.unread(item.unread) : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
  const metaId = `meta-${item.id}`;
  return (
    <li aria-label={label}>
      <button
        type="button"
        class={`row row-${item.presence} ${isMine ? 'row-mine' : ''} ${hasLeft(item) ? 'row-left' : ''} ${arrival === '' ? '' : 'row-new'}`}
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
            <span class="row-time" id={metaId}>
              <Elapsed session={session} since={item.since} until={item.leftAt} isExact={item.presence === 'waiting'} />
            </span>
          </span>
          {(item.lastText !== '' || item.unread > 0 || arrival !== '') && (
            <span class="row-line">
              <bdi class={`row-text ${arrival === '' ? '' : 'row-arrival'}`}>{arrival === '' ? item.lastText : arrival}</bdi>
              {arrival !== '' && item.unread === 0 && (
                <span class="unread" aria-hidden="true">
                  {t.newChat}
                </span>
              )}
              {item.unread > 0 && (
                <span class="unread" aria-hidden="true">
                  {item.unread}
                </span>
              )}
            </span>
          )}
          <Chips session={session} item={item} isMine={isMine} />
        </span>
      </button>
    </li>
  );
}

/** How a chat has come to me that I have not opened since; empty for all others. */
function arrivalText(session: Session, item: VisitorItem): string {
  const via = item.arrival?.via;
  if (via === undefined || !isNewToMe(item, session.self.value.id)) return '';
  return via.kind === 'invite' ? t.acceptedYours : t.handedOver(via.from.name);
}

interface Chip {
  text: string;
  tone: '' | 'chip-mine' | 'chip-warn';
}

function Chips({ session, item, isMine }: { session: Session; item: VisitorItem; isMine: boolean }) {
  const { leftAt, operator, group, site } = item;
  const chips: Chip[] = [];
  if (leftAt !== undefined) chips.push({ text: t.leftSiteAt(clockTime(leftAt)), tone: 'chip-warn' });
  if (session.sites.value.length > 1) chips.push({ text: siteName(session.sites.value, site), tone: '' });
  if (group !== null) chips.push({ text: groupName(session.groups.value, site, group), tone: '' });
  if (isMine) chips.push({ text: t.withYou, tone: 'chip-mine' });
  else if (operator !== null)
    chips.push(
      operator.isAway === true ? { text: t.withAway(operator.name), tone: 'chip-warn' } : { text: t.withOperator(operator.name), tone: '' },
    );
  if (chips.length === 0) return null;
  return (
    <span class="chips">
      {chips.map(({ text, tone }) => (
        <bdi key={text} class={`chip ${tone}`}>
          {text}
        </bdi>
      ))}
    </span>
  );
}
