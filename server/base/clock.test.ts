/** Clocks that are set wrong: for a moment, for long, and before the server was started. */
import { afterEach, describe, expect, it } from 'vitest';
import { createSteadyTime } from './clock.ts';
import { createInbox } from '../presence/inbox.ts';
import { EVEN_FOR_MS } from '../jobs/clock-trust.ts';
import { createRetention } from '../jobs/retention.ts';
import { createLoginDelay } from '../auth/login.ts';
import { meaningOf, newLine, newRefresh } from '../auth/refresh.ts';
import { hashToken } from '../auth/tokens.ts';
import { createHandClock, createWorld, SITE, verdict, type HandClock, type World } from '../testing/room-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AHEAD_MS = 400 * DAY_MS;

/** A clock whose time of day can be set; what it waits for goes on evenly. */
function createSetClock(): HandClock & { set(aheadMs: number): void } {
  const hand = createHandClock();
  let aheadMs = 0;
  return {
    ...hand,
    nowMs: () => hand.nowMs() + aheadMs,
    nowSeconds: () => Math.floor((hand.nowMs() + aheadMs) / 1000),
    steadyMs: () => hand.nowMs(),
    set: (ms) => void (aheadMs = ms),
  };
}

let world: World | undefined;
afterEach(() => world?.close());

describe('the machine’s time', () => {
  const hands = () => {
    const at = { wall: 1_000_000, steady: 0 };
    const now = createSteadyTime(
      () => at.wall,
      () => at.steady,
    );
    const pass = (ms: number) => {
      at.wall += ms;
      at.steady += ms;
      return now();
    };
    return { at, now, pass };
  };

  it('[FF.B4] [SV.clock] ignores a jump of days that is taken back', () => {
    const { at, now, pass } = hands();
    for (const aheadMs of [AHEAD_MS, -AHEAD_MS]) {
      const before = pass(1_000);
      at.wall += aheadMs;
      expect(now()).toBe(before);
      expect(pass(3_000)).toBe(before + 3_000);
      at.wall -= aheadMs;
      expect(pass(1_000)).toBe(before + 4_000);
    }
  });

  it('[FF.B4] [SV.clock] follows a lasting jump after five minutes, and a small one at once', () => {
    const { at, now, pass } = hands();
    at.wall += AHEAD_MS;
    now();
    for (let minutes = 0; minutes < 4; minutes += 1) expect(pass(60_000)).toBe(at.wall - AHEAD_MS);
    pass(60_000);
    expect(now()).toBe(at.wall);
    at.wall -= HOUR_MS;
    expect(now()).toBe(at.wall);
  });
});

describe('a clock that is wrong for longer', () => {
  async function start(clock = createSetClock(), file?: string) {
    const made = await createWorld({ clock, ...(file !== undefined && { file }) });
    world = made;
    const inbox = await createInbox(made);
    const retention = createRetention({
      ...made,
      inbox,
      everyMs: HOUR_MS,
      files: { discard: () => Promise.resolve() },
      mailer: { tidy: () => Promise.resolve() },
    });
    await retention.idle();
    const run = async () => {
      clock.advance(HOUR_MS);
      await new Promise((resolve) => setImmediate(resolve));
      await retention.idle();
    };
    const stop = () => {
      retention.close();
      inbox.close();
    };
    return { ...made, clock, run, stop };
  }
  const say = (text: string) => ({ kind: 'message.send', text, group: null }) as const;

  it('[FF.B4] [SV.clock] purges nothing when it has jumped, nor when it has come back', async () => {
    const shop = await start();
    const ann = await shop.addVisitor();
    await shop.visitor(ann, say('kept'));
    shop.clock.set(AHEAD_MS);
    await shop.run();
    shop.clock.set(0);
    await shop.run();
    expect(await shop.story(ann)).toEqual(['chat.started', 'visitor: kept']);
    // After an hour of even running the server trusts the clock again and removes expired data.
    shop.clock.advance(366 * DAY_MS);
    await shop.run();
    await shop.run();
    expect(await shop.story(ann)).toEqual([]);
    shop.stop();
  });

  it('[FF.B4] [SV.clock] is doubted for an hour at a start far beyond the newest stored date', async () => {
    const before = await start();
    const ann = await before.addVisitor();
    await before.visitor(ann, say('old'));
    before.stop();
    await before.close('keep');
    before.clock.advance(AHEAD_MS);
    const after = await start(before.clock, before.file);
    expect(await after.story(ann)).toEqual(['chat.started', 'visitor: old']);
    expect(EVEN_FOR_MS).toBe(HOUR_MS);
    await after.run();
    expect(await after.story(ann)).toEqual([]);
    after.stop();
  });

  it('[FF.B4] [SV.clock] locks nobody out: no wait exceeds the longest, and failures count', async () => {
    const shop = await start();
    const { store, clock, limits } = shop;
    const delay = createLoginDelay({ store, clock, limits: limits.login });
    clock.set(AHEAD_MS);
    for (let tries = 0; tries < limits.login.tries + 1; tries += 1) await delay.take('ann@shop.example', '192.0.2.1');
    expect(await delay.take('ann@shop.example', '192.0.2.1')).toBeGreaterThan(0);
    clock.set(0);
    expect(await delay.take('ann@shop.example', '192.0.2.1')).toBeUndefined();
    const waitMs = await delay.take('ann@shop.example', '192.0.2.1');
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(limits.login.maxDelayMs);
    shop.stop();
  });

  it('[FF.B4] [SV.clock] leaves no cap, job, invitation or session far in the future', async () => {
    const shop = await start();
    const { store, clock, limits } = shop;
    const [ann, bob] = [await shop.addVisitor(), await shop.addVisitor()];
    const leave = () => shop.page('page', { kind: 'request.send', request: { message: 'Call me' } }).then(verdict);
    const olga = await shop.addOperator('Olga');
    clock.set(AHEAD_MS);
    for (let times = 0; times < limits.request.perIpHour; times += 1) await leave();
    expect(await leave()).toBe('rate_limited');
    await shop.visitor(ann, { kind: 'chat.start', group: null });
    await shop.operator(olga, { kind: 'visitor.invite', visitor: bob, text: 'Welcome' });
    const refresh = newLine(clock.nowSeconds());
    const token = newRefresh(refresh.family);
    clock.set(0);
    expect(await leave()).toBe('ack');
    // The waiting text is said now, and the next one after it.
    const due = (await store.dueJobs(clock.nowMs(), 10)).filter(({ kind }) => kind === 'waiting');
    expect(due).toHaveLength(1);
    for (const job of due) await shop.rooms.system({ kind: 'waiting.step', job });
    const next = await store.job(due[0]?.key ?? '');
    expect(next?.runAtMs).toBeGreaterThan(clock.nowMs());
    expect(next?.runAtMs).toBeLessThan(clock.nowMs() + HOUR_MS);
    expect((await shop.operator(olga, { kind: 'visitor.invite', visitor: bob, text: 'Welcome again' })).answer.t).toBe('ack');
    const session = { id: 's', tokenHash: hashToken(token), site: SITE, visitor: ann, operator: null, csrf: '', expiresAt: 4e9, refresh };
    expect(meaningOf(token, session, clock.nowSeconds())).toBe('turn');
    shop.stop();
  });
});
