/**
 * Own messages that the timeline does not show yet, and how each came to be here.
 */
import type { Uid } from '../../shared/chat.ts';
import type { OutboxItem } from '../../shared/client/platform.ts';
import { toErrorCode } from '../../shared/errors.ts';
import type { PendingMessage } from '../../shared/page/bridge.ts';
import type { VisitorCommand } from '../../shared/wire/protocol.ts';
import type { SessionContext } from './context.ts';

type Item = Pick<OutboxItem<VisitorCommand>, 'command' | 'failed' | 'order'>;

export interface Pending {
  /** Those of `items` that are messages without a place in the timeline. The same list until it changes. */
  list(items: readonly Item[]): readonly PendingMessage[];
  /** Shows this message until the timeline has it. */
  show(uid: Uid, shown: PendingMessage): void;
}

export function createPending({ history, serverTime, optimistic }: SessionContext): Pending {
  const shown = new Map<Uid, PendingMessage>();
  /** Those that the visitor's own clock has dated, because the server had not said what time it is. */
  const roughlyDated = new Set<Uid>();
  let latest: readonly PendingMessage[] = [];

  function show(uid: Uid, message: PendingMessage): void {
    shown.set(uid, message);
    if (serverTime.isKnown) roughlyDated.delete(uid);
    else roughlyDated.add(uid);
  }

  function toPending({ command, failed, order }: Item): PendingMessage | undefined {
    if (command.kind !== 'message.send' || history.has(command.uid)) return undefined;
    const { uid } = command;
    const old = shown.get(uid);
    const reason = failed === null ? null : toErrorCode(failed);
    const isRough = roughlyDated.has(uid) && serverTime.isKnown;
    if (old !== undefined && old.failed === reason && !isRough) return old;
    const next = { message: (!isRough && old?.message) || optimistic(uid, command.text, order), failed: reason };
    show(uid, next);
    return next;
  }

  return {
    show,
    list(items) {
      const list = items.flatMap((item) => toPending(item) ?? []);
      for (const uid of shown.keys()) if (!list.some(({ message }) => message.uid === uid)) shown.delete(uid);
      if (list.length !== latest.length || list.some((item, at) => item !== latest[at])) latest = list;
      return latest;
    },
  };
}
