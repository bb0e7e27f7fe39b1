/**
 * Files on their way from the operator's computer: first the bytes, over HTTP, then a `file.send` in the outbox. A file lives
 * with the page until its bytes have arrived; then the outbox has it. A failed file waits for the operator to decide.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { ChatId, SiteKey, Uid } from '../../shared/chat.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { UploadAnswer } from '../../shared/wire/protocol.ts';
import { FILE_MAX_SIZE } from '../../shared/limits.ts';
import type { FileLike, OutgoingFile } from './outgoing.ts';

/** Sends one file's bytes. Calls either `done` or `failed`, once, and neither after the returned stop was called. */
export type SendBytes = (
  target: { site: SiteKey; uid: Uid; file: FileLike },
  tell: { progress(loaded: number): void; done(answer: UploadAnswer): void; failed(code: ErrorCode): void },
) => () => void;

export interface Uploads {
  readonly list: ReadonlySignal<readonly OutgoingFile[]>;
  start(target: { uid: Uid; chat: ChatId; site: SiteKey; file: FileLike }): void;
  has(uid: Uid): boolean;
  /** Sends the bytes of a failed file again. */
  resend(uid: Uid): void;
  fail(uid: Uid, code: ErrorCode): void;
  /** The file has become a message, or the operator has discarded it. */
  forget(uid: Uid): void;
  close(): void;
}

export interface UploadsOptions {
  sendBytes: SendBytes;
  /** The bytes are with the server under the id `file`. */
  onUploaded(upload: OutgoingFile, file: string): void;
}

/** Files that the server accepts from one operator at a time; the others wait. */
const CONCURRENT = 3;

interface Source {
  site: SiteKey;
  file: FileLike;
  state: 'waiting' | 'moving' | 'still';
  stop: () => void;
}

export function createUploads({ sendBytes, onUploaded }: UploadsOptions): Uploads {
  const list = signal<readonly OutgoingFile[]>([]);
  const sources = new Map<Uid, Source>();

  function change(uid: Uid, part: Partial<OutgoingFile>): void {
    list.value = list.peek().map((upload) => (upload.uid === uid ? { ...upload, ...part } : upload));
  }

  /** The bytes have arrived, or the upload has failed: the next file may go. */
  function rest(uid: Uid): void {
    const source = sources.get(uid);
    if (source !== undefined) source.state = 'still';
    proceed();
  }

  function fail(uid: Uid, code: ErrorCode): void {
    change(uid, { failed: code });
    rest(uid);
  }

  function line(uid: Uid): void {
    const source = sources.get(uid);
    if (source === undefined || source.state !== 'still') return;
    if (source.file.size === 0) {
      fail(uid, 'file_empty');
      return;
    }
    if (source.file.size > FILE_MAX_SIZE) {
      fail(uid, 'file_too_large');
      return;
    }
    change(uid, { failed: null, loaded: 0 });
    source.state = 'waiting';
    proceed();
  }

  function proceed(): void {
    let moving = [...sources.values()].filter(({ state }) => state === 'moving').length;
    for (const [uid, source] of sources) {
      if (moving >= CONCURRENT) return;
      if (source.state !== 'waiting') continue;
      moving += 1;
      move(uid, source);
    }
  }

  function move(uid: Uid, source: Source): void {
    source.state = 'moving';
    source.stop = sendBytes(
      { site: source.site, uid, file: source.file },
      {
        progress: (loaded) => change(uid, { loaded: Math.min(loaded, source.file.size) }),
        done: ({ file }) => {
          change(uid, { loaded: source.file.size });
          const upload = list.peek().find((known) => known.uid === uid);
          rest(uid);
          if (upload !== undefined) onUploaded(upload, file);
        },
        failed: (code) => fail(uid, code),
      },
    );
  }

  return {
    list,
    start({ uid, chat, site, file }) {
      sources.set(uid, { site, file, state: 'still', stop: () => undefined });
      list.value = [...list.peek(), { uid, chat, name: file.name, size: file.size, loaded: 0, failed: null }];
      line(uid);
    },
    has: (uid) => sources.has(uid),
    resend: line,
    fail,
    forget(uid) {
      sources.get(uid)?.stop();
      if (!sources.delete(uid)) return;
      list.value = list.peek().filter((upload) => upload.uid !== uid);
      proceed();
    },
    close() {
      for (const { stop } of sources.values()) stop();
    },
  };
}
