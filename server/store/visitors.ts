/** Visitors: card, properties, standing invitation and confirmed mail addresses. */
import type { ExpressionBuilder, Kysely, Selectable } from 'kysely';
import type {
  CardChange,
  CardCorrection,
  Invite,
  OperatorId,
  SiteKey,
  Uid,
  UnixSeconds,
  VisitorCard,
  VisitorId,
} from '../../shared/chat.ts';
import { LANGUAGES, type Language } from '../../shared/languages/languages.ts';
import { changeProperties, type Properties, type PropertyChange } from '../../shared/properties.ts';
import { addToCard, correctCard } from './card.ts';
import { notFound, ruled } from './faults.ts';
import { fromJson, isAmong, stored, type Sites } from './queries.ts';
import type { Tables } from './tables.ts';

/** An invitation and its end. `operator` wrote it and joins when it is accepted; absent for the automatic one. */
export type StandingInvite = Invite & { expires: UnixSeconds; operator?: OperatorId };

/** A visitor who has acted. */
export interface Visitor {
  id: VisitorId;
  site: SiteKey;
  card: VisitorCard;
  /** What the customer's page has said about the visitor. */
  properties: Properties;
  /** The standing invitation: it outlives a reload and a restart. An expired one counts as none. */
  invite: StandingInvite | null;
  /** The language of their last page; `null` until one has said it. */
  language: Language | null;
  createdAt: UnixSeconds;
  /** Higher after each change, so that of two reports the later one is known. */
  ver: number;
}

/** A mail address that a visitor has confirmed, or is confirming. `address` is a keyed hash. */
export interface Confirmation {
  site: SiteKey;
  visitor: VisitorId;
  address: string;
  /** The request whose code was mailed last. */
  uid: Uid;
  /** Wrong codes since. */
  tries: number;
  endsMs: number;
  isConfirmed: boolean;
}

/** Reads visitors. */
export interface VisitorReader {
  visitor(site: SiteKey, id: VisitorId): Promise<Visitor | undefined>;
  /** The same where only the sites are known that the visitor may be of. */
  visitorAmong(sites: Sites, id: VisitorId): Promise<Visitor | undefined>;
  /** For the admin command alone, where a person names a visitor without the site. No connection may ask this. */
  visitorAnywhere(id: VisitorId): Promise<Visitor | undefined>;
  /** Visitors from before that moment who have no chat and no request, only a card. */
  emptyVisitors(site: SiteKey, before: UnixSeconds, limit: number): Promise<VisitorId[]>;
  confirmation(site: SiteKey, visitor: VisitorId, address: string): Promise<Confirmation | undefined>;
}

/** Changes visitors, inside a transaction. */
export interface VisitorWriter {
  createVisitor(visitor: Omit<Visitor, 'properties' | 'language' | 'ver'>): Promise<void>;
  /** Name replaced, e-mail and phone added if new, newest five kept. Returns the card as it is now. */
  changeCard(site: SiteKey, visitor: VisitorId, change: CardChange): Promise<VisitorCard>;
  /** Returns the properties as they are now; writes nothing if nothing changed. */
  changeProperties(site: SiteKey, visitor: VisitorId, changes: readonly PropertyChange[]): Promise<Properties>;
  /** Corrects single values; returns the card as it is now. */
  correctCard(site: SiteKey, visitor: VisitorId, corrections: readonly CardCorrection[]): Promise<VisitorCard>;
  setInvite(site: SiteKey, visitor: VisitorId, invite: Visitor['invite']): Promise<void>;
  setLanguage(site: SiteKey, visitor: VisitorId, language: Language): Promise<void>;
  saveConfirmation(confirmation: Confirmation): Promise<void>;
  /** Removes everything of this visitor. The audit still says who has read it, but no longer whose it was. `false` if there is no such visitor. */
  eraseVisitor(site: SiteKey, id: VisitorId): Promise<boolean>;
}

export function readVisitors(db: Kysely<Tables>): VisitorReader {
  return {
    async visitor(site, id) {
      const row = await db.selectFrom('visitor').selectAll().where('site', '=', site).where('id', '=', id).executeTakeFirst();
      return row && toVisitor(row);
    },
    async visitorAmong(sites, id) {
      const row = await db.selectFrom('visitor').selectAll().where('id', '=', id).executeTakeFirst();
      return row && isAmong(sites, row) ? toVisitor(row) : undefined;
    },
    async visitorAnywhere(id) {
      const row = await db.selectFrom('visitor').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toVisitor(row);
    },
    async emptyVisitors(site, before, limit) {
      const rows = await db
        .selectFrom('visitor')
        .select('visitor.id')
        .where('visitor.site', '=', site)
        .where('visitor.created_at', '<', before)
        .where((e) =>
          e.not(e.exists(e.selectFrom('chat').select('chat.id').where('chat.site', '=', site).whereRef('chat.visitor', '=', 'visitor.id'))),
        )
        .where((e) =>
          e.not(
            e.exists(
              e.selectFrom('request').select('request.id').where('request.site', '=', site).whereRef('request.visitor', '=', 'visitor.id'),
            ),
          ),
        )
        .orderBy('visitor.created_at')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },
    async confirmation(site, visitor, address) {
      const row = await db
        .selectFrom('confirmation')
        .selectAll()
        .where('site', '=', site)
        .where('visitor', '=', visitor)
        .where('address', '=', address)
        .executeTakeFirst();
      return row && { site, visitor, address, uid: row.uid, tries: row.tries, endsMs: row.ends_ms, isConfirmed: row.is_confirmed === 1 };
    },
  };
}

export function writeVisitors(db: Kysely<Tables>): VisitorWriter {
  async function saveCard(site: SiteKey, visitor: VisitorId, change: (card: VisitorCard) => VisitorCard): Promise<VisitorCard> {
    const card = change(toVisitor(await visitorRow(db, site, visitor)).card);
    await db
      .updateTable('visitor')
      .set((e) => ({ card: JSON.stringify(card), ...nextVer(e) }))
      .where('site', '=', site)
      .where('id', '=', visitor)
      .execute();
    return card;
  }

  return {
    async createVisitor(visitor) {
      const row = await ruled(
        db
          .insertInto('visitor')
          .values({
            site: visitor.site,
            id: visitor.id,
            card: JSON.stringify(visitor.card),
            invite: visitor.invite && JSON.stringify(visitor.invite),
            created_at: visitor.createdAt,
            chats: 0,
          })
          .onConflict((c) => c.doNothing())
          .returning('id')
          .executeTakeFirst(),
        { foreign: ['not_found', 'There is no such site.'] },
      );
      stored(row, 'already_taken', 'There is a visitor with this id already.');
    },
    changeCard: (site, visitor, change) => saveCard(site, visitor, (card) => addToCard(card, change)),
    async changeProperties(site, visitor, changes) {
      const before = toVisitor(await visitorRow(db, site, visitor)).properties;
      const now = changeProperties(before, changes);
      if (now !== before)
        await db
          .updateTable('visitor')
          .set((e) => ({ properties: JSON.stringify(now), ...nextVer(e) }))
          .where('site', '=', site)
          .where('id', '=', visitor)
          .execute();
      return now;
    },
    correctCard: (site, visitor, corrections) => saveCard(site, visitor, (card) => correctCard(card, corrections)),
    async setInvite(site, visitor, invite) {
      await visitorRow(db, site, visitor);
      await db
        .updateTable('visitor')
        .set((e) => ({ invite: invite && JSON.stringify(invite), ...nextVer(e) }))
        .where('site', '=', site)
        .where('id', '=', visitor)
        .execute();
    },
    async setLanguage(site, visitor, language) {
      await visitorRow(db, site, visitor);
      await db
        .updateTable('visitor')
        .set((e) => ({ language, ...nextVer(e) }))
        .where('site', '=', site)
        .where('id', '=', visitor)
        .execute();
    },
    async saveConfirmation({ site, visitor, address, uid, tries, endsMs, isConfirmed }) {
      const rest = { uid, tries, ends_ms: Math.round(endsMs), is_confirmed: isConfirmed ? 1 : 0 };
      await db
        .insertInto('confirmation')
        .values({ site, visitor, address, ...rest })
        .onConflict((c) => c.columns(['site', 'visitor', 'address']).doUpdateSet(rest))
        .execute();
    },
    async eraseVisitor(site, id) {
      for (const table of ['job', 'session', 'file', 'request'] as const) {
        await db.deleteFrom(table).where('site', '=', site).where('visitor', '=', id).execute();
      }
      await db.deleteFrom('command').where('site', '=', site).where('author_kind', '=', 'visitor').where('author_id', '=', id).execute();
      // An operator's command holds a hash of the text, and names the chat. One query for all chats: there may be any number of them.
      await db
        .deleteFrom('command')
        .where('chat', 'in', chatIdsOf(db, site, id))
        .execute();
      await db.updateTable('audit').set({ visitor: null }).where('site', '=', site).where('visitor', '=', id).execute();
      const { numDeletedRows } = await db.deleteFrom('visitor').where('site', '=', site).where('id', '=', id).executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  };
}

function toVisitor(row: Selectable<Tables['visitor']>): Visitor {
  return {
    id: row.id,
    site: row.site,
    card: fromJson<Visitor['card']>(row.card),
    properties: fromJson<Visitor['properties']>(row.properties),
    invite: row.invite === null ? null : fromJson<Visitor['invite']>(row.invite),
    // One that this build does not speak counts as none.
    language: LANGUAGES.find((language) => language === row.language) ?? null,
    createdAt: row.created_at,
    ver: row.ver,
  };
}

/** Belongs to every change of a visitor's row. */
export function nextVer(e: ExpressionBuilder<Tables, 'visitor'>) {
  return { ver: e('visitor.ver', '+', 1) };
}

/** @throws ChatError `not_found` */
export async function visitorRow(db: Kysely<Tables>, site: SiteKey, id: VisitorId) {
  const row = await db.selectFrom('visitor').selectAll().where('site', '=', site).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('visitor');
  return row;
}

function chatIdsOf(db: Kysely<Tables>, site: SiteKey, visitor: VisitorId) {
  return db.selectFrom('chat').select('id').where('site', '=', site).where('visitor', '=', visitor);
}
