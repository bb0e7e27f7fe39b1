/**
 * Uploads that were never sent in a chat are thrown away: nobody can see them, and nobody but their sender knows where they
 * lie. The job is put with the upload and removed, in one transaction, with the command that sends it (`takeFile`).
 */
import * as v from 'valibot';
import type { StoredFile } from '../store/files.ts';
import type { Job } from '../store/jobs.ts';
import { fileLock } from '../store/locks.ts';
import type { Store } from '../store/store.ts';

export interface UploadParts {
  store: Store;
  files: { discard(file: Pick<StoredFile, 'site' | 'id'>): Promise<void> };
}

const payloadSchema = v.object({ file: v.string() });

/** The bytes go before the job does, so that a server that stops in between goes on here. */
export async function discardUpload({ store, files }: UploadParts, job: Job): Promise<void> {
  const payload = v.safeParse(payloadSchema, job.payload);
  if (payload.success) {
    const id = payload.output.file;
    const isUnsent = await store.transact([fileLock(id)], async (tx) => {
      // Sent since the job was found due.
      if ((await tx.job(job.key)) === undefined) return false;
      await tx.removeFile(id);
      return true;
    });
    if (!isUnsent) return;
    await files.discard({ site: job.site, id });
  }
  await store.transact([], (tx) => tx.removeJob(job.key));
}
