/** Our knowledge of the visitor: card, page, chat. A column on a wide screen, a sheet on a narrow one. */
import { useSignal } from '@preact/signals';
import { Fragment, type ComponentChildren } from 'preact';
import { lastOperator, type Conversation } from '../session/conversation.ts';
import type { Session } from '../session/contract.ts';
import { Avatar } from './Avatar.tsx';
import { Icon } from './Icon.tsx';
import { CardForm } from './CardForm.tsx';
import { OutsideLink } from './Linked.tsx';
import { fullTime, groupName, pageTitle, safeLink, shortAddress, siteName, visitorName } from './format.ts';
import { PRESENCE, t } from './strings.ts';

export function Details({ session, conversation, onClose }: { session: Session; conversation: Conversation; onClose(): void }) {
  const { card, item, visitor } = conversation;
  const name = visitorName({ id: visitor, card });
  return (
    <aside class="details" aria-label={t.details}>
      <div class="details-head">
        <Avatar id={visitor} name={name} isKnown={card.name !== undefined} />
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <button type="button" class="icon-button details-close" aria-label={t.closeDetails} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <CardFacts session={session} conversation={conversation} />
      <PropertyFacts conversation={conversation} />
      {item !== null && (
        <>
          <h3>{t.page}</h3>
          <p class="details-page">
            <strong>
              <bdi>{pageTitle(item.page)}</bdi>
            </strong>
            {item.page.url === '' ? <span class="muted">{t.noAddress}</span> : <Address url={item.page.url} />}
          </p>
          <Facts
            facts={[
              [t.site, siteName(session.sites.value, item.site)],
              [t.openPages, conversation.isGone ? 0 : item.pages],
              [
                t.state,
                conversation.isGone
                  ? t.visitorGone
                  : item.leftAt === undefined
                    ? PRESENCE[item.presence]
                    : `${PRESENCE[item.presence]}. ${t.leftSite}`,
              ],
              [t.since, fullTime(item.since)],
            ]}
          />
        </>
      )}
      <ChatFacts session={session} conversation={conversation} />
    </aside>
  );
}

/** Who the visitor is. Somebody who has not acted yet has no card that could be put right. */
function CardFacts({ session, conversation }: { session: Session; conversation: Conversation }) {
  const isEditing = useSignal(false);
  const { card, chat } = conversation;
  const canEdit = conversation.isLoaded && (chat !== null || Object.keys(card).length > 0);
  return (
    <>
      <div class="details-title">
        <h3>{t.visitor}</h3>
        {canEdit && !isEditing.value && (
          <button type="button" class="link" onClick={() => (isEditing.value = true)}>
            {t.editCard}
          </button>
        )}
      </div>
      {isEditing.value ? (
        <CardForm
          card={card}
          onCancel={() => (isEditing.value = false)}
          onSave={(corrections) => {
            isEditing.value = false;
            session.correctCard(corrections);
          }}
        />
      ) : (
        <Facts
          facts={[
            [t.name, card.name ?? <Unknown />],
            [t.emails, card.email?.length ? <Values values={card.email} /> : <Unknown />],
            [t.phones, card.phone?.length ? <Values values={card.phone} /> : <Unknown />],
          ]}
        />
      )}
    </>
  );
}

/** What the site's own pages tell of the visitor: their word, in the order in which they said it. */
function PropertyFacts({ conversation: { properties } }: { conversation: Conversation }) {
  if (properties.length === 0) return null;
  return (
    <>
      <h3>{t.properties}</h3>
      <Facts facts={properties} />
    </>
  );
}

function ChatFacts({ session, conversation }: { session: Session; conversation: Conversation }) {
  const { chat, item } = conversation;
  if (chat === null) return null;
  const site = session.sites.value.find(({ key }) => key === item?.site);
  const facts: [string, ComponentChildren][] = [
    [t.operator, chat.operator?.card.name ?? (chat.isOpen ? t.nobody : (lastOperator(conversation) ?? t.none))],
    [t.since, fullTime(chat.startedAt)],
  ];
  if (chat.group !== null) facts.unshift([t.group, groupName(session.groups.value, item?.site ?? '', chat.group)]);
  if (site?.isRating !== false) facts.push([t.rating, chat.rating === null ? t.none : <Stars mark={chat.rating} />]);
  return (
    <>
      <h3>{`${t.chatNumber} ${chat.number}`}</h3>
      <Facts facts={facts} />
    </>
  );
}

function Facts({ facts }: { facts: readonly [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([term, value]) => (
        <Fragment key={term}>
          <dt>
            <bdi>{term}</bdi>
          </dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Values({ values }: { values: readonly string[] }) {
  return (
    <>
      {values.map((value) => (
        <bdi key={value} class="value">
          {value}
        </bdi>
      ))}
    </>
  );
}

function Unknown() {
  return <span class="muted">{t.unknown}</span>;
}

function Address({ url }: { url: string }) {
  const href = safeLink(url);
  return href === null ? <span>{shortAddress(url)}</span> : <OutsideLink href={href}>{shortAddress(url)}</OutsideLink>;
}

function Stars({ mark }: { mark: number }) {
  return (
    <span class="stars" role="img" aria-label={t.ratingOf(mark)}>
      {[1, 2, 3, 4, 5].map((star) => (
        <Icon key={star} name="star" class={star <= mark ? 'star-on' : 'star-off'} />
      ))}
    </span>
  );
}
