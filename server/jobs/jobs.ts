/**
 * The scheduler: runs the store's jobs when they are due. A job stays in the store until its work is done and says so itself
 * (by removing or renewing it), so a restart loses none and a job that fails is due again at the next look.
 *
 * What a job does is its kind's business: `mail.ts`, `uploads.ts`, `scan.ts`, `invitations.ts` and `absences.ts` here, the steps of a wait in the rooms.
 * What is too old needs no job: `retention.ts` looks for it.
 */
import type { Clock } from '../clock.ts';
import type { Limits } from '../config.ts';
import type { FactBus } from '../facts.ts';
import type { Inbox } from '../inbox.ts';
import type { Log } from '../log.ts';
import type { Rooms } from '../room.ts';
import type { Job, Store } from '../store/store.ts';
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
  /** Begins nothing more; waits a moment for what is under way. */
  close(): Promise<void>;
}

/** Jobs taken at one look. */
const AT_ONCE = 100;
/** A mail server may be slow: mails under way are bounded, and never hold up anything else. */
const MAILS_AT_ONCE = 4;
const CLOSE_MS = 2_000;

export function createJobs({ store, rooms, inbox, bus, clock, limits, log, mailer, files }: JobsOptions): Jobs {
  const running = new Map<string, { kind: Job['kind']; done: Promise<void> }>();
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

  const begin = (job: Job) => {
    const done = carryOut(job).then(
      () => end(job, true),
      (error: unknown) => {
        log.error({ err: error, kind: job.kind, site: job.site }, 'a job failed');
        // It is still due: the next look, not this moment, is the time to try again.
        end(job, false);
      },
    );
    running.set(job.key, { kind: job.kind, done });
  };

  const end = (job: Job, isDone: boolean) => {
    running.delete(job.key);
    if (isDone) wake();
  };

  const look = async () => {
    const nowMs = clock.nowMs();
    for (const job of await store.dueJobs(nowMs, AT_ONCE + running.size)) {
      if (isClosed || running.has(job.key)) continue;
      const mails = [...running.values()].filter(({ kind }) => kind === 'mail').length;
      if (job.kind === 'mail' && mails >= MAILS_AT_ONCE) continue;
      begin(job);
    }
    const nextMs = await store.nextJobAtMs();
    // What is due already is under way, or failed a moment ago.
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
        log.error({ err: error }, 'due jobs could not be read');
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
    },
  };
}
