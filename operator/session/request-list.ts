/**
 * The list of requests in a workplace: what has been loaded of it, in the server's order, and how many there are in all. It asks for
 * the next page only when somebody wants it, and keeps up with what others tick off meanwhile.
 */
import { batch, signal, type ReadonlySignal } from '@preact/signals-core';
import type { OperatorServerFrame, RequestCounts, RequestCursor, RequestItem } from '../../shared/wire/workplace.ts';

export interface RequestList {
  readonly items: ReadonlySignal<readonly RequestItem[]>;
  readonly counts: ReadonlySignal<RequestCounts>;
  readonly isLoading: ReadonlySignal<boolean>;
  /** The first page, with every welcome. */
  begin(welcome: Pick<Extract<OperatorServerFrame, { t: 'welcome' }>, 'requests' | 'requestsNext' | 'requestCounts'>): void;
  /** The page that was asked for. */
  add(page: Extract<OperatorServerFrame, { t: 'requests' }>): void;
  /** One is new, or was ticked off. Whether somebody has to be called. */
  put(item: RequestItem): boolean;
  more(): void;
}

/** @param ask whether it could be asked now */
export function createRequestList(ask: (n: number, after: RequestCursor) => boolean): RequestList {
  const items = signal<readonly RequestItem[]>([]);
  const counts = signal<RequestCounts>({ open: 0, done: 0 });
  const isLoading = signal(false);
  let next: RequestCursor | null = null;
  let asked = 0;

  /** Of the same second, what comes first here is first. */
  const show = (all: readonly RequestItem[]) => {
    items.value = [...new Map(all.map((item) => [item.id, item])).values()].sort(inOrder);
  };

  return {
    items,
    counts,
    isLoading,
    begin({ requests, requestsNext = null, requestCounts }) {
      batch(() => {
        show(requests);
        const open = requests.filter((item) => !item.isDone).length;
        counts.value = requestCounts ?? { open, done: requests.length - open };
        isLoading.value = false;
      });
      next = requestsNext;
    },
    add(page) {
      // Asked on a connection that has ended since.
      if (page.n !== asked || !isLoading.peek()) return;
      next = page.next;
      batch(() => {
        show([...items.peek(), ...page.items]);
        counts.value = page.counts;
        isLoading.value = false;
      });
    },
    put(item) {
      const before = items.peek().find(({ id }) => id === item.id);
      const { open, done } = counts.peek();
      const isNew = before === undefined && !item.isDone;
      // One that is not loaded and done now was open a moment ago: nothing is born done.
      const isFinished = item.isDone && before?.isDone !== true;
      batch(() => {
        show(before === undefined ? [item, ...items.peek()] : items.peek().map((known) => (known.id === item.id ? item : known)));
        if (isNew) counts.value = { open: open + 1, done };
        if (isFinished) counts.value = { open: Math.max(0, open - 1), done: done + 1 };
      });
      return isNew;
    },
    more() {
      if (next === null || isLoading.peek()) return;
      if (ask(asked + 1, next)) {
        asked += 1;
        isLoading.value = true;
      }
    },
  };
}

/** The server's order: those still to be done, then the newest. */
function inOrder(a: RequestItem, b: RequestItem): number {
  return Number(a.isDone) - Number(b.isDone) || b.date - a.date;
}
