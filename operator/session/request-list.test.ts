/** The list of requests in the workplace: nothing of it ends silently, whatever is ticked off meanwhile. */
import { describe, expect, it } from 'vitest';
import type { RequestCursor, RequestItem } from '../../shared/wire/workplace.ts';
import { createRequestList } from './request-list.ts';

const request = (id: string, date: number, isDone = false): RequestItem => ({
  id,
  site: 'shop',
  date,
  request: { message: id },
  way: 'offline_message',
  isDone,
});
const at = ({ isDone, date, id }: RequestItem): RequestCursor => ({ isDone, date, id });

function world() {
  const asked: { n: number; after: RequestCursor }[] = [];
  let isOnline = true;
  const list = createRequestList((n, after) => {
    if (isOnline) asked.push({ n, after });
    return isOnline;
  });
  return { list, asked, ids: () => list.items.value.map(({ id }) => id), cut: () => (isOnline = false), mend: () => (isOnline = true) };
}

describe('the list of requests', () => {
  const first = [request('d', 40), request('c', 30)];
  const last = first[1] as RequestItem;

  it('[FF.A6] [OP.requests] asks once for the next page when it is wanted, and counts all requests', () => {
    const w = world();
    w.list.begin({ requests: first, requestsNext: at(last), requestCounts: { open: 4, done: 1 } });
    expect([w.list.counts.value, w.asked]).toEqual([{ open: 4, done: 1 }, []]);
    w.list.more();
    w.list.more();
    expect(w.asked).toEqual([{ n: 1, after: at(last) }]);
    expect(w.list.isLoading.value).toBe(true);
    w.list.add({
      t: 'requests',
      n: 1,
      items: [request('b', 20), request('a', 10), request('z', 50, true)],
      next: null,
      counts: { open: 4, done: 1 },
    });
    expect(w.ids()).toEqual(['d', 'c', 'b', 'a', 'z']);
    w.list.more();
    expect(w.asked).toHaveLength(1);
  });

  it('[FF.A6] counts requests that come and that are ticked off, loaded or not', () => {
    const w = world();
    w.list.begin({ requests: first, requestsNext: at(last), requestCounts: { open: 4, done: 1 } });
    expect(w.list.put(request('e', 50))).toBe(true);
    expect(w.list.put(request('d', 40, true))).toBe(false);
    // Not loaded here, ticked off by a colleague.
    expect(w.list.put(request('a', 10, true))).toBe(false);
    expect(w.list.put(request('a', 10, true))).toBe(false);
    expect([w.ids(), w.list.counts.value]).toEqual([['e', 'c', 'd', 'a'], { open: 3, done: 3 }]);
  });

  it('[FF.A6] drops a page that was asked for on an earlier connection', () => {
    const w = world();
    w.list.begin({ requests: first, requestsNext: at(last), requestCounts: { open: 3, done: 0 } });
    w.list.more();
    w.cut();
    w.list.begin({ requests: first, requestsNext: at(last), requestCounts: { open: 3, done: 0 } });
    w.list.more();
    expect(w.list.isLoading.value).toBe(false);
    w.mend();
    w.list.more();
    w.list.add({ t: 'requests', n: 1, items: [request('x', 1)], next: null, counts: { open: 1, done: 0 } });
    expect(w.ids()).toEqual(['d', 'c']);
    w.list.add({ t: 'requests', n: 2, items: [request('b', 20)], next: null, counts: { open: 3, done: 0 } });
    expect(w.ids()).toEqual(['d', 'c', 'b']);
  });
});
