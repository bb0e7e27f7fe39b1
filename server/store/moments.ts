/** What happened between the messages of a page of history: who came and went, how a chat ended, what request was left. */
import type { Kysely } from 'kysely';
import type { Moment, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import type { HistoryCursor, HistoryPage } from '../../shared/wire/protocol.ts';
import { toEvent } from './events.ts';
import type { Tables } from './tables.ts';

/** Reads moments. */
export interface MomentReader {
  /** The newest `limit` moments that stand within this page of the visitor's history, oldest first. `before` as the page was asked for. */
  moments(site: SiteKey, visitor: VisitorId, before: HistoryCursor | null, page: HistoryPage, limit: number): Promise<Moment[]>;
}

const KINDS = ['operator.joined', 'operator.left', 'chat.closed'] as const;

/** A place in a visitor's history. */
interface Place {
  number: number;
  seq: number;
  date: UnixSeconds;
}

const START: Place = { number: 0, seq: 0, date: 0 };
const END: Place = { number: Infinity, seq: Infinity, date: Infinity };

export function readMoments(db: Kysely<Tables>): MomentReader {
  async function placeOf(site: SiteKey, visitor: VisitorId, at: HistoryCursor | undefined): Promise<Place | undefined> {
    if (at === undefined) return undefined;
    return db
      .selectFrom('event')
      .innerJoin('chat', 'chat.id', 'event.chat')
      .where('chat.site', '=', site)
      .where('chat.visitor', '=', visitor)
      .where('event.chat', '=', at.chat)
      .where('event.seq', '=', at.seq)
      .select(['chat.number', 'event.seq', 'event.date'])
      .executeTakeFirst();
  }

  const inChats = (site: SiteKey, visitor: VisitorId, limit: number) =>
    db
      .selectFrom('chat')
      .innerJoin('event', 'event.chat', 'chat.id')
      .where('chat.site', '=', site)
      .where('chat.visitor', '=', visitor)
      .where('event.kind', 'in', KINDS)
      .orderBy('chat.number', 'desc')
      .orderBy('event.seq', 'desc')
      .limit(limit)
      .selectAll('event');

  /** Chat by chat at the edges rather than with OR, so that a page within a long chat reads no more than its own stretch. */
  async function eventsBetween(site: SiteKey, visitor: VisitorId, from: Place, to: Place, limit: number) {
    const at = (number: number) => inChats(site, visitor, limit).where('chat.number', '=', number);
    if (from.number === to.number) return at(from.number).where('event.seq', '>', from.seq).where('event.seq', '<', to.seq).execute();
    let between = inChats(site, visitor, limit).where('chat.number', '>', from.number);
    if (to !== END) between = between.where('chat.number', '<', to.number);
    const rows = [
      ...(to === END ? [] : await at(to.number).where('event.seq', '<', to.seq).execute()),
      ...(await between.execute()),
      ...(from === START ? [] : await at(from.number).where('event.seq', '>', from.seq).execute()),
    ];
    return rows.slice(0, limit);
  }

  async function requestsBetween(site: SiteKey, visitor: VisitorId, from: Place, to: Place, limit: number): Promise<Moment[]> {
    let rows = db
      .selectFrom('request')
      .select(['way', 'date'])
      .where('site', '=', site)
      .where('visitor', '=', visitor)
      .where('missed', 'is', null)
      .where('date', '>=', from.date)
      .orderBy('date', 'desc')
      .limit(limit);
    if (to !== END) rows = rows.where('date', '<', to.date);
    return (await rows.execute()).map((row) => ({ kind: 'request.left', ...row }));
  }

  return {
    async moments(site, visitor, before, page, limit) {
      const to = before === null ? END : await placeOf(site, visitor, before);
      const from = page.hasOlder ? await placeOf(site, visitor, page.items[0]) : START;
      if (to === undefined || from === undefined) return [];
      const events = (await eventsBetween(site, visitor, from, to, limit)).map(toEvent) as Moment[];
      const requests = await requestsBetween(site, visitor, from, to, limit);
      return merged(events.reverse(), requests.reverse()).slice(-limit);
    },
  };
}

/** Events keep their order; a request comes before the first event that is later. */
function merged(events: readonly Moment[], requests: readonly Moment[]): Moment[] {
  const all: Moment[] = [];
  const left = [...requests];
  for (const event of events) {
    while (left[0] !== undefined && left[0].date < event.date) all.push(...left.splice(0, 1));
    all.push(event);
  }
  return [...all, ...left];
}
