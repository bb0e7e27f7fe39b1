/**
 * One attempt at a transcript mail. The page hears the result of the first attempt: sent, refused for good, or (while the mail
 * server cannot be reached) accepted to be tried again. Nobody waits for later attempts.
 *
 * A mail that the server of its recipient puts off is tried for some nine hours. One that fails because of this installation, by
 * a password or a sender that is refused, a certificate, a name that does not resolve, is kept for a week: somebody puts that
 * right, and all of them go. `admin mail list` shows the kept mails and the reasons.
 */
import * as v from 'valibot';
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { FactBus } from '../bus/facts.ts';
import type { Log } from '../base/log.ts';
import { MailFault } from '../mail/fault.ts';
import type { TranscriptJob } from '../room/visitor-commands.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';

export interface Mailer {
  /** Sends the transcript. Rejects with a `MailFault`, or with one of `FINAL` when there is nothing to send. */
  transcript(payload: unknown): Promise<void>;
}

export interface MailParts {
  store: Store;
  bus: FactBus;
  clock: Clock;
  log: Log;
  mailer: Mailer;
}

/** How the last attempt failed, kept with the job; `sinceMs` is when attempts began to fail. */
export interface MailTrouble {
  code: string;
  step: string;
  status: number | null;
  sinceMs: number;
}

const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['mail_refused', 'not_found', 'invalid_argument']);
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 3_600_000;
/** About nine hours with the waits above. */
const MOST_TRIES = 16;
/** How long a mail waits for the installation to be put right. */
const KEPT_MS = 7 * 86_400_000;

const payloadSchema: v.GenericSchema<TranscriptJob> = v.object({
  site: v.string(),
  visitor: v.string(),
  chat: v.string(),
  address: v.string(),
  uid: v.string(),
  tab: v.exactOptional(v.string()),
  isCode: v.exactOptional(v.boolean()),
});

const troubleSchema = v.object({
  trouble: v.object({ code: v.string(), step: v.string(), status: v.nullable(v.number()), sinceMs: v.number() }),
});

/** The recorded trouble of the last attempt at this mail. */
export function troubleOf(job: Job): MailTrouble | undefined {
  const payload = v.safeParse(troubleSchema, job.payload);
  return payload.success ? payload.output.trouble : undefined;
}

export async function sendTranscript(parts: MailParts, job: Job): Promise<void> {
  const { store, mailer } = parts;
  try {
    await mailer.transcript(job.payload);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      await retryLater(parts, job, error);
      return tell(parts, job, { success: true });
    }
    parts.log.warn({ ...wordsOf(error), site: job.site, tries: job.tries + 1 }, 'a transcript was refused');
    await store.transact([], (tx) => tx.removeJob(job.key));
    return tell(parts, job, { success: false, error: refusal });
  }
  await store.transact([], (tx) => tx.removeJob(job.key));
  tell(parts, job, { success: true });
}

/** The error code for the page when trying again is no use. */
function refusalOf(error: unknown): ErrorCode | undefined {
  if (error instanceof MailFault) return error.kind === 'final' ? 'mail_refused' : undefined;
  return error instanceof ChatError && FINAL.has(error.code) ? error.code : undefined;
}

/** What a log line may say of it: what a mail server answers can hold the address. */
function wordsOf(error: unknown): object {
  return error instanceof MailFault ? { code: error.code, step: error.step, status: error.status } : { err: error };
}

async function retryLater({ store, clock, log }: MailParts, job: Job, error: unknown): Promise<void> {
  const tries = job.tries + 1;
  const isOurs = error instanceof MailFault && error.kind === 'installation';
  const about = { ...wordsOf(error), site: job.site, tries };
  const sinceMs = troubleOf(job)?.sinceMs ?? clock.nowMs();
  if (isOurs ? clock.nowMs() - sinceMs > KEPT_MS : tries >= MOST_TRIES) {
    log.error(about, 'a transcript was given up');
    return store.transact([], (tx) => tx.removeJob(job.key));
  }
  if (isOurs)
    log.error(about, 'the mail server cannot be used: mails are kept and tried again (SMTP_URL, MAIL_FROM; see: admin mail list)');
  else log.warn(about, 'a transcript could not be sent now');
  const trouble: MailTrouble =
    error instanceof MailFault
      ? { code: error.code, step: error.step, status: error.status, sinceMs }
      : { code: 'EUNKNOWN', step: 'CONN', status: null, sinceMs };
  const payload = typeof job.payload === 'object' && job.payload !== null ? { ...job.payload, trouble } : job.payload;
  const waitMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(job.tries, MOST_TRIES), LONGEST_RETRY_MS);
  await store.transact([], (tx) => tx.putJob({ ...job, payload, tries, runAtMs: clock.nowMs() + waitMs }));
}

/** Only the first attempt has somebody who waits for the answer. */
function tell({ bus }: MailParts, job: Job, result: { success: boolean; error?: string }): void {
  const payload = v.safeParse(payloadSchema, job.payload);
  // The page already knows that the visitor must confirm the address.
  if (!payload.success || payload.output.isCode === true || job.tries > 0) return;
  const { visitor, uid, tab } = payload.output;
  if (tab !== undefined) bus.publish({ t: 'mailed', site: job.site, visitor, tab, uid, ...result });
}
