/**
 * One attempt at a transcript mail. The page is told after the first attempt: sent, or refused for good, or (the mail server
 * cannot be reached now) accepted to be tried again. Later attempts are nobody's wait any more.
 */
import * as v from 'valibot';
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import type { Clock } from '../clock.ts';
import type { FactBus } from '../facts.ts';
import type { Log } from '../log.ts';
import type { TranscriptJob } from '../room/visitor-commands.ts';
import type { Job, Store } from '../store/store.ts';

export interface Mailer {
  /** Sends the transcript. Rejects with one of `FINAL` when trying again is no use. */
  transcript(payload: unknown): Promise<void>;
}

export interface MailParts {
  store: Store;
  bus: FactBus;
  clock: Clock;
  log: Log;
  mailer: Mailer;
}

const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['mail_refused', 'not_found', 'invalid_argument']);
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 3_600_000;
/** About nine hours with the waits above. */
const MOST_TRIES = 16;

const payloadSchema: v.GenericSchema<TranscriptJob> = v.object({
  site: v.string(),
  visitor: v.string(),
  chat: v.string(),
  address: v.string(),
  uid: v.string(),
  isCode: v.optional(v.boolean()),
});

export async function sendTranscript(parts: MailParts, job: Job): Promise<void> {
  const { store, clock, log, mailer } = parts;
  try {
    await mailer.transcript(job.payload);
  } catch (error) {
    const isFinal = error instanceof ChatError && FINAL.has(error.code);
    log.warn({ err: error, site: job.site, tries: job.tries + 1 }, isFinal ? 'a transcript was refused' : 'a transcript could not be sent now');
    if (isFinal) {
      await store.transact((tx) => tx.removeJob(job.key));
      return tell(parts, job, { success: false, error: error.code });
    }
    await retryLater(parts, job);
    return tell(parts, job, { success: true });
  }
  await store.transact((tx) => tx.removeJob(job.key));
  tell(parts, job, { success: true });

  async function retryLater({ store }: MailParts, failed: Job): Promise<void> {
    const tries = failed.tries + 1;
    if (tries >= MOST_TRIES) {
      log.error({ site: failed.site, tries }, 'a transcript was given up');
      return store.transact((tx) => tx.removeJob(failed.key));
    }
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** failed.tries, LONGEST_RETRY_MS);
    await store.transact((tx) => tx.putJob({ ...failed, tries, runAtMs: clock.nowMs() + waitMs }));
  }
}

/** Only the first attempt has somebody who waits for the answer. */
function tell({ bus }: MailParts, job: Job, result: { success: boolean; error?: string }): void {
  const payload = v.safeParse(payloadSchema, job.payload);
  // Whoever asked was told at once that the address is to be confirmed.
  if (!payload.success || payload.output.isCode === true || job.tries > 0) return;
  bus.publish({ t: 'mailed', site: job.site, visitor: payload.output.visitor, uid: payload.output.uid, ...result });
}
