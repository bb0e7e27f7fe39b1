/**
 * The list of requests: the part that is loaded, in the server's order, and the number of all. It asks for the next page only
 * when an operator wants it, and follows what colleagues tick off meanwhile.
 */
import { batch, signal, type ReadonlySignal } from '@preact/signals-core';
import type { OperatorServerFrame, RequestCounts, RequestCursor, RequestItem } from '../../shared/wire/workplace.ts';

export interface RequestList {
  readonly items: ReadonlySignal<readonly RequestItem[]>;
  readonly counts: ReadonlySignal<RequestCounts>;
  readonly isLoading: ReadonlySignal<boolean>;
  /** The first page: comes with every welcome. */
  begin(welcome: Pick<Extract<OperatorServerFrame, { t: 'welcome' }>, 'requests' | 'requestsNext' | 'requestCounts'>): void;
  /** The answer to `more`. */
  add(page: Extract<OperatorServerFrame, { t: 'requests' }>): void;
  /** A request is new or was ticked off. Returns whether the operator has to be called. */
  put(item: RequestItem): boolean;
  more(): void;
}

/** @param ask asks the server for the next page; returns whether it could */
export function createRequestList(ask: (n: number, after: RequestCursor) => boolean): RequestList {
  const items = signal<readonly RequestItem[]>([]);
  const counts = signal<RequestCounts>({ open: 0, done: 0 });
  const isLoading = signal(false);
  let next: RequestCursor | null = null;
  let asked = 0;

  /** Requests of the same second keep the order in which they come. */
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
      // The answer to a question of an earlier connection.
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
      // A request that is not loaded and is done now was open before: no request is born done.
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

/** The server's order: open requests first, then the newest. */
function inOrder(a: RequestItem, b: RequestItem): number {
  return Number(a.isDone) - Number(b.isDone) || b.date - a.date;
}
