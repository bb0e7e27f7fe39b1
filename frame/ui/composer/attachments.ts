/**
 * Files under way into the chat. A picked file goes at once; a pasted or dropped one waits above the text for *Send*, where the
 * visitor can remove it. A file dropped elsewhere on the frame is ignored, so that it never replaces the document.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { isDragOfFiles, isPasteOfFiles } from '../../../shared/ui/transfer.ts';
import type { FileLike, Session } from '../../session/contract.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import { pick, type Picked } from './uploads.ts';

export interface Attachments {
  /** In the order they came; each goes with the next *Send*. */
  readonly held: ReadonlySignal<Picked['good']>;
  /** Why a file was not taken, until the next try. */
  readonly refused: ReadonlySignal<string | null>;
  /** The visitor drags a file over the panel that it would accept. */
  readonly isDropping: ReadonlySignal<boolean>;
  /** Sends them without waiting. */
  send(files: readonly FileLike[]): void;
  sendHeld(): void;
  discard(uid: string): void;
  clear(): void;
  paste(event: ClipboardEvent): void;
  drag(event: DragEvent): void;
}

/** `isOpen`: there is a composer above which files can wait. */
export function createAttachments(session: Session, isOpen: () => boolean): Attachments {
  const held = signal<Picked['good']>([]);
  const refused = signal<string | null>(null);
  const isDropping = signal(false);

  function check(files: readonly FileLike[]): Picked['good'] {
    const { max_size, accept } = session.settings.peek().chat.file;
    const { good, refused: why } = pick(files, max_size, accept);
    refused.value = why;
    return good;
  }

  function hold(files: readonly FileLike[]): void {
    held.value = [...held.peek(), ...check(files)];
  }

  return {
    held,
    refused,
    isDropping,
    send(files) {
      const good = check(files);
      if (good.length > 0) session.sendFiles(good, BY_VISITOR);
    },
    sendHeld() {
      if (held.peek().length === 0 || !session.canSendFile.peek()) return;
      session.sendFiles(held.peek(), BY_VISITOR);
      held.value = [];
    },
    discard(uid) {
      held.value = held.peek().filter((one) => one.uid !== uid);
    },
    clear: () => void (held.value = []),
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
      hold(files);
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
      if (isTaken && event.type === 'drop') hold([...data.files]);
    },
  };
}
