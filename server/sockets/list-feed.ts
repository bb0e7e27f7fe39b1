/**
 * Lines of the list *Visitors* on their way to one workplace. A line is a register, so who reads slowly is told of each line only
 * as it is when there is room again: many changes of a thousand visitors are a thousand lines at most, and never an end of the
 * connection.
 */
import type { VisitorId } from '../../shared/chat.ts';
import type { OperatorServerFrame, VisitorItem } from '../../shared/wire/workplace.ts';

export interface ItemsOut {
  put(item: VisitorItem): void;
  gone(id: VisitorId): void;
}

export interface ItemsOutOptions {
  /** The workplace is slow to read now. */
  isSlow: () => boolean;
  /** Resolves when it has caught up, or is gone. */
  flushed: () => Promise<void>;
  send: (frame: OperatorServerFrame) => void;
  /** The line as it is now; `undefined` if it is gone. */
  item: (id: VisitorId) => VisitorItem | undefined;
}

export function createItemsOut({ isSlow, flushed, send, item }: ItemsOutOptions): ItemsOut {
  const waiting = new Set<VisitorId>();

  const tell = (id: VisitorId) => {
    const now = item(id);
    send(now === undefined ? { t: 'gone', id } : { t: 'visitor', item: now });
  };

  async function tellAll(): Promise<void> {
    while (waiting.size > 0) {
      await flushed();
      for (const id of waiting) {
        if (isSlow()) break;
        waiting.delete(id);
        tell(id);
      }
    }
  }

  /** Whoever waits already is told in its turn. */
  const later = (id: VisitorId): boolean => {
    if (waiting.has(id)) return true;
    if (!isSlow()) return false;
    waiting.add(id);
    if (waiting.size === 1) void tellAll();
    return true;
  };

  return {
    put(changed) {
      if (!later(changed.id)) send({ t: 'visitor', item: changed });
    },
    gone(id) {
      if (!later(id)) send({ t: 'gone', id });
    },
  };
}
