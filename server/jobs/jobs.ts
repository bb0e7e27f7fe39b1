/**
 * The scheduler: runs the store's jobs when they are due. A job stays in the store until its work is done and says so itself
 * (by removing or renewing it), so a restart loses none and a job that fails is tried again, later each time.
 *
 * We record a try before it begins, because one that ends the whole process writes nothing afterwards. Jobs that were cut off
 * that way are tried alone, the least suspected first, so that a job which kills us takes no other down with it. After a few
 * such ends we give the job up, and the server stays up.
 *
 * What a job does is its kind's business: `mail.ts`, `uploads.ts`, `scan.ts`, `invitations.ts` and `absences.ts` here, the steps of a wait in the rooms.
 * Expired data needs no job: `retention.ts` looks for it.
 */
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../limits/limits.ts';
import type { FactBus } from '../bus/facts.ts';
import type { Inbox } from '../presence/inbox.ts';
import type { Log } from '../base/log.ts';
import type { Rooms } from '../room/room.ts';
import { OutOfService } from '../store/footing.ts';
import type { DueJob, Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { createAbsences } from './absences.ts';
import { createInvitations } from './invitations.ts';
import { sendTranscript, type Mailer } from './mail.ts';
import { createRetention, type RetentionParts } from './retention.ts';
import { scanAgain, type ScanParts } from './scan.ts';
import { discardUpload, type UploadParts } from './uploads.ts';

export interface JobsOptions {
  store: Store;
  rooms: Rooms;
  inbox: Inbox;
  bus: FactBus;
  clock: Clock;
  limits: Pick<Limits, 'timing'>;
  log: Log;
  mailer: Mailer & RetentionParts['mailer'];
  files: UploadParts['files'] & ScanParts['files'];
}

export interface Jobs {
  /** Resolves when nothing that is due now is left to be begun, and what was begun has ended. */
  idle(): Promise<void>;
  /** Begins nothing more; waits a moment for running jobs. */
  close(): Promise<void>;
}

/** Jobs taken at one look. */
const AT_ONCE = 100;
/** A mail server may be slow: mails under way are bounded, and never hold up anything else. */
const MAILS_AT_ONCE = 4;
const CLOSE_MS = 2_000;
/** So many tries may end with the process, and so many may fail aloud (about nine hours), before a job is given up. */
export const MOST_BEGUN = 3;
const MOST_TRIES = 16;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 3_600_000;

export function createJobs({ store, rooms, inbox, bus, clock, limits, log, mailer, files }: JobsOptions): Jobs {
  const running = new Map<string, { kind: Job['kind']; isAlone: boolean; done: Promise<void> }>();
  let looking: Promise<void> | undefined;
  let isAskedAgain = false;
  let isClosed = false;
  let stopSleep = () => {};

  const invitations = createInvitations({ store, rooms, inbox, bus, clock, log });
  const absences = createAbsences({ store, rooms, inbox, clock, log, againMs: limits.timing.jobPollMs });
  const retention = createRetention({ store, inbox, bus, clock, log, files, mailer, everyMs: limits.timing.purgeMs });

  const carryOut = async (job: Job): Promise<unknown> => {
    switch (job.kind) {
      case 'waiting':
        return rooms.system({ kind: 'waiting.step', job });
      case 'mail':
        return sendTranscript({ store, bus, clock, log, mailer }, job);
      case 'invite':
        return invitations.run(job);
      case 'away':
      case 'left':
        return absences.run(job);
      case 'upload':
        return discardUpload({ store, files }, job);
      case 'scan':
        return scanAgain({ store, rooms, clock, log, files }, job);
    }
  };

  const begin = (job: DueJob) => {
    const done = carryOut(job)
      .catch((error: unknown) => {
        log.error({ err: error, kind: job.kind, site: job.site, tries: job.tries + 1 }, 'a job failed');
        return retryLater(job);
      })
      .then(
        () => end(job, true),
        (error: unknown) => {
          // Not even that could be stored. It is still due: the next look, not this moment, is the time to try again.
          log.error({ err: error, kind: job.kind, site: job.site }, 'a failed job could not be put off');
          end(job, false);
        },
      );
    running.set(job.key, { kind: job.kind, isAlone: job.begun > 0, done });
  };

  const end = (job: Job, isDone: boolean) => {
    running.delete(job.key);
    if (isDone) wake();
  };

  const retryLater = (job: Job) => {
    const tries = job.tries + 1;
    if (tries >= MOST_TRIES) return giveUp(job, `it failed ${tries} times`);
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** job.tries, LONGEST_RETRY_MS);
    return store.transact([], (tx) => tx.delayJob(job.key, { tries, runAtMs: clock.nowMs() + waitMs }));
  };

  const giveUp = async ({ key, kind, site }: Job, why: string) => {
    log.error({ kind, site, key }, `a job was given up: ${why}`);
    await store.transact([], (tx) => tx.removeJob(key));
  };

  /** The due jobs that may begin now, beside the running ones. */
  const choose = (due: readonly DueJob[]): DueJob[] => {
    if (isClosed || [...running.values()].some(({ isAlone }) => isAlone)) return [];
    const waiting = due.filter(({ key }) => !running.has(key));
    let mails = [...running.values()].filter(({ kind }) => kind === 'mail').length;
    const sound = waiting.filter(({ kind, begun }) => begun === 0 && (kind !== 'mail' || ++mails <= MAILS_AT_ONCE));
    if (sound.length > 0 || running.size > 0) return sound;
    return waiting.filter(({ begun }) => begun > 0).slice(0, 1);
  };

  const look = async () => {
    const nowMs = clock.nowMs();
    const due = await store.dueJobs(nowMs, AT_ONCE + running.size);
    for (const job of due.filter(({ begun }) => begun >= MOST_BEGUN))
      await giveUp(job, `the server ended ${job.begun} times while it was under way`);
    const chosen = choose(due.filter(({ begun }) => begun < MOST_BEGUN));
    if (chosen.length > 0) await store.transact([], (tx) => tx.beginJobs(chosen.map(({ key }) => key)));
    if (isClosed) return store.transact([], (tx) => tx.spareJobs(chosen.map(({ key }) => key)));
    for (const job of chosen) begin(job);
    const nextMs = await store.nextJobAtMs();
    // A job that is due already is running, or failed a moment ago.
    const sleepMs = nextMs === undefined || nextMs <= nowMs ? limits.timing.jobPollMs : nextMs - clock.nowMs();
    stopSleep();
    if (!isClosed) stopSleep = clock.after(Math.min(Math.max(sleepMs, 0), limits.timing.jobPollMs), wake);
  };

  const lookUntilQuiet = async () => {
    while (isAskedAgain) {
      isAskedAgain = false;
      try {
        await look();
      } catch (error) {
        if (!(error instanceof OutOfService)) log.error({ err: error }, 'due jobs could not be read');
        stopSleep();
        if (!isClosed) stopSleep = clock.after(limits.timing.jobPollMs, wake);
      }
    }
  };

  const wake = () => {
    if (isClosed) return;
    isAskedAgain = true;
    looking ??= lookUntilQuiet().finally(() => {
      looking = undefined;
      if (isAskedAgain) wake();
    });
  };

  const stopHearing = bus.subscribe((fact) => {
    if (fact.t === 'jobs') wake();
  });
  Promise.all([invitations.ready, absences.ready]).then(wake, (error: unknown) => log.error({ err: error }, 'jobs could not be read'));

  const idle = async () => {
    await retention.idle();
    await invitations.idle();
    await absences.ready;
    await absences.idle();
    while (true) {
      const look = looking;
      if (look === undefined && running.size === 0) return;
      await look;
      await Promise.allSettled([...running.values()].map(({ done }) => done));
      await invitations.idle();
      await absences.idle();
    }
  };

  return {
    idle,
    async close() {
      isClosed = true;
      stopHearing();
      stopSleep();
      invitations.close();
      absences.close();
      retention.close();
      let stop = () => {};
      const patience = new Promise<void>((resolve) => {
        stop = clock.after(CLOSE_MS, resolve);
      });
      await Promise.race([idle(), patience]);
      stop();
      // Our stopping is not the jobs' fault.
      const cutOff = [...running.keys()];
      if (cutOff.length > 0)
        await store
          .transact([], (tx) => tx.spareJobs(cutOff))
          .catch((error: unknown) => log.error({ err: error }, 'jobs could not be put back'));
    },
  };
}
