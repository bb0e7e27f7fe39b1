/**
 * Short notices to the operator: the server refused a command, a chat is no longer theirs, a visitor rated them. Each belongs
 * to the visitor it is about. It ends by itself after enough time in sight, but not while somebody points at it. The screen
 * chooses the words.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { LeftWhy, VisitorId } from '../../shared/chat.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { OperatorCommandKind } from '../../shared/wire/workplace.ts';

export type News =
  /** The server refused a command. */
  | { type: 'refused'; kind: OperatorCommandKind; code: ErrorCode }
  /** A chat is no longer this operator's. `by`: the colleague who took it over. */
  | { type: 'lost'; why: LeftWhy; by: string | null }
  | { type: 'rated'; mark: number };

export type Notice = News & {
  id: number;
  /** The visitor it is about; `null`: none on the screen, so it is shown beside any. */
  about: VisitorId | null;
};

export interface Notices {
  readonly list: ReadonlySignal<readonly Notice[]>;
  /** Adds a notice; the same notice once more begins its time anew. */
  add(about: VisitorId | null, news: News): void;
  dismiss(id: number): void;
  /** Somebody points at a notice or has the focus there: time stands still for all. */
  pause(isPaused: boolean): void;
  /** A second has passed for the notices in sight. */
  age(isInSight: (notice: Notice) => boolean): void;
  rename(from: VisitorId, to: VisitorId): void;
}

/** Long enough to read two sentences and to reach the button. */
const SECONDS = 8;
const MOST = 5;

export function createNotices(): Notices {
  const list = signal<readonly Notice[]>([]);
  const leftSeconds = new Map<number, number>();
  let lastId = 0;
  let isPaused = false;

  function keep(next: readonly Notice[]): void {
    if (next.length === list.peek().length) return;
    list.value = next;
    // The pointer may have been on the one that is gone, and no event would ever end the pause.
    isPaused = false;
    for (const id of leftSeconds.keys()) if (!next.some((notice) => notice.id === id)) leftSeconds.delete(id);
  }

  return {
    list,
    add(about, news) {
      const rest = list.peek().filter(({ id: _, ...known }) => JSON.stringify(known) !== JSON.stringify({ ...news, about }));
      lastId += 1;
      list.value = [...rest, { ...news, about, id: lastId }].slice(-MOST);
      leftSeconds.set(lastId, SECONDS);
    },
    dismiss: (id) => keep(list.peek().filter((notice) => notice.id !== id)),
    pause(paused) {
      isPaused = paused;
    },
    age(isInSight) {
      if (isPaused || list.peek().length === 0) return;
      for (const notice of list.peek()) if (isInSight(notice)) leftSeconds.set(notice.id, (leftSeconds.get(notice.id) ?? 0) - 1);
      keep(list.peek().filter(({ id }) => (leftSeconds.get(id) ?? 0) > 0));
    },
    rename(from, to) {
      if (list.peek().some(({ about }) => about === from))
        list.value = list.peek().map((notice) => (notice.about === from ? { ...notice, about: to } : notice));
    },
  };
}
