/** Requests are left by anybody: how many is bounded, and every one that is stored can be reached from the workplace. */
import { afterEach, describe, expect, it } from 'vitest';
import type { RequestCursor, RequestItem } from '../../shared/wire/workplace.ts';
import { REQUESTS_PAGE, requestPage } from './request-list.ts';
import { createWorld, OTHER_SITE, SITE, verdict, type World } from '../testing/room-world.ts';

let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const leave = (address: string, site = SITE, visitor: string | null = null) =>
  world.rooms
    .visitor(
      { site, visitor, presence: 'page', tab: 'tab', session: null },
      { uid: crypto.randomUUID(), kind: 'request.send', request: { message: 'Call me' } },
      { address },
    )
    .then(verdict);
const times = async (count: number, once: () => Promise<string>) => {
  const verdicts: string[] = [];
  for (let at = 0; at < count; at += 1) verdicts.push(await once());
  return Object.fromEntries([...new Set(verdicts)].map((each) => [each, verdicts.filter((other) => other === each).length]));
};

describe('a request that anybody leaves', () => {
  it('[FF.A6] [RQ.caps] is capped by address, hour and day, also over a restart', async () => {
    world = await createWorld({ limits: { request: { perIpHour: 3, perIpDay: 5 } } });
    expect(await times(9, () => leave('192.0.2.1'))).toEqual({ ack: 3, rate_limited: 6 });
    expect(await leave('192.0.2.2')).toBe('ack');
    await world.close('keep');
    world = await createWorld({ limits: { request: { perIpHour: 3, perIpDay: 5 } }, file: world.file, clock: world.clock });
    expect(await leave('192.0.2.1')).toBe('rate_limited');
    world.clock.advance(HOUR_MS);
    expect(await times(9, () => leave('192.0.2.1'))).toEqual({ ack: 2, rate_limited: 7 });
    world.clock.advance(24 * HOUR_MS);
    expect(await leave('192.0.2.1')).toBe('ack');
    expect((await world.store.requests(SITE, 100)).length).toBe(7);
  });

  it('[FF.A6] [RQ.caps] is capped by site and day, whatever addresses it comes from', async () => {
    world = await createWorld({ limits: { request: { perSiteDay: 4 } } });
    let at = 0;
    expect(await times(9, () => leave(`192.0.2.${(at += 1)}`))).toEqual({ ack: 4, rate_limited: 5 });
    expect(await leave('192.0.2.1', OTHER_SITE)).toBe('ack');
  });
});

describe('the list of requests', () => {
  const put = (
    id: string,
    date: number,
    { site = SITE, isDone = false, message = id }: { site?: string; isDone?: boolean; message?: string } = {},
  ) =>
    world.store.transact([], (tx) =>
      tx.saveRequest({ id, site, visitor: null, date, way: 'offline_message', request: { message }, isDone }),
    );
  const all = async (sites: string[]) => {
    const pages: RequestItem[][] = [];
    let counts = { open: 0, done: 0 };
    for (let after: RequestCursor | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
      const page = await requestPage(world.store, sites, after);
      pages.push(page.items);
      ({ counts } = page);
      after = page.next;
    }
    return { pages, ids: pages.flat().map(({ id }) => id), counts };
  };

  it('[FF.A6] [OP.requests] has each request of all sites once, open ones first, newest on top', async () => {
    world = await createWorld();
    for (let at = 0; at < 130; at += 1)
      await put(`r${String(at).padStart(3, '0')}`, 1_000 - Math.floor(at / 3), {
        site: at % 2 === 0 ? SITE : OTHER_SITE,
        isDone: at % 5 === 0,
      });
    const { pages, ids, counts } = await all([SITE, OTHER_SITE]);
    const expected = Array.from({ length: 130 }, (_, at) => at)
      .sort((a, b) => Number(a % 5 === 0) - Number(b % 5 === 0) || a - b)
      .map((at) => `r${String(at).padStart(3, '0')}`);
    expect(ids).toEqual(expected);
    expect(pages.map(({ length }) => length)).toEqual([REQUESTS_PAGE, REQUESTS_PAGE, 30]);
    expect(counts).toEqual({ open: 104, done: 26 });
    expect((await all([SITE])).ids).toHaveLength(65);
    expect(await all([])).toMatchObject({ ids: [], counts: { open: 0, done: 0 } });
  });

  it('[FF.A6] limits a page in bytes, too', async () => {
    world = await createWorld();
    for (let at = 0; at < 40; at += 1) await put(`r${at}`, at, { message: 'x'.repeat(15_000) });
    const { pages, ids } = await all([SITE]);
    expect(ids).toHaveLength(40);
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(128 * 1024 + 15_200);
    expect(pages.length).toBeGreaterThan(4);
  });
});
