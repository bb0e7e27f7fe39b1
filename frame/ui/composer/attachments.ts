/**
 * Files on their way into the chat. Picked, pasted or dropped, they wait above the text for *Send*, where the visitor can remove
 * them. A file dropped elsewhere on the frame is ignored, so that it never replaces the document.
 */
import { type ReadonlySignal, batch, signal } from '@preact/signals';
import { isDragOfFiles, isPasteOfFiles } from '../../../shared/ui/transfer.ts';
import type { FileLike, Session } from '../../session/contract.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import { pick, type Picked } from './uploads.ts';

/** So many wait at once: each picture among them is decoded for its preview. */
const HELD_MAX = 10;

export interface Attachments {
  /** In the order they came; each goes with the next *Send*. */
  readonly held: ReadonlySignal<Picked['good']>;
  /** Why a file was not taken, until the next try. */
  readonly refused: ReadonlySignal<Picked['refused']>;
  /** The visitor drags a file over the panel that it would accept. */
  readonly isDropping: ReadonlySignal<boolean>;
  /** Lets those wait that may be sent. */
  hold(files: readonly FileLike[], folders?: ReadonlySet<FileLike>): void;
  sendHeld(): void;
  discard(uid: string): void;
  clear(): void;
  paste(event: ClipboardEvent): void;
  drag(event: DragEvent): void;
}

/** `isOpen`: there is a composer above which files can wait. */
export function createAttachments(session: Session, isOpen: () => boolean): Attachments {
  const held = signal<Picked['good']>([]);
  const refused = signal<Picked['refused']>(null);
  const isDropping = signal(false);

  function hold(files: readonly FileLike[], folders?: ReadonlySet<FileLike>): void {
    if (!session.canSendFile.peek()) return;
    const { max_size: maxSize, accept } = session.settings.peek().chat.file;
    const room = HELD_MAX - held.peek().length;
    const { good, refused: why } = pick(files, { maxSize, accept, room, limit: HELD_MAX }, folders);
    held.value = [...held.peek(), ...good];
    refused.value = why;
  }

  return {
    held,
    refused,
    isDropping,
    hold,
    sendHeld() {
      if (held.peek().length === 0 || !session.canSendFile.peek()) return;
      session.sendFiles(held.peek(), BY_VISITOR);
      held.value = [];
      refused.value = null;
    },
    discard(uid) {
      held.value = held.peek().filter((one) => one.uid !== uid);
    },
    clear: () => batch(() => ((held.value = []), (refused.value = null))),
    paste(event) {
      const files = [...(event.clipboardData?.files ?? [])];
      if (
        !session.canSendFile.peek() ||
        !isPasteOfFiles(
          event.clipboardData?.getData('text/plain') ?? '',
          files.map(({ name }) => name),
        )
      )
        return;
      event.preventDefault();
      hold(files, foldersIn(event.clipboardData, files));
    },
    drag(event) {
      const data = event.dataTransfer;
      if (data === null) return;
      const isFiles = isDragOfFiles(data.types);
      // The browser itself puts dropped text into a text box.
      if (!isFiles && event.target instanceof Element && event.target.matches('input, textarea')) return;
      event.preventDefault();
      const isTaken = isFiles && session.canSendFile.peek() && isOpen();
      data.dropEffect = isTaken ? 'copy' : 'none';
      isDropping.value = isTaken && event.type === 'dragover';
      if (!isTaken || event.type !== 'drop') return;
      const files = [...data.files];
      hold(files, foldersIn(data, files));
    },
  };
}

/** Those of the files that are folders. Only the browser knows, and only while it hands them over; both lists have one order. */
function foldersIn(data: DataTransfer | null, files: readonly FileLike[]): ReadonlySet<FileLike> {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file');
  return new Set(files.filter((_, i) => items[i]?.webkitGetAsEntry()?.isDirectory === true));
}
