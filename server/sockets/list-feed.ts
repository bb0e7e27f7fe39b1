/**
 * Lines of the list *Visitors* on their way to one workplace. A line is a register: a workplace that reads slowly gets each line
 * only as it is when there is room again. Many changes of a thousand visitors are a thousand lines at most, and never end the
 * connection.
 */
import type { VisitorId } from '../../shared/chat.ts';
import type { OperatorServerFrame, VisitorItem } from '../../shared/wire/workplace.ts';

/** Sends lines to one workplace. */
export interface ListFeed {
  put(item: VisitorItem): void;
  gone(id: VisitorId): void;
}

export interface ListFeedOptions {
  /** The workplace is slow to read now. */
  isSlow: () => boolean;
  /** Resolves when it has caught up, or is gone. */
  flushed: () => Promise<void>;
  send: (frame: OperatorServerFrame) => void;
  /** The line as it is now; `undefined` if it is gone. */
  item: (id: VisitorId) => VisitorItem | undefined;
}

export function createListFeed({ isSlow, flushed, send, item }: ListFeedOptions): ListFeed {
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

  /** Whether the line goes out later: the workplace is slow, or the line waits already. */
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
