/**
 * Shows a file without a verdict to the scanner again, less and less often, for as long as the file exists.
 * If the scanner refuses a file that was already sent, the chat hears it.
 */
import * as v from 'valibot';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Rooms } from '../room/room.ts';
import type { StoredFile } from '../store/files.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';

export interface ScanParts {
  store: Store;
  rooms: Pick<Rooms, 'system'>;
  clock: Clock;
  log: Log;
  files: {
    /** Shows the file to the scanner once more. `undefined`: it is gone. Rejects when the scanner cannot say. */
    check(id: string): Promise<StoredFile | undefined>;
  };
}

const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 3_600_000;
const MOST_DOUBLINGS = 10;

const payloadSchema = v.object({ file: v.string() });

export async function scanAgain({ store, rooms, clock, log, files }: ScanParts, job: Job): Promise<void> {
  const payload = v.safeParse(payloadSchema, job.payload);
  const tellChat = async (file: StoredFile) => {
    const chat = await store.chatOfFile(file);
    if (chat !== undefined)
      await rooms.system({ kind: 'file.refused', site: chat.site, visitor: chat.visitor, chat: chat.summary.id, name: file.name });
  };
  try {
    const file = payload.success ? await files.check(payload.output.file) : undefined;
    // Told before the job goes: a server that stops in between tells it at the next start.
    if (file?.state === 'refused') await tellChat(file);
    await store.transact([], (tx) => tx.removeJob(job.key));
  } catch (error) {
    log.warn({ err: error, site: job.site, tries: job.tries + 1 }, 'the scanner could not look at a file');
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(job.tries, MOST_DOUBLINGS), LONGEST_RETRY_MS);
    await store.transact([], (tx) => tx.putJob({ ...job, tries: job.tries + 1, runAtMs: clock.nowMs() + waitMs }));
  }
}
