/**
 * What may be changed, inside a transaction. Rules that must hold whatever two callers do at the same moment are constraints
 * of the database; here they get their names. Everything else is the room's to decide.
 */
import { sql, type Kysely } from 'kysely';
import { applyEvent } from '../../shared/timeline.ts';
import type { SiteKey, VisitorId, VisitorCard } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import { changeProperties } from '../../shared/properties.ts';
import type { Clock } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import { addToCard, correctCard } from './card.ts';
import { ruled } from './faults.ts';
import { namesInJob } from './reader.ts';
import type { ChatRecord, NewEvent, Reader, Transaction } from './store.ts';
import {
  authorId,
  fromEvent,
  fromFile,
  fromFold,
  fromJob,
  fromOperator,
  fromRequest,
  fromSession,
  fromSite,
  toChat,
  toEvent,
  toRequest,
  toVisitor,
  type Tables,
} from './tables.ts';

/** Clocks are put right by seconds, too. */
const SLACK_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** Refused embedders that are kept for each site: enough to see a mistake, too few to be filled on purpose. */
const REFUSED_KEPT = 10;

const notFound = (what: string) => new ChatError('not_found', `There is no such ${what}.`);

export function createTransaction(db: Kysely<Tables>, reader: Reader, clock: Clock): Transaction {
  const chatsOf = (site: SiteKey, visitor: VisitorId) =>
    db.selectFrom('chat').select('id').where('site', '=', site).where('visitor', '=', visitor);

  async function visitorOf(site: SiteKey, id: VisitorId) {
    const row = await db.selectFrom('visitor').selectAll().where('site', '=', site).where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound('visitor');
    return row;
  }

  async function saveCard(site: SiteKey, visitor: VisitorId, change: (card: VisitorCard) => VisitorCard): Promise<VisitorCard> {
    const card = change(toVisitor(await visitorOf(site, visitor)).card);
    await db
      .updateTable('visitor')
      .set({ card: JSON.stringify(card) })
      .where('site', '=', site)
      .where('id', '=', visitor)
      .execute();
    return card;
  }

  /** Refused before a seq is taken, so that a caller who goes on after the refusal leaves no hole. */
  async function refuseUsedUid({ summary }: ChatRecord, { author, uid }: NewEvent): Promise<void> {
    if (uid === null) return;
    const used = await db
      .selectFrom('event')
      .select('seq')
      .where('chat', '=', summary.id)
      .where('author_kind', '=', author.kind)
      .where('author_id', '=', authorId(author))
      .where('uid', '=', uid)
      .executeTakeFirst();
    if (used !== undefined) throw new ChatError('uid_conflict', 'This uid was used in this chat before.');
  }

  /** The seq is counted and taken in one statement, so that nobody else can get the same or leave a hole. */
  async function takeSeq({ site, visitor, summary }: ChatRecord) {
    const row = await db
      .updateTable('chat')
      .set((e) => ({ last_seq: e('last_seq', '+', 1) }))
      .where('id', '=', summary.id)
      .where('site', '=', site)
      .where('visitor', '=', visitor)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw notFound('chat');
    return row;
  }

  return {
    ...reader,

    async saveSite(site) {
      const { key, ...rest } = fromSite(site);
      await db
        .insertInto('site')
        .values({ key, ...rest })
        .onConflict((c) => c.column('key').doUpdateSet(rest))
        .execute();
    },
    async removeSite(key) {
      for (const table of ['session', 'file', 'request', 'job', 'command', 'audit'] as const) {
        await db.deleteFrom(table).where('site', '=', key).execute();
      }
      await db.deleteFrom('command').where('owner', '=', key).execute();
      await db.deleteFrom('site').where('key', '=', key).execute();
    },
    async noteRefused(site, origin, date) {
      await ruled(
        db
          .insertInto('refused_origin')
          .values({ site, origin, date })
          .onConflict((c) => c.columns(['site', 'origin']).doUpdateSet({ date }))
          .execute(),
        { foreign: ['not_found', 'There is no such site.'] },
      );
      const oldest = db
        .selectFrom('refused_origin')
        .select('origin')
        .where('site', '=', site)
        .orderBy('date', 'desc')
        .orderBy('origin')
        .limit(-1)
        .offset(REFUSED_KEPT);
      await db.deleteFrom('refused_origin').where('site', '=', site).where('origin', 'in', oldest).execute();
    },
    async saveGroup({ site, id, name }) {
      const { next } = await db
        .selectFrom('site_group')
        .select((e) => e.fn.coalesce(e.fn.max('position'), sql<number>`0`).as('next'))
        .where('site', '=', site)
        .executeTakeFirstOrThrow();
      await ruled(
        db
          .insertInto('site_group')
          .values({ site, id, name, position: next + 1 })
          .onConflict((c) => c.columns(['site', 'id']).doUpdateSet({ name }))
          .execute(),
        { foreign: ['not_found', 'There is no such site.'] },
      );
    },
    async removeGroup(site, id) {
      await db.deleteFrom('site_group').where('site', '=', site).where('id', '=', id).execute();
    },
    async saveOperator(operator) {
      const { id, ...rest } = fromOperator(operator);
      await ruled(
        db
          .insertInto('operator')
          .values({ id, ...rest })
          .onConflict((c) => c.column('id').doUpdateSet(rest))
          .execute(),
        {
          unique: ['already_taken', `Another operator has the e-mail ${operator.email}.`],
        },
      );
    },
    async saveSession(session) {
      const { id, ...rest } = fromSession(session);
      await db
        .insertInto('session')
        .values({ id, ...rest })
        .onConflict((c) => c.column('id').doUpdateSet(rest))
        .execute();
    },
    async removeSession(id) {
      await db.deleteFrom('session').where('id', '=', id).execute();
    },
    async removeSessionsOf(owner) {
      const sessions = db.deleteFrom('session');
      await (
        'operator' in owner ? sessions.where('operator', '=', owner.operator) : sessions.where('visitor', '=', owner.visitor)
      ).execute();
    },

    async saveIdentityKey({ createdAt, ...key }) {
      await ruled(
        db
          .insertInto('identity_key')
          .values({ ...key, created_at: createdAt })
          .execute(),
        {
          unique: ['already_taken', `There is a key ${key.kid} already.`],
          foreign: ['not_found', 'There is no such site.'],
        },
      );
    },
    async removeIdentityKey(site, kid) {
      const { numDeletedRows } = await db
        .deleteFrom('identity_key')
        .where('site', '=', site)
        .where('kid', '=', kid)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async identify(site, subject, visitor, since) {
      await ruled(db.insertInto('identity').values({ site, subject, visitor, since }).execute(), {
        unique: ['already_taken', 'This visitor or this subject is identified otherwise.'],
        foreign: ['not_found', 'There is no such visitor.'],
      });
    },
    async saveIdentityUse({ token, session, proofs, endsMs }) {
      const rest = { session, proofs: JSON.stringify(proofs), ends_ms: Math.round(endsMs) };
      await db
        .insertInto('identity_use')
        .values({ token, ...rest })
        .onConflict((c) => c.column('token').doUpdateSet(rest))
        .execute();
    },
    async saveLoginTries(key, { failures, nextAtMs, knownUntilMs }, most) {
      const rest = { failures, next_at_ms: Math.round(nextAtMs), known_until_ms: Math.round(knownUntilMs) };
      await db
        .insertInto('login_tries')
        .values({ key, ...rest })
        .onConflict((c) => c.column('key').doUpdateSet(rest))
        .execute();
      const past = db.selectFrom('login_tries').select('key').orderBy('next_at_ms', 'desc').orderBy('key').limit(-1).offset(most);
      await db.deleteFrom('login_tries').where('key', 'in', past).execute();
    },

    async createVisitor(visitor) {
      await ruled(
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
          .execute(),
        {
          unique: ['already_taken', 'There is a visitor with this id already.'],
          foreign: ['not_found', 'There is no such site.'],
        },
      );
    },
    changeCard: (site, visitor, change) => saveCard(site, visitor, (card) => addToCard(card, change)),
    correctCard: (site, visitor, corrections) => saveCard(site, visitor, (card) => correctCard(card, corrections)),
    async changeProperties(site, visitor, changes) {
      const before = toVisitor(await visitorOf(site, visitor)).properties;
      const now = changeProperties(before, changes);
      if (now !== before)
        await db
          .updateTable('visitor')
          .set({ properties: JSON.stringify(now) })
          .where('site', '=', site)
          .where('id', '=', visitor)
          .execute();
      return now;
    },
    async setInvite(site, visitor, invite) {
      await visitorOf(site, visitor);
      await db
        .updateTable('visitor')
        .set({ invite: invite && JSON.stringify(invite) })
        .where('site', '=', site)
        .where('id', '=', visitor)
        .execute();
    },
    async eraseVisitor(site, id) {
      await db.deleteFrom('job').where(namesInJob(id)).execute();
      // Not one question for each chat: there may be any number of them.
      await db
        .deleteFrom('job')
        .where(sql`payload ->> '$.chat'`, 'in', chatsOf(site, id))
        .execute();
      for (const table of ['session', 'file', 'request'] as const) {
        await db.deleteFrom(table).where('site', '=', site).where('visitor', '=', id).execute();
      }
      await db.deleteFrom('command').where('site', '=', site).where('author_kind', '=', 'visitor').where('author_id', '=', id).execute();
      // Operators' answers are remembered by a hash of what was said, and by the chat they were said in.
      await db.deleteFrom('command').where('chat', 'in', chatsOf(site, id)).execute();
      await db.updateTable('audit').set({ visitor: null }).where('site', '=', site).where('visitor', '=', id).execute();
      const { numDeletedRows } = await db.deleteFrom('visitor').where('site', '=', site).where('id', '=', id).executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },

    async createChat(site, visitor) {
      const { chats } = await visitorOf(site, visitor);
      const number = chats + 1;
      const row = await ruled(
        db
          .insertInto('chat')
          .values({
            id: randomId(),
            site,
            visitor,
            number,
            is_open: 1,
            first_seq: 1,
            last_seq: 0,
            is_answered: 0,
            read_by_visitor: 0,
            read_by_operator: 0,
            started_at: 0,
          })
          .returningAll()
          .executeTakeFirstOrThrow(),
        { unique: ['already_taken', 'This visitor has an open chat already.'] },
      );
      await db.updateTable('visitor').set({ chats: number }).where('site', '=', site).where('id', '=', visitor).execute();
      return toChat(row);
    },
    async append(chat, event, date) {
      await refuseUsedUid(chat, event);
      // What the row says counts, not what the caller believes it says: another transaction may have come between.
      const before = await takeSeq(chat);
      const row = fromEvent(before.id, before.last_seq, randomId(), date, event);
      await db.insertInto('event').values(row).execute();
      const stored = toEvent(row);
      const after = { ...toChat(before), summary: applyEvent(toChat(before).summary, stored) };
      await db.updateTable('chat').set(fromFold(after.summary)).where('id', '=', before.id).execute();
      return { event: stored, chat: after };
    },
    async markRead(site, chat, side, seq) {
      const column = side === 'visitor' ? 'read_by_visitor' : 'read_by_operator';
      const row = await db
        .updateTable('chat')
        .set({ [column]: sql<number>`max(${sql.ref(column)}, min(${seq}, last_seq))` })
        .where('id', '=', chat)
        .where('site', '=', site)
        .returning(['read_by_visitor', 'read_by_operator'])
        .executeTakeFirst();
      if (row === undefined) throw notFound('chat');
      return { visitor: row.read_by_visitor, operator: row.read_by_operator };
    },
    async remember(author, uid, { hash, result }, owner = author.site) {
      const ofChat =
        owner !== '' || result.chat === null
          ? undefined
          : await db.selectFrom('chat').select('site').where('id', '=', result.chat).executeTakeFirst();
      await ruled(
        db
          .insertInto('command')
          .values({
            site: author.site,
            author_kind: author.kind,
            author_id: author.id,
            uid,
            hash,
            result: JSON.stringify(result),
            date: clock.nowSeconds(),
            chat: result.chat,
            owner: ofChat?.site ?? owner,
          })
          .execute(),
        { unique: ['uid_conflict', 'This uid was used before.'] },
      );
    },
    async saveFile(file) {
      const { id, ...rest } = fromFile(file);
      await db
        .insertInto('file')
        .values({ id, ...rest })
        .onConflict((c) => c.column('id').doUpdateSet(rest))
        .execute();
    },
    async removeFile(id) {
      await db.deleteFrom('file').where('id', '=', id).execute();
    },
    async saveConfirmation({ site, visitor, address, uid, tries, endsMs, isConfirmed }) {
      const rest = { uid, tries, ends_ms: Math.round(endsMs), is_confirmed: isConfirmed ? 1 : 0 };
      await db
        .insertInto('confirmation')
        .values({ site, visitor, address, ...rest })
        .onConflict((c) => c.columns(['site', 'visitor', 'address']).doUpdateSet(rest))
        .execute();
    },
    async noteLost(entry, room) {
      const own = await db.selectFrom('lost').selectAll().where('site', '=', entry.site).where('visitor', '=', entry.visitor).execute();
      if (own.some(({ chat }) => chat === entry.chat)) {
        await db
          .updateTable('lost')
          .set({ claimed: sql<number>`max(claimed, ${entry.claimed})` })
          .where('site', '=', entry.site)
          .where('visitor', '=', entry.visitor)
          .where('chat', '=', entry.chat)
          .execute();
        return false;
      }
      const { count } = await db
        .selectFrom('lost')
        .select((e) => e.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      if (own.length >= room.perVisitor || count >= room.most) return false;
      await db.insertInto('lost').values(entry).execute();
      return true;
    },
    async note(entry) {
      await db.insertInto('audit').values(entry).execute();
    },
    async purgeEvents(site, before, limit) {
      const old = await db
        .selectFrom('chat')
        .selectAll()
        .where('site', '=', site)
        .where((e) =>
          e.exists(
            e
              .selectFrom('event')
              .select('event.seq')
              .whereRef('event.chat', '=', 'chat.id')
              .whereRef('event.seq', '=', 'chat.first_seq')
              .where('event.date', '<', before),
          ),
        )
        .orderBy('id')
        .limit(limit)
        .execute();
      for (const { id, last_seq, is_open } of old) {
        const kept = await db
          .selectFrom('event')
          .select('seq')
          .where('chat', '=', id)
          .where('date', '>=', before)
          .orderBy('seq')
          .limit(1)
          .executeTakeFirst();
        if (kept === undefined && is_open === 0) {
          await db.deleteFrom('chat').where('id', '=', id).where('site', '=', site).execute();
          continue;
        }
        const first = kept?.seq ?? last_seq + 1;
        await db.deleteFrom('event').where('chat', '=', id).where('seq', '<', first).execute();
        await db.updateTable('chat').set({ first_seq: first }).where('id', '=', id).where('site', '=', site).execute();
      }
      return old.map(({ id, visitor }) => ({ visitor, chat: id }));
    },
    async purgeCommands(site, before, limit) {
      const old = db
        .selectFrom('command')
        .select(['site', 'author_kind', 'author_id', 'uid'])
        .where('owner', '=', site ?? '')
        .where('date', '<', before)
        .orderBy('date')
        .limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom('command')
        .where(sql<boolean>`(site, author_kind, author_id, uid) IN ${old}`)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
    async purgeShared(now, before) {
      await db.deleteFrom('session').where('expires_at', '<=', now.seconds).execute();
      await db.deleteFrom('identity_use').where('ends_ms', '<=', now.ms).execute();
      await db.deleteFrom('taken').where('ends_ms', '<=', now.ms).execute();
      await db
        .deleteFrom('spent')
        .where('hour', '<=', Math.floor(now.ms / 3_600_000) - 24)
        .execute();
      await db.deleteFrom('login_tries').where('next_at_ms', '<', before.tries).where('known_until_ms', '<=', now.ms).execute();
      await db
        .deleteFrom('taken')
        .where('ends_ms', '>', now.ms + 2 * DAY_MS)
        .execute();
      await db.deleteFrom('refused_origin').where('date', '<', before.refused).execute();
      await db.deleteFrom('confirmation').where('is_confirmed', '=', 0).where('ends_ms', '<=', now.ms).execute();
    },
    async purgeRest(site, { requests, audit, mails }) {
      await db.deleteFrom('request').where('site', '=', site).where('date', '<', requests).execute();
      for (const table of ['audit', 'lost'] as const)
        await db.deleteFrom(table).where('site', '=', site).where('date', '<', audit).execute();
      await db
        .deleteFrom('job')
        .where('site', '=', site)
        .where('kind', '=', 'mail')
        .where('run_at_ms', '<', mails * 1000)
        .execute();
    },
    async saveRequest(request) {
      const { id, ...rest } = fromRequest(request);
      await db
        .insertInto('request')
        .values({ id, ...rest })
        .onConflict((c) => c.column('id').doUpdateSet(rest))
        .execute();
    },
    async finishRequest(site, id) {
      const row = await db
        .updateTable('request')
        .set({ is_done: 1 })
        .where('site', '=', site)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row && toRequest(row);
    },
    async takeCaps(caps, nowMs) {
      await db.deleteFrom('taken').where('ends_ms', '<=', nowMs).execute();
      for (const { key, most, windowMs } of caps) {
        // Longer than its window nothing is taken: a clock that was ahead then has written that.
        await db
          .deleteFrom('taken')
          .where('key', '=', key)
          .where('ends_ms', '>', nowMs + windowMs + SLACK_MS)
          .execute();
        const { count } = await db
          .selectFrom('taken')
          .select((e) => e.fn.countAll<number>().as('count'))
          .where('key', '=', key)
          .executeTakeFirstOrThrow();
        if (count >= most) return false;
      }
      for (const { key, windowMs } of caps)
        await db
          .insertInto('taken')
          .values({ key, ends_ms: Math.round(nowMs + windowMs) })
          .execute();
      return true;
    },
    async addSpent(rows, upToHour) {
      await db.deleteFrom('spent').where('hour', '<=', upToHour).execute();
      for (const { key, hour, bytes, count } of rows) {
        await db
          .insertInto('spent')
          .values({ key, hour, bytes, count })
          .onConflict((c) =>
            c.columns(['key', 'hour']).doUpdateSet({ bytes: sql<number>`bytes + ${bytes}`, count: sql<number>`count + ${count}` }),
          )
          .execute();
      }
    },
    async putJob(job) {
      const { key, ...rest } = fromJob(job);
      await db
        .insertInto('job')
        .values({ key, ...rest })
        .onConflict((c) => c.column('key').doUpdateSet(rest))
        .execute();
    },
    async removeJob(key) {
      await db.deleteFrom('job').where('key', '=', key).execute();
    },
    async beginJobs(keys) {
      for (const key of keys)
        await db
          .updateTable('job')
          .set((e) => ({ begun: e('begun', '+', 1) }))
          .where('key', '=', key)
          .execute();
    },
    async spareJobs(keys) {
      for (const key of keys)
        await db
          .updateTable('job')
          .set({ begun: sql<number>`max(0, begun - 1)` })
          .where('key', '=', key)
          .execute();
    },
    async delayJob(key, { runAtMs, tries }) {
      await db
        .updateTable('job')
        .set({ begun: 0, run_at_ms: Math.round(runAtMs), tries })
        .where('key', '=', key)
        .execute();
    },
  };
}
