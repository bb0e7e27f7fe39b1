/**
 * The outbox: every command a client has accepted and the server has not yet answered, in the order they were given. The
 * only retry queue there is (the transport keeps none): one drain loop, head first, one batch in flight.
 *
 * 1. `add` puts the item into the store and waits for that, at most `saveMs`, before it may be sent.
 * 2. A batch goes out as soon as the line is open and the one before is answered to the last item.
 * 3. `ack`, or the client's own event coming back, ends an item. `nack` with `retry` keeps it and pauses the line. Without
 *    `retry` the item failed: it is kept for a person to decide if `keepsFailed` says so, else dropped. Either way the
 *    outbox reports it once.
 * 4. When the connection is lost nothing counts as sent; everything unanswered goes again, same uids, same order.
 */
import type { Uid } from '../chat.ts';
import type { ErrorCode } from '../errors.ts';
import { BATCH_BYTES, BATCH_ITEMS } from '../limits.ts';
import type { CommandResult } from '../wire/protocol.ts';
import type { Clock, OutboxItem, OutboxStore } from './platform.ts';

export interface Outbox<C extends { uid: Uid }> {
  /** All items in line, failed ones included. The same array until something changes. */
  readonly items: readonly OutboxItem<C>[];
  /** Whether something was sent and is still unanswered. */
  readonly isWaiting: boolean;
  /** `true` once an item that matters could not be stored: it lives and dies with the page. */
  readonly isForgetful: boolean;
  has(uid: Uid): boolean;
  add(command: C): void;
  /** Puts a failed item at the end of the line again, with its old uid. */
  resend(uid: Uid): void;
  /** Forgets an item. One that is on the wire may still be carried out. */
  discard(uid: Uid): void;
  /** Drops the items that `isObsolete` names and that have not been sent in this connection. */
  prune(isObsolete: (command: C) => boolean): void;
  /** Takes over what pages left behind that are gone now. Resolves with their commands, oldest first. */
  adopt(): Promise<C[]>;
  /** The line is open: signed in and welcome. Sends the items that wait. */
  open(): void;
  /** The line is broken or not yet ours: nothing more goes out, and unanswered items count as unsent. */
  shut(): void;
  ack(uid: Uid, result: CommandResult): void;
  nack(uid: Uid, nack: { code: ErrorCode; message: string; retry: boolean; afterMs?: number }): void;
  /** From now on items are kept in the store, those already here first; before, they live in memory only. */
  startStoring(): void;
  /** Forgets everything, here and in the store, and stores as at the beginning. */
  clear(): Promise<void>;
  close(): void;
}

export interface OutboxOptions<C extends { uid: Uid }> {
  clock: Clock;
  store: OutboxStore<C>;
  /** Hands one batch to the transport. `false` if it could not take it. */
  send(items: C[]): boolean;
  onAck(command: C, result: CommandResult): void;
  onFailed(command: C, code: ErrorCode, message: string): void;
  /** `items`, `isWaiting` or `isForgetful` changed. */
  onChange?(): void;
  /** Whether a person decides what becomes of it after a refusal (a message), or it is simply over (anything else). */
  keepsFailed(command: C): boolean;
  /** Whether nobody would miss it (a read marker): that it could not be stored is not worth a word. */
  isMinor?(command: C): boolean;
  /** `false` until `startStoring()`: for a visitor who has not acted. */
  isStoring?: boolean;
  saveMs?: number;
  /** The pause after a `nack` that names none. */
  retryMs?: number;
}

// closure: one queue and its drain loop, told in the file's first lines as four numbered steps
export function createOutbox<C extends { uid: Uid }>(options: OutboxOptions<C>): Outbox<C> {
  const { clock, store, saveMs = 1_000, retryMs = 1_000 } = options;
  let items: readonly OutboxItem<C>[] = [];
  let isStoring = options.isStoring ?? true;
  let isOpen = false;
  let isClosed = false;
  let isForgetful = false;
  let lastOrder = 0;
  /** Uids whose storing has not ended yet; the line stops in front of them. */
  const saving = new Set<Uid>();
  /** Uids of the batch on the wire that are still unanswered. */
  const flying = new Set<Uid>();
  /** Set while the server has asked for a pause; calling it ends the waiting without sending. */
  let endPause: (() => void) | undefined;

  const changed = (): void => options.onChange?.();
  const find = (uid: Uid): OutboxItem<C> | undefined => items.find((item) => item.uid === uid);
  const byOrder = (a: OutboxItem<C>, b: OutboxItem<C>): number => a.order - b.order;

  function nextOrder(): number {
    lastOrder = Math.max(lastOrder + 1, clock.now());
    return lastOrder;
  }

  /** Stores the item and lets it pass when that has ended, well or not. A store that is merely slow is not waited for. */
  function save(item: OutboxItem<C>): void {
    if (!isStoring) return;
    saving.add(item.uid);
    let isOver = false;
    const pass = (isStored: boolean): void => {
      if (isOver) return;
      isOver = true;
      stop();
      saving.delete(item.uid);
      if (isClosed) return;
      if (!isStored && !isForgetful && options.isMinor?.(item.command) !== true) {
        isForgetful = true;
        changed();
      }
      drain();
    };
    const stop = clock.after(saveMs, () => pass(false));
    store.put(item).then(
      () => {
        pass(true);
        // Answered while it was being stored: it must not come back on the next page.
        if (find(item.uid) === undefined) forget(item.uid);
      },
      () => pass(false),
    );
  }

  function forget(uid: Uid): void {
    // A store that can't remove leaves a repetition, which the server answers as one.
    if (isStoring) store.remove(uid).catch(() => undefined);
  }

  function remove(uid: Uid): void {
    items = items.filter((item) => item.uid !== uid);
    flying.delete(uid);
    forget(uid);
  }

  function replace(uid: Uid, item: OutboxItem<C>): void {
    items = items.map((old) => (old.uid === uid ? item : old)).sort(byOrder);
  }

  function fail(uid: Uid, code: ErrorCode, message: string): void {
    const item = find(uid);
    if (item === undefined) return;
    flying.delete(uid);
    if (options.keepsFailed(item.command)) {
      const failed = { ...item, failed: code };
      replace(uid, failed);
      if (isStoring) store.put(failed).catch(() => undefined);
    } else {
      remove(uid);
    }
    options.onFailed(item.command, code, message);
    changed();
    drain();
  }

  /** The longest run from the head that fits one batch and is stored. */
  function nextBatch(): { batch: C[]; tooLarge: Uid | undefined } {
    const batch: C[] = [];
    let bytes = 0;
    for (const item of items) {
      if (item.failed !== null) continue;
      if (saving.has(item.uid) || batch.length === BATCH_ITEMS) break;
      const size = utf8Length(JSON.stringify(item.command)) + 1;
      if (size > BATCH_BYTES) return batch.length > 0 ? { batch, tooLarge: undefined } : { batch, tooLarge: item.uid };
      if (bytes + size > BATCH_BYTES) break;
      bytes += size;
      batch.push(item.command);
    }
    return { batch, tooLarge: undefined };
  }

  function drain(): void {
    if (!isOpen || isClosed || endPause !== undefined || flying.size > 0) return;
    const { batch, tooLarge } = nextBatch();
    if (tooLarge !== undefined) {
      fail(tooLarge, 'too_long', 'The command is larger than the server accepts.');
      return;
    }
    if (batch.length === 0) return;
    for (const command of batch) flying.add(command.uid);
    if (!options.send(batch)) flying.clear();
    changed();
  }

  function pause(ms: number): void {
    endPause?.();
    const stop = clock.after(ms, () => {
      endPause = undefined;
      drain();
    });
    endPause = () => {
      stop();
      endPause = undefined;
    };
  }

  return {
    get items() {
      return items;
    },
    get isWaiting() {
      return flying.size > 0;
    },
    get isForgetful() {
      return isForgetful;
    },
    has: (uid) => find(uid) !== undefined,
    add(command) {
      if (isClosed || find(command.uid) !== undefined) return;
      const item = { uid: command.uid, order: nextOrder(), command, failed: null };
      items = [...items, item];
      save(item);
      changed();
      drain();
    },
    resend(uid) {
      const item = find(uid);
      if (item === undefined || item.failed === null) return;
      const again = { ...item, failed: null, order: nextOrder() };
      replace(uid, again);
      save(again);
      changed();
      drain();
    },
    discard(uid) {
      if (find(uid) === undefined) return;
      remove(uid);
      changed();
      drain();
    },
    prune(isObsolete) {
      const obsolete = items.filter((item) => !flying.has(item.uid) && isObsolete(item.command));
      for (const item of obsolete) remove(item.uid);
      if (obsolete.length > 0) changed();
    },
    async adopt() {
      const left = await store.adopt().catch(() => []);
      const fresh = left.filter((item) => find(item.uid) === undefined).sort(byOrder);
      if (isClosed || fresh.length === 0) return [];
      // Commands added from now on come after them, even if the clock was set back in between.
      for (const { order } of fresh) lastOrder = Math.max(lastOrder, order);
      // They go before our own, because they were given first. Items on the wire stay ahead: they are sent already.
      items = [...fresh, ...items].sort(byOrder);
      changed();
      drain();
      return fresh.map((item) => item.command);
    },
    open() {
      isOpen = true;
      drain();
    },
    shut() {
      isOpen = false;
      endPause?.();
      if (flying.size === 0) return;
      flying.clear();
      changed();
    },
    ack(uid, result) {
      const item = find(uid);
      flying.delete(uid);
      if (item !== undefined) {
        remove(uid);
        options.onAck(item.command, result);
      }
      changed();
      drain();
    },
    nack(uid, { code, message, retry, afterMs }) {
      if (!retry) {
        fail(uid, code, message);
        return;
      }
      flying.delete(uid);
      pause(afterMs ?? retryMs);
      changed();
    },
    startStoring() {
      if (isStoring) return;
      isStoring = true;
      for (const item of items) save(item);
    },
    async clear() {
      items = [];
      flying.clear();
      saving.clear();
      endPause?.();
      isStoring = options.isStoring ?? true;
      changed();
      await store.clear().catch(() => undefined);
    },
    close() {
      isClosed = true;
      isOpen = false;
      endPause?.();
    },
  };
}

/** Bytes of `text` in UTF-8, counted by hand: `TextEncoder` is not in every room. A lone surrogate counts as three. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
