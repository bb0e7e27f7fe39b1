/**
 * Removes data older than a site's periods: messages, files, applications, visitors of whom nothing else remains, undelivered
 * mails and rows of the audit. Runs at the start and every hour; an interrupted run simply begins again.
 *
 * A clock that has just jumped removes nothing (`clock-trust.ts`).
 *
 * A client that has a shortened chat open must fetch it anew. The numbering of a chat's events goes on unchanged.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { FactBus } from '../bus/facts.ts';
import type { Inbox } from '../presence/inbox.ts';
import type { Log } from '../base/log.ts';
import type { StoredFile } from '../store/files.ts';
import { visitorLock } from '../store/locks.ts';
import type { Site } from '../store/sites.ts';
import type { Store } from '../store/store.ts';
import { createClockTrust, type ClockTrust } from './clock-trust.ts';

export interface RetentionParts {
  store: Store;
  inbox: Pick<Inbox, 'person'>;
  bus: FactBus;
  clock: Clock;
  log: Log;
  everyMs: number;
  files: { discard(file: Pick<StoredFile, 'site' | 'id'>): Promise<void> };
  mailer: {
    /** Removes mails that were written to files so long ago. */
    tidy(keepMs: (visitor: VisitorId) => Promise<number>, nowMs: number): Promise<void>;
  };
}

export interface Retention {
  /** Resolves when the run that is under way has ended. */
  idle(): Promise<void>;
  close(): void;
}

/** Of one kind in one transaction: others wait meanwhile. */
const AT_ONCE = 50;
/** Short rows, of which there is one for each command. */
const COMMANDS_AT_ONCE = 2_000;
const HOUR = 3600;
const DAY = 24 * HOUR;
/** Where no site says how long. */
const STANDARD_DAYS = 1;
/** Of a visitor who is not known any more. */
const ORPHANED_MAIL_MS = 7 * DAY * 1000;

export function createRetention({ store, inbox, bus, clock, log, everyMs, files, mailer }: RetentionParts): Retention {
  let running: Promise<void> = Promise.resolve();
  let trust: ClockTrust | undefined;
  let isClosed = false;
  let stopTimer = () => {};

  async function purge(): Promise<void> {
    trust ??= createClockTrust({ clock, log, newestSeconds: await store.newestAt() });
    const now = trust.now();
    if (now === undefined) return;
    const sites = await store.sites();
    for (const site of sites) {
      if (isClosed) return;
      await purgeSite(site, now);
    }
    await purgeShared(
      sites.map(({ settings }) => settings.keep),
      now,
    );
    await mailer.tidy(keepMailMs, now * 1000);
  }

  async function purgeSite({ key, settings: { keep } }: Site, now: number): Promise<void> {
    const before = (days: number) => now - days * DAY;
    await inParts(() => purgeEvents(key, before(keep.messages_days)));
    await inParts(() => purgeFiles(key, before(keep.files_days)));
    await store.transact([], (tx) =>
      tx.purgeRest(key, { requests: before(keep.messages_days), audit: before(keep.audit_days), mails: before(keep.mails_days) }),
    );
    await inParts(() => store.transact([], (tx) => tx.purgeCommands(key, before(keep.messages_days), COMMANDS_AT_ONCE)), COMMANDS_AT_ONCE);
    await purgeVisitors(key, now - keep.empty_hours * HOUR);
  }

  /** What belongs to no site goes with the longest of their periods. */
  async function purgeShared(keeps: readonly Site['settings']['keep'][], now: number): Promise<void> {
    const before = (days: readonly number[]) => now - Math.max(STANDARD_DAYS, ...days) * DAY;
    const messages = before(keeps.map((keep) => keep.messages_days));
    await inParts(() => store.transact([], (tx) => tx.purgeCommands(null, messages, COMMANDS_AT_ONCE)), COMMANDS_AT_ONCE);
    await store.transact([], (tx) =>
      tx.purgeShared(
        { seconds: now, ms: now * 1000 },
        { refused: before(keeps.map((keep) => keep.audit_days)), tries: (now - DAY) * 1000 },
      ),
    );
  }

  /** Again until there is less than one part's worth. */
  async function inParts(part: () => Promise<number>, size = AT_ONCE): Promise<void> {
    for (let done = size; done === size;) done = isClosed ? 0 : await part();
  }

  async function purgeEvents(site: SiteKey, before: number): Promise<number> {
    const shortened = await store.transact([], (tx) => tx.purgeEvents(site, before, AT_ONCE));
    for (const visitor of new Set(shortened.map((chat) => chat.visitor))) bus.publish({ t: 'shortened', site, visitor });
    return shortened.length;
  }

  /** The bytes go before the row does, so that a run that was cut off finds them again. */
  async function purgeFiles(site: SiteKey, before: number): Promise<number> {
    const old = await store.filesBefore(site, before, AT_ONCE);
    for (const file of old) await files.discard(file);
    await store.transact([], async (tx) => {
      for (const file of old) await tx.removeFile(file.id);
    });
    return old.length;
  }

  /** Not those who are here at this moment: they may be about to say something. */
  async function purgeVisitors(site: SiteKey, before: number): Promise<void> {
    const empty = await store.emptyVisitors(site, before, 100 * AT_ONCE);
    for (const id of empty.filter((visitor) => inbox.person(visitor) === undefined)) {
      for (const file of await store.filesOf(site, id)) await files.discard(file);
      await store.transact([visitorLock(id)], async (tx) => {
        const isStillEmpty = (await tx.lastChatOf(site, id)) === undefined;
        if (isStillEmpty) await tx.eraseVisitor(site, id);
      });
    }
  }

  async function keepMailMs(id: VisitorId): Promise<number> {
    const visitor = await store.visitorAnywhere(id);
    const site = visitor === undefined ? undefined : await store.site(visitor.site);
    return site === undefined ? ORPHANED_MAIL_MS : site.settings.keep.mails_days * DAY * 1000;
  }

  function run(): void {
    running = purge().catch((error: unknown) => log.error({ err: error }, 'what is too old could not be removed'));
    stopTimer = clock.after(everyMs, () => {
      // A run that takes longer than an hour is not overtaken by the next.
      void running.then(() => isClosed || run());
    });
  }
  run();

  return {
    idle: () => running,
    close() {
      isClosed = true;
      stopTimer();
    },
  };
}
