/** The last request of a page that ends: which commands go out, in what order, and how much of them. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { utf8Length } from '../../shared/client/outbox.ts';
import type { BeaconRequest, VisitorCommand } from '../../shared/wire/protocol.ts';
import { createBeacon } from './beacon.ts';

/** The browser: requests as it was given them, ended by the test. */
const requests: { init: RequestInit; handed: BeaconRequest; end(): Promise<void> }[] = [];

beforeEach(() => {
  requests.length = 0;
  vi.stubGlobal(
    'fetch',
    (_path: string, init: RequestInit) =>
      new Promise((resolve) => {
        requests.push({
          init,
          handed: JSON.parse(String(init.body)),
          end: async () => void (resolve(new Response()), await new Promise(setImmediate)),
        });
      }),
  );
});
afterEach(() => vi.unstubAllGlobals());

const message = (uid: string, text = uid): VisitorCommand => ({ uid, kind: 'message.send', text, group: null });
const uids = () => requests.map(({ handed }) => handed.items.map(({ uid }) => uid));

test('[SE.leave] the beacon is one request that outlives the page, as its visitor, with JSON alone', () => {
  createBeacon('tab')('token', [message('a'), message('b')]);
  expect(requests[0]?.init).toMatchObject({
    method: 'POST',
    keepalive: true,
    headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
  });
  expect(requests[0]?.handed).toEqual({ tab: 'tab', items: [message('a'), message('b')] });
});

test('[SE.leave] the beacon sends nothing without commands', () => {
  createBeacon('tab')('token', []);
  expect(requests).toEqual([]);
});

test('[SE.leave] [fault 17] the beacon takes the head of a long line, never more than browsers carry', () => {
  createBeacon('tab')(
    'token',
    Array.from({ length: 30 }, (_, at) => message(`m${at}`, 'ü'.repeat(2_000))),
  );
  expect(uids()[0]).toEqual(Array.from({ length: 14 }, (_, at) => `m${at}`));
  expect(utf8Length(String(requests[0]?.init.body))).toBeLessThanOrEqual(60_000);
});

test('[SE.leave] the beacon repeats nothing that is under way, unless more has come', async () => {
  const beacon = createBeacon('tab');
  beacon('token', [message('a')]);
  beacon('token', [message('a')]);
  beacon('token', [message('a'), message('b')]);
  expect(uids()).toEqual([['a'], ['a', 'b']]);
  for (const { end } of requests) await end();
  beacon('token', [message('b')]);
  expect(uids()[2]).toEqual(['b']);
});

test('[SE.leave] all requests under way share what browsers carry', async () => {
  const beacon = createBeacon('tab');
  const long = ['a', 'b', 'c'].map((uid) => message(uid, 'x'.repeat(25_000)));
  beacon('token', long.slice(0, 2));
  beacon('token', long);
  expect(uids()).toEqual([['a', 'b']]);
  await requests[0]?.end();
  beacon('token', long.slice(2));
  expect(uids()[1]).toEqual(['c']);
});
