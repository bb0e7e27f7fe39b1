/**
 * The list of requests as a workplace gets it: page by page, each bounded in number and in bytes, because anybody may have left any
 * number of them. It knows no rights: the caller names the sites.
 */
import type { SiteKey } from '../../shared/chat.ts';
import type { RequestCounts, RequestCursor, RequestItem } from '../../shared/wire/workplace.ts';
import type { StoredRequest } from '../store/requests.ts';
import type { Reader } from '../store/store.ts';

export interface RequestPage {
  items: RequestItem[];
  /** Where the next page begins; `null`: that was all. */
  next: RequestCursor | null;
  counts: RequestCounts;
}

export const REQUESTS_PAGE = 50;
const PAGE_BYTES = 128 * 1024;

export async function requestPage(reader: Reader, sites: readonly SiteKey[], after: RequestCursor | null): Promise<RequestPage> {
  const [rows, counts] = await Promise.all([reader.requestsAfter(sites, after, REQUESTS_PAGE + 1), reader.countRequests(sites)]);
  const items: RequestItem[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, REQUESTS_PAGE)) {
    const item = toRequestItem(row);
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (items.length > 0 && bytes > PAGE_BYTES) break;
    items.push(item);
  }
  const last = items.at(-1);
  const isMore = last !== undefined && items.length < rows.length;
  return { items, next: isMore ? { isDone: last.isDone, date: last.date, id: last.id } : null, counts };
}

function toRequestItem({ visitor: _, ...item }: StoredRequest): RequestItem {
  return item;
}
