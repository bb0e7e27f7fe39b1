import { afterEach, describe, expect, it } from 'vitest';
import type { LimitsInput } from './limits.ts';
import { createLedger, type Account } from './ledger.ts';
import { createWorld, type World } from '../testing/room-world.ts';

const HOUR_MS = 3600 * 1000;
const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function open(limits: LimitsInput) {
  const world = await createWorld({ limits });
  worlds.push(world);
  return world;
}

const ann: Account = { site: 'shop', visitor: 'ann', address: '192.0.2.1' };

/** `kept`, or the code of the refusal. */
async function put(ledger: World['ledger'], account: Account, bytes: number, name = String(Math.random())): Promise<string> {
  try {
    const entry = await ledger.begin('file', name, account);
    try {
      entry.take(bytes);
      entry.keep(bytes);
      return 'kept';
    } finally {
      entry.end();
    }
  } catch (error) {
    return String(Object(error).code);
  }
}

describe('a day', () => {
  it('[FF.A7] is one for all that begin at once, and for all visitors of an address and a site', async () => {
    const { ledger } = await open({ file: { bytesPerVisitorDay: 300, bytesPerAddressDay: 500, bytesPerSiteDay: 800 } });
    const all = (account: Account) => Promise.all(Array.from({ length: 10 }, () => put(ledger, account, 100)));
    const kept = (answers: string[]) => answers.filter((answer) => answer === 'kept').length;
    expect(kept(await all(ann))).toBe(3);
    expect(kept(await all({ ...ann, visitor: 'bob' }))).toBe(2);
    expect(kept(await all({ ...ann, visitor: 'cid' }))).toBe(0);
    expect(kept(await all({ ...ann, visitor: 'dan', address: '192.0.2.2' }))).toBe(3);
    expect(kept(await all({ ...ann, visitor: 'eve', address: '192.0.2.3' }))).toBe(0);
    expect(kept(await all({ site: 'other', visitor: 'eve', address: '192.0.2.3' }))).toBe(3);
    expect(await put(ledger, ann, 1)).toBe('rate_limited');
  });

  it('[FF.A7] counts a thing while it arrives, and nothing of one that never arrived', async () => {
    const { ledger } = await open({ file: { bytesPerVisitorDay: 100, perVisitorDay: 2 } });
    const first = await ledger.begin('file', 'first', ann);
    first.take(80);
    expect(ledger.arrivingBytes()).toBe(80);
    const second = await ledger.begin('file', 'second', ann);
    expect(() => second.take(21)).toThrow(/tomorrow/);
    await expect(ledger.begin('file', 'third', ann)).rejects.toMatchObject({ code: 'rate_limited' });
    second.end();
    // The same again takes the place of the one before.
    const again = await ledger.begin('file', 'first', ann);
    expect(() => first.take(1)).toThrow(/begun anew/);
    again.take(100);
    again.end();
    first.end();
    expect([ledger.arrivingBytes(), await put(ledger, ann, 100)]).toEqual([0, 'kept']);
  });

  it('[FF.A7] keeps equal names of strangers apart, and counts a thing that comes twice once', async () => {
    const { ledger } = await open({ text: { bytesPerVisitorDay: 1_000, bytesPerAddressDay: 1_900 } });
    const bob: Account = { ...ann, visitor: 'bob' };
    const page: Account = { ...ann, visitor: null };
    const begin = (account: Account, bytes = 500) => ledger.begin('text', 'the same', account, bytes);
    const [first, again, other, anonymous] = await Promise.all([begin(ann), begin(ann), begin(bob), begin(page)]);
    for (const entry of [again, other, anonymous]) expect(() => entry.take(0)).not.toThrow();
    // Three things of 500: the address has room for 400 more.
    await expect(ledger.begin('text', 'more', bob, 401)).rejects.toMatchObject({ code: 'rate_limited' });
    const rest = await ledger.begin('text', 'more', bob, 400);
    for (const entry of [rest, again, other, anonymous]) entry.keep(500);
    first.end();
    await expect(begin(ann, 1_000)).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it('[FF.A7] goes on over a restart, ends after a day, and ignores hours of the future', async () => {
    const world = await open({ file: { perVisitorDay: 2 } });
    const { store, clock, limits, log } = world;
    const restart = () => createLedger({ store, clock, limits, log });
    expect([await put(world.ledger, ann, 1), await put(world.ledger, ann, 1)]).toEqual(['kept', 'kept']);
    await world.ledger.save();
    expect(await put(restart(), ann, 1)).toBe('rate_limited');
    clock.advance(23 * HOUR_MS);
    expect(await put(restart(), ann, 1)).toBe('rate_limited');
    clock.advance(HOUR_MS);
    const next = restart();
    expect([await put(next, ann, 1), await put(next, ann, 1), await put(next, ann, 1)]).toEqual(['kept', 'kept', 'rate_limited']);
    clock.advance(400 * 24 * HOUR_MS);
    const wrong = restart();
    expect([await put(wrong, ann, 1), await put(wrong, ann, 1)]).toEqual(['kept', 'kept']);
    await wrong.close();
    clock.advance(-300 * 24 * HOUR_MS);
    expect(await put(restart(), ann, 1)).toBe('kept');
  });

  it("writes itself down a moment later, without anybody's name", async () => {
    const { ledger, clock, store } = await open({});
    await put(ledger, ann, 7);
    clock.advance(1_000);
    await store.transact([], () => Promise.resolve());
    const rows = await store.spent('192.0.2.1', 0);
    expect(rows).toEqual([]);
    await ledger.save();
  });
});
