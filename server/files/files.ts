/**
 * Files of a chat: taken in from a stream, looked at, stored, and given out again. A file is named on disk by its id alone;
 * what a person called it is a label. Whether somebody may send it in a chat is the room's business, and answering over HTTP
 * is the route's.
 *
 * The id is a capability of 128 bits. It is made from the sender and the upload's uid with the installation's secret, so
 * that an upload whose answer was lost finds its file again instead of leaving a second one behind.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OperatorId, SiteKey, Uid, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Clock } from '../base/clock.ts';
import { createFolder, removeAbandoned } from '../base/folder.ts';
import type { Config } from '../config.ts';
import type { Act, Costs } from '../limits/costs.ts';
import { createFairQueue } from '../limits/fair-queue.ts';
import type { Entry, Ledger } from '../limits/ledger.ts';
import type { Log } from '../base/log.ts';
import { scanKey, uploadKey } from '../room/job-keys.ts';
import type { StoredFile } from '../store/files.ts';
import { fileLock, visitorLock } from '../store/locks.ts';
import type { Reader, Store, Transaction } from '../store/store.ts';
import { createImageEncoder, type Picture } from './image.ts';
import { cleanName } from './name.ts';
import type { Scanner } from './scanner.ts';
import { IMAGES, isAccepted, nameForImage, sniff } from './type.ts';

export interface Upload {
  site: SiteKey;
  owner: { visitor: VisitorId } | { operator: OperatorId };
  /** The network address, as it is counted. */
  address: string;
  uid: Uid;
  name: string;
  bytes: Readable;
  /** How many there will be, if the sender has said so. */
  announced?: number;
  /** The site's own rules. */
  maxBytes: number;
  accept: readonly string[];
  /** Asked once more when the file is stored: an upload takes its time, and who began it may have been sent away meanwhile. */
  mayStill: (reader: Reader) => Promise<boolean>;
  /** Whether nobody waits for the answer any more. Who comes back sends the same upload again. */
  isGone?: () => boolean;
}

export interface Files {
  /** Takes the whole stream, or throws `rate_limited` (a day is used up, or too many pictures wait), `file_too_large`, `file_empty`, `file_refused` (its type), `file_damaged` and `picture_too_large` (a picture), `file_unsafe` (the scanner), `storage_full` (also when the disk would be nearly full), `unauthorized` (signed out meanwhile), `upload_failed`. */
  receive(upload: Upload): Promise<StoredFile>;
  /** The file with this id if it is called so; absent, erased and refused are the same. `bytes` is `null` until the scanner has seen it. */
  open(id: string, name: string): Promise<{ file: StoredFile; bytes: Readable | null } | undefined>;
  /** Shows a quarantined file to the scanner. `undefined`: there is no such file. Rejects when the scanner cannot say. */
  check(id: string): Promise<StoredFile | undefined>;
  /** Removes the bytes; whose row was removed before. */
  discard(file: Pick<StoredFile, 'site' | 'id'>): Promise<void>;
  /** The absolute, stable address of a file. */
  link(file: Pick<StoredFile, 'id' | 'name'>): string;
}

export interface FilesOptions {
  store: Store;
  clock: Clock;
  config: Pick<Config, 'dataDir' | 'filesDir' | 'filesPublicUrl' | 'limits'>;
  log: Log;
  costs: Pick<Costs, 'take'>;
  ledger: Ledger;
  /** Without one every file is clean. */
  scanner?: Scanner | null;
}

/**
 * Uploads that were cut off end up here and are swept away at the next start. In the data directory, which is this server's alone: the
 * folder of files may be shared.
 */
const INCOMING = '.incoming';
/** An upload is sent in a chat within this time, or thrown away. */
const UNSENT_MS = 24 * 3600 * 1000;
/** Whole files in memory at once, while they are looked at and stored; and as they are shown to the scanner. */
const LOOKED_AT_ONCE = 8;
const SCANNED_AT_ONCE = 4;
/** A picture waits so long for its address to have time of decoding again. */
const DECODING_WAIT_MS = 60_000;
/** What decoding a type is called in the table of costs. */
const DECODING: Readonly<Record<string, Act>> = { 'image/png': 'png', 'image/jpeg': 'jpeg', 'image/webp': 'webp', 'image/gif': 'gif' };

export async function createFiles({ store, clock, config, log, costs, ledger, scanner = null }: FilesOptions): Promise<Files> {
  const incoming = join(config.dataDir, INCOMING);
  const folder = createFolder(config.filesDir);
  const images = createImageEncoder(config.limits.file);
  // Three queues, so that quick work never waits for slow work; each queue serves the senders in turn.
  const looking = createFairQueue({ atOnce: LOOKED_AT_ONCE });
  const decoding = createFairQueue({ atOnce: config.limits.file.concurrent, perKey: 1 });
  const scanning = createFairQueue({ atOnce: SCANNED_AT_ONCE });
  // Older versions had theirs among the files.
  for (const left of [incoming, join(config.filesDir, INCOMING)]) await rm(left, { recursive: true, force: true });
  for (const needed of [incoming, config.filesDir]) await mkdir(needed, { recursive: true, mode: 0o700 });
  await removeAbandoned(folder, Date.now());

  /** Inspects a complete upload and moves it to its final place. Other files never wait for pictures. */
  async function keep(upload: Upload, id: string, path: string): Promise<StoredFile> {
    const who = whoOf(upload);
    const looked = await looking.run(who, async () => {
      const before = await store.file(id);
      if (before !== undefined) return { file: before };
      const raw = await readFile(path);
      const given = cleanName(upload.name);
      const type = await sniff(raw, given);
      if (raw.length === 0) throw new ChatError('file_empty', 'The file is empty.');
      if (!isAccepted(upload.accept, given, type)) throw new ChatError('file_refused', 'This site does not take files of this type.');
      if (type in IMAGES) return { type, given, megapixels: await images.megapixels(raw) };
      return { file: await put(upload, id, { bytes: raw }, type, given) };
    });
    if (looked.file !== undefined) return looked.file;
    const { type, given, megapixels } = looked;
    await payForDecoding(upload, type, megapixels);
    return decoding.run(who, async () => {
      requireSender(upload);
      return put(upload, id, await images.encode(await readFile(path), type), type, given);
    });
  }

  /** Waits until the address has time of decoding left. What cannot be measured beforehand is refused soon by the decoder. */
  async function payForDecoding(upload: Upload, type: string, megapixels: number): Promise<void> {
    const act = DECODING[type];
    if (act === undefined) return;
    const { address } = upload;
    let patienceMs = DECODING_WAIT_MS;
    for (
      let waitMs = costs.take(act, { address }, { times: megapixels });
      waitMs > 0;
      waitMs = costs.take(act, { address }, { times: megapixels })
    ) {
      patienceMs -= waitMs;
      if (patienceMs < 0) throw new ChatError('rate_limited', 'Too many pictures come from this network at once. Try again in a minute.');
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      requireSender(upload);
    }
  }

  async function put(upload: Upload, id: string, made: { bytes: Buffer } | Picture, type: string, given: string): Promise<StoredFile> {
    const { bytes } = made;
    const file: StoredFile = {
      id,
      site: upload.site,
      visitor: 'visitor' in upload.owner ? upload.owner.visitor : null,
      operator: 'operator' in upload.owner ? upload.owner.operator : null,
      name: nameForImage(given, type),
      type,
      size: bytes.length,
      createdAt: clock.nowSeconds(),
      state: scanner === null ? 'clean' : 'quarantined',
      ...('pixels' in made && { pixels: made.pixels }),
    };
    // Bytes first: a row without its bytes would be a broken link, bytes without a row are found by nobody.
    await folder.put(fileKey(file), bytes);
    try {
      return await store.transact([...('visitor' in upload.owner ? [visitorLock(upload.owner.visitor)] : []), fileLock(id)], (tx) =>
        note(tx, file, upload),
      );
    } catch (error) {
      // Without their row nothing would ever throw the bytes away; unless the same upload came twice, and the other one has it.
      if ((await store.file(id)) === undefined) await folder.remove(fileKey(file));
      throw error;
    }
  }

  /** The disk keeps room for what matters more than files. */
  async function requireRoom(most: number): Promise<void> {
    const disks = await Promise.all([incoming, config.filesDir].map((path) => statfs(path)));
    const freeBytes = Math.min(...disks.map(({ bavail, bsize }) => bavail * bsize));
    if (freeBytes - ledger.arrivingBytes() - most >= config.limits.file.keepFreeBytes) return;
    log.error(
      { freeBytes, keepFreeBytes: config.limits.file.keepFreeBytes },
      'a file was refused: the disk is nearly full (LIMITS, file.keepFreeBytes)',
    );
    throw new ChatError('storage_full', 'There is no room for files at the moment.');
  }

  async function note(tx: Transaction, file: StoredFile, { mayStill }: Upload): Promise<StoredFile> {
    const { id } = file;
    const other = await tx.file(id);
    if (other !== undefined) return other;
    if (!(await mayStill(tx))) throw new ChatError('unauthorized', 'Whoever began this upload is not signed in any more.');
    await tx.saveFile(file);
    const runAtMs = clock.nowMs() + UNSENT_MS;
    if (file.state === 'quarantined') {
      const againMs = clock.nowMs() + 2 * config.limits.file.scanMs;
      await tx.putJob({
        key: scanKey(id),
        kind: 'scan',
        site: file.site,
        visitor: file.visitor,
        runAtMs: againMs,
        tries: 0,
        payload: { file: id, visitor: file.visitor },
      });
    }
    await tx.putJob({
      key: uploadKey(id),
      kind: 'upload',
      site: file.site,
      visitor: file.visitor,
      runAtMs,
      tries: 0,
      payload: { file: id, visitor: file.visitor },
    });
    return file;
  }

  async function check(id: string): Promise<StoredFile | undefined> {
    const file = await store.file(id);
    if (file === undefined || file.state !== 'quarantined') return file;
    const scan = async () => (scanner === null ? null : scanner.scan(await folder.read(fileKey(file))));
    const found = await scanning.run([file.site, file.visitor ?? file.operator ?? ''], scan);
    const now: StoredFile = { ...file, state: found === null ? 'clean' : 'refused' };
    if (found !== null) log.warn({ site: file.site, found }, 'the scanner has refused a file');
    await store.transact([fileLock(id)], async (tx) => {
      // Erased while it was looked at.
      if ((await tx.file(id)) !== undefined) await tx.saveFile(now);
      // The job of a refused file stays: its next run tells the chat.
      if (found === null) await tx.removeJob(scanKey(id));
    });
    if (found !== null) await folder.remove(fileKey(file));
    return now;
  }

  /** The scanner's word, if it comes soon: then a refused file never gets into a chat. */
  async function checkSoon(file: StoredFile): Promise<StoredFile> {
    if (file.state !== 'quarantined') return file;
    let stop = () => {};
    const patience = new Promise<undefined>((resolve) => {
      stop = clock.after(config.limits.file.scanMs, () => resolve(undefined));
    });
    const checked = check(file.id).catch(
      (error: unknown) => void log.warn({ err: error, site: file.site }, 'the scanner could not look at a file'),
    );
    const now = (await Promise.race([checked, patience])) ?? file;
    stop();
    return now;
  }

  return {
    async receive(upload) {
      const path = join(incoming, randomBytes(16).toString('hex'));
      const id = fileId(upload, store.secret);
      const most = Math.min(upload.maxBytes, config.limits.file.maxBytes);
      let entry: Entry | undefined;
      try {
        await requireRoom(Math.min(most, upload.announced ?? most));
        // What comes again because its answer was lost has been counted.
        if ('visitor' in upload.owner && (await store.file(id)) === undefined) {
          entry = await ledger.begin('file', id, { site: upload.site, visitor: upload.owner.visitor, address: upload.address });
        }
        await save(upload.bytes, path, most, (bytes) => entry?.take(bytes));
        const stored = await keep(upload, id, path);
        entry?.keep(stored.size);
        const file = await checkSoon(stored);
        if (file.state === 'refused') throw new ChatError('file_unsafe', 'The malware scanner has refused this file.');
        return file;
      } catch (error) {
        throw toUploadError(error);
      } finally {
        entry?.end();
        await rm(path, { force: true });
      }
    },
    async open(id, name) {
      const file = await store.file(id);
      if (file === undefined || file.name !== name || file.state === 'refused') return undefined;
      if (file.state === 'quarantined') return { file, bytes: null };
      const key = fileKey(file);
      if ((await folder.size(key)) === undefined) return undefined;
      // The later reader handles errors too; until it listens, an unhandled error would end the process.
      const bytes = folder.stream(key).on('error', () => undefined);
      return { file, bytes };
    },
    check,
    discard: (file) => folder.remove(fileKey(file)),
    link: ({ id, name }) => `${config.filesPublicUrl}/files/${id}/${encodeURIComponent(name)}`,
  };
}

/** Nothing dear is done for who has hung up. @throws ChatError `upload_failed` */
function requireSender({ isGone }: Upload): void {
  if (isGone?.() === true) throw new ChatError('upload_failed', 'Its sender has gone.');
}

/** Among whom turns go round: addresses, and the visitors of each; an operator is one of his own. */
function whoOf({ owner, address, site }: Upload): string[] {
  return 'visitor' in owner ? [address, `${site} ${owner.visitor}`] : [`operator ${owner.operator}`];
}

/** Where a file lies in the storage: apart for each site. */
export function fileKey(file: Pick<StoredFile, 'site' | 'id'>): string {
  return `${file.site}/${file.id}`;
}

/** The same upload again gives the same id; nobody without the secret can tell it. */
function fileId({ site, owner, uid }: Upload, secret: Uint8Array): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['file', site, owner, uid]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * Writes the stream into a file and stops at the first byte too many, whatever its sender said of its length. The stream
 * itself is left as it is: behind it stands a request that must still be answered.
 */
async function save(bytes: Readable, path: string, most: number, onBytes: (count: number) => void): Promise<void> {
  if (bytes.destroyed) throw cutOff();
  let count = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      try {
        if (count > most) throw new ChatError('file_too_large', `The file is larger than ${most} bytes.`);
        onBytes(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
  bytes.once('close', () => {
    if (!bytes.readableEnded) counter.destroy(cutOff());
  });
  await pipeline(bytes.pipe(counter), createWriteStream(path, { mode: 0o600 }));
}

function cutOff(): ChatError {
  return new ChatError('upload_failed', 'The upload was cut off.');
}

function toUploadError(error: unknown): unknown {
  if (error instanceof ChatError || !(error instanceof Error)) return error;
  const reason: unknown = error.cause instanceof Error ? error.cause : error;
  const code = reason instanceof Error && 'code' in reason ? reason.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new ChatError('storage_full', 'There is no room for files at the moment.');
  return error;
}
