/**
 * The automatic invitation: invites a visitor who has been on the site for a while, while an operator is online. Once per
 * visit: a visitor who was invited, or has chatted, during a visit is left alone until the next one.
 *
 * Of an anonymous page the visit is kept in memory and ends with the page. Of a visitor who has acted it is a job in the
 * store, so that a restart neither starts the time anew nor invites twice; it goes when the visit ends.
 */
import * as v from 'valibot';
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import type { SiteSettings } from '../../shared/settings.ts';
import type { Clock } from '../base/clock.ts';
import type { FactBus } from '../bus/facts.ts';
import type { Inbox, InboxChange } from '../presence/inbox.ts';
import type { Log } from '../base/log.ts';
import type { Rooms } from '../room/room.ts';
import { createSerial } from '../base/serial.ts';
import { everyOne } from '../store/pages.ts';
import { siteLanguage, spokenIn } from '../words/settings-in.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';

export interface Invitations {
  /** Resolves when the visits of before a restart are known. */
  ready: Promise<void>;
  /** A visit's job is due. */
  run(job: Job): Promise<void>;
  idle(): Promise<void>;
  close(): void;
}

export interface InvitationsOptions {
  store: Store;
  rooms: Rooms;
  inbox: Inbox;
  bus: FactBus;
  clock: Clock;
  log: Log;
}

/** `counting`: not long enough here. `due`: would be invited if somebody were online. `over`: not in this visit. */
type Stage = 'counting' | 'due' | 'over';

interface Visit {
  site: SiteKey;
  id: VisitorId;
  isAnonymous: boolean;
  stage: Stage;
  dueMs: number;
  isStored: boolean;
  stopTimer: () => void;
}

/** How long a visit is remembered after a restart when its visitor does not come back. */
const VISIT_MS = 30 * 60 * 1000;

const payloadSchema = v.object({ visitor: v.string(), stage: v.picklist(['counting', 'due', 'over']), dueMs: v.number() });

export function createInvitations({ store, rooms, inbox, bus, clock, log }: InvitationsOptions): Invitations {
  const visits = new Map<VisitorId, Visit>();
  /** What an anonymous page's visit hands on to the visitor it has become. */
  const inherited = new Map<VisitorId, Pick<Visit, 'stage' | 'dueMs'>>();
  const serial = createSerial();
  let isClosed = false;

  const settingsOf = async (site: SiteKey): Promise<SiteSettings | undefined> => (await store.site(site))?.settings;

  const restore = async () => {
    for await (const job of everyOne(
      (after: string) => store.jobs('invite', after),
      ({ key }) => key,
      '',
    )) {
      const payload = v.safeParse(payloadSchema, job.payload);
      if (!payload.success || visits.has(payload.output.visitor)) continue;
      const { visitor: id, stage, dueMs } = payload.output;
      visits.set(id, { site: job.site, id, isAnonymous: false, stage, dueMs, isStored: true, stopTimer: () => {} });
    }
  };

  /** A visitor's visit is written down; an anonymous page's is not. */
  const save = async (visit: Visit, runAtMs: number) => {
    if (visit.isAnonymous) return;
    const payload = { visitor: visit.id, stage: visit.stage, dueMs: visit.dueMs };
    const { site, id: visitor } = visit;
    await store.transact([], (tx) => tx.putJob({ key: keyOf(visitor), kind: 'invite', site, visitor, runAtMs, tries: 0, payload }));
    visit.isStored = true;
    bus.publish({ t: 'jobs' });
  };

  const finish = async (visit: Visit) => {
    if (visit.stage === 'over') return;
    visit.stage = 'over';
    visit.stopTimer();
    if (visit.isStored) await save(visit, clock.nowMs() + VISIT_MS);
  };

  const arrive = async (site: SiteKey, id: VisitorId, isAnonymous: boolean) => {
    const before = inherited.get(id);
    inherited.delete(id);
    const restored = visits.get(id);
    if (restored !== undefined) return offer(restored);
    const settings = (await settingsOf(site))?.chat.invite;
    if (settings?.is_enabled !== true || inbox.person(id) === undefined) return;
    const dueMs = before?.dueMs ?? clock.nowMs() + settings.timeout * 1000;
    const visit: Visit = { site, id, isAnonymous, stage: before?.stage ?? 'counting', dueMs, isStored: false, stopTimer: () => {} };
    visits.set(id, visit);
    if (inbox.item(id)?.presence !== 'on_site') visit.stage = 'over';
    if (visit.stage === 'over') return save(visit, clock.nowMs() + VISIT_MS);
    if (!isAnonymous) return save(visit, dueMs);
    visit.stopTimer = clock.after(Math.max(0, dueMs - clock.nowMs()), () => inTurn(id, () => becomeDue(visit)));
  };

  const leave = async (id: VisitorId) => {
    const visit = visits.get(id);
    if (visit === undefined) return;
    visits.delete(id);
    visit.stopTimer();
    if (visit.isStored) await store.transact([], (tx) => tx.removeJob(keyOf(id)));
  };

  const becomeDue = async (visit: Visit) => {
    if (visit.stage !== 'counting') return;
    visit.stage = 'due';
    await save(visit, clock.nowMs() + VISIT_MS);
    await offer(visit);
  };

  const offer = async (visit: Visit) => {
    const { site, id: visitor, isAnonymous } = visit;
    const isStillWanted = () => visit.stage === 'due' && inbox.isAvailable(site, null) && inbox.canBeInvited(visitor);
    if (!isStillWanted()) return;
    const settings = await settingsOf(site);
    if (settings?.chat.invite.is_enabled !== true) return;
    const { text, name } = spokenIn(settings, inbox.languageOf(visitor) ?? siteLanguage(settings)).chat.invite;
    if (await rooms.system({ kind: 'invite.offer', site, visitor, isAnonymous, text, name, isStillWanted })) await finish(visit);
  };

  const inTurn = (id: VisitorId, work: () => Promise<void>) => {
    serial
      .run(id, async () => {
        await ready;
        if (!isClosed) await work();
      })
      .catch((error: unknown) => log.error({ err: error }, 'an automatic invitation failed'));
  };

  const hear = (change: InboxChange) => {
    switch (change.t) {
      case 'arrived':
        return inTurn(change.id, () => arrive(change.site, change.id, change.isAnonymous));
      case 'left':
        return inTurn(change.id, () => leave(change.id));
      case 'renamed': {
        const visit = visits.get(change.from);
        if (visit === undefined || visits.has(change.to)) return;
        inherited.set(change.to, { stage: visit.stage, dueMs: visit.dueMs });
        return;
      }
      case 'item': {
        const visit = visits.get(change.item.id);
        if (visit === undefined || visit.stage === 'over') return;
        if (change.item.presence !== 'on_site') return inTurn(visit.id, () => finish(visit));
        if (visit.stage === 'due') inTurn(visit.id, () => offer(visit));
        return;
      }
      case 'operators':
        for (const visit of visits.values()) if (visit.stage === 'due') inTurn(visit.id, () => offer(visit));
        return;
      case 'gone':
      case 'person':
      case 'properties':
      case 'changed':
        return;
    }
  };

  const ready = restore();
  const stopHearing = inbox.subscribe(hear);

  return {
    ready,
    async run(job) {
      const payload = v.safeParse(payloadSchema, job.payload);
      const visit = payload.success ? visits.get(payload.output.visitor) : undefined;
      const isCounting = payload.success && payload.output.stage === 'counting';
      // Of a visit that is long past, or a job nobody can read.
      if (visit === undefined || !isCounting) {
        if (visit !== undefined && inbox.person(visit.id) === undefined) visits.delete(visit.id);
        if (visit !== undefined) visit.isStored = false;
        return store.transact([], (tx) => tx.removeJob(job.key));
      }
      await serial.run(visit.id, () => becomeDue(visit));
    },
    idle: () => serial.idle(),
    close() {
      isClosed = true;
      stopHearing();
      for (const visit of visits.values()) visit.stopTimer();
    },
  };
}

function keyOf(id: VisitorId): string {
  return `invite:${id}`;
}
