/**
 * Files on their way: the bytes by HTTP, a few at a time, then one command with the same uid through the outbox. Knows what
 * a site refuses before anything travels. Messages never wait for it; a file takes its place when its upload has ended.
 */
import type { Uid } from '../../shared/chat.ts';
import { ChatError, toErrorCode, type ErrorCode } from '../../shared/errors.ts';
import type { Settings } from '../../shared/settings.ts';
import type { FileLike, Upload } from './contract.ts';
import type { SendBytes, Transfer } from './platform.ts';

export interface Uploads {
  /** In the order they were chosen; the same array until something changes. */
  readonly list: readonly Upload[];
  has(uid: Uid): boolean;
  add(uid: Uid, file: FileLike): void;
  /** Tries a failed one again; `false` if there is nothing to carry, because its bytes have arrived before. */
  retry(uid: Uid): boolean;
  fail(uid: Uid, code: ErrorCode, message: string): void;
  /** It is a message now. */
  remove(uid: Uid): void;
  /** Gives it up; `false` if its bytes have arrived and it is about to be a message. */
  discard(uid: Uid): boolean;
  /** Connection and access may have changed: begins what waits. */
  proceed(): void;
  clear(): void;
}

export interface UploadsOptions {
  sendBytes: SendBytes;
  rules(): Settings['chat'];
  isOnline(): boolean;
  /** A token that is still valid; `undefined` while there is none. */
  access(): Promise<string | undefined>;
  /** The bytes have arrived: the command may go. */
  onArrived(uid: Uid, file: string): void;
  onProgress(upload: Upload): void;
  onFailed(uid: Uid, code: ErrorCode, message: string): void;
}

/** What a server takes of one visitor at a time. */
const CONCURRENT = 3;

interface Job {
  upload: Upload;
  file: FileLike;
  state: 'waiting' | 'moving' | 'arrived' | 'failed';
  hasArrived: boolean;
  transfer: Transfer | undefined;
}

export function createUploads(options: UploadsOptions): Uploads {
  const jobs = new Map<Uid, Job>();
  let list: readonly Upload[] = [];

  function relist(): void {
    list = [...jobs.values()].map((job) => job.upload);
  }

  function change(job: Job, state: Job['state'], upload: Partial<Upload>): void {
    job.state = state;
    job.upload = { ...job.upload, ...upload };
    relist();
  }

  function fail(job: Job, code: ErrorCode, message: string): void {
    change(job, 'failed', { failed: code });
    options.onFailed(job.upload.uid, code, message);
  }

  function proceed(): void {
    if (!options.isOnline()) return;
    let moving = [...jobs.values()].filter((job) => job.state === 'moving').length;
    for (const job of jobs.values()) {
      if (moving >= CONCURRENT) return;
      if (job.state !== 'waiting') continue;
      moving += 1;
      void move(job);
    }
  }

  async function move(job: Job): Promise<void> {
    const { uid } = job.upload;
    change(job, 'moving', {});
    const isStill = (): boolean => jobs.get(uid) === job && job.state === 'moving';
    try {
      const access = await options.access();
      if (!isStill()) return;
      if (access === undefined) {
        change(job, 'waiting', {});
        return;
      }
      job.transfer = options.sendBytes(job.file, {
        uid,
        access,
        onProgress: (loaded) => {
          if (!isStill()) return;
          change(job, 'moving', { loaded: Math.min(loaded, job.file.size) });
          options.onProgress(job.upload);
        },
      });
      const { file } = await job.transfer.done;
      if (!isStill()) return;
      job.hasArrived = true;
      change(job, 'arrived', { loaded: job.file.size });
      options.onArrived(uid, file);
    } catch (error) {
      if (isStill())
        fail(job, error instanceof ChatError ? toErrorCode(error.code) : 'upload_failed', error instanceof Error ? error.message : '');
    }
    proceed();
  }

  /** Begins a job that is new or tried again, unless the site refuses it. */
  function begin(job: Job): void {
    const refusal = refusalOf(job.file, options.rules());
    if (refusal !== null) {
      fail(job, refusal.code, refusal.message);
      return;
    }
    change(job, 'waiting', { loaded: 0, failed: null });
    options.onProgress(job.upload);
    proceed();
  }

  return {
    get list() {
      return list;
    },
    has: (uid) => jobs.has(uid),
    add(uid, file) {
      if (jobs.has(uid)) return;
      const job: Job = {
        upload: { uid, name: file.name, size: file.size, loaded: 0, failed: null },
        file,
        state: 'waiting',
        hasArrived: false,
        transfer: undefined,
      };
      jobs.set(uid, job);
      begin(job);
    },
    retry(uid) {
      const job = jobs.get(uid);
      if (job === undefined || job.state !== 'failed') return false;
      if (job.hasArrived) change(job, 'arrived', { failed: null });
      else begin(job);
      return !job.hasArrived;
    },
    fail(uid, code, message) {
      const job = jobs.get(uid);
      if (job === undefined) options.onFailed(uid, code, message);
      else fail(job, code, message);
    },
    remove(uid) {
      if (jobs.delete(uid)) relist();
    },
    discard(uid) {
      const job = jobs.get(uid);
      if (job === undefined || job.state === 'arrived') return false;
      jobs.delete(uid);
      if (job.state === 'moving') job.transfer?.cancel();
      relist();
      proceed();
      return true;
    },
    proceed,
    clear() {
      for (const job of jobs.values()) if (job.state === 'moving') job.transfer?.cancel();
      jobs.clear();
      relist();
    },
  };
}

/** Why the site does not take this file, if it does not. */
function refusalOf(file: FileLike, { is_file_transfer, file: rules }: Settings['chat']): { code: ErrorCode; message: string } | null {
  if (!is_file_transfer) return { code: 'disabled', message: 'File transfer is off.' };
  if (file.size === 0) return { code: 'file_empty', message: 'The file is empty.' };
  if (file.size > rules.max_size) return { code: 'file_too_large', message: `At most ${rules.max_size} bytes, this has ${file.size}.` };
  if (!isAccepted(file, rules.accept)) return { code: 'file_refused', message: `Not taken here: ${file.type || file.name}.` };
  return null;
}

/** As the `accept` attribute reads: `.pdf`, `image/*`, `text/plain`; an empty list takes everything. */
function isAccepted({ name, type }: { name: string; type: string }, accept: readonly string[]): boolean {
  if (accept.length === 0) return true;
  return accept.some((entry) => {
    const rule = entry.trim().toLowerCase();
    if (rule.startsWith('.')) return name.toLowerCase().endsWith(rule);
    if (rule.endsWith('/*')) return type.toLowerCase().startsWith(rule.slice(0, -1));
    return type.toLowerCase() === rule;
  });
}
