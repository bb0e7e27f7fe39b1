import { expect, test } from 'vitest';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import { createReminder, type Unanswered } from './reminder.ts';

const item = (id: string, site: string, since: number): VisitorItem => ({
  id,
  site,
  since,
  presence: 'waiting',
  page: { url: '', title: '' },
  pages: 1,
  isInvitable: true,
  card: {},
  chat: id,
  group: null,
  operator: null,
  lastText: '',
  unread: 0,
});

/** A clock that the test turns; timers run when it says so, as late as in a hidden page. */
function world(pauses: Record<string, number>) {
  let now = 0;
  let timer: (() => void) | undefined;
  let unanswered: Unanswered[] = [];
  const calls: string[] = [];
  const reminder = createReminder({
    clock: { now: () => now, elapsed: () => now, after: (_ms, run) => ((timer = run), () => (timer = undefined)) },
    unanswered: () => unanswered,
    pauseMs: (site) => pauses[site] ?? 0,
    call: (kind, items) => calls.push(`${kind}: ${items.map(({ id }) => id).join(' ')}`),
  });
  return {
    reminder,
    calls,
    stand: (...all: Unanswered[]) => void (unanswered = all),
    sleep: (ms: number) => void (now += ms),
    runTimers: () => timer?.(),
    hasTimer: () => timer !== undefined,
  };
}

test('[FF.C5] the next frame makes up for a timer that runs late, once', () => {
  const w = world({ shop: 100 });
  w.stand({ kind: 'waiting', item: item('vera', 'shop', 1) });
  w.reminder.called('waiting', 'shop');
  w.sleep(99);
  w.reminder.catchUp();
  expect(w.calls).toEqual([]);
  w.sleep(60_000);
  w.reminder.catchUp();
  w.reminder.catchUp();
  w.runTimers();
  expect(w.calls).toEqual(['waiting: vera']);
});

test('[FF.C5] each site has its own pause, and each kind its own line', () => {
  const w = world({ shop: 100, blog: 300, quiet: 0 });
  w.stand(
    { kind: 'waiting', item: item('vera', 'shop', 2) },
    { kind: 'waiting', item: item('bea', 'shop', 1) },
    { kind: 'arrival', item: item('cid', 'shop', 1) },
    { kind: 'waiting', item: item('dan', 'blog', 1) },
    { kind: 'waiting', item: item('eve', 'quiet', 1) },
  );
  w.reminder.look();
  for (let round = 0; round < 3; round += 1) {
    w.sleep(100);
    w.runTimers();
  }
  expect(w.calls).toEqual([...Array.from({ length: 3 }, () => ['waiting: bea vera', 'arrival: cid']).flat(), 'waiting: dan']);
});

test('[FF.C5] no timer runs while every visitor is answered, nor after the end', () => {
  const w = world({ shop: 100 });
  w.reminder.look();
  expect(w.hasTimer()).toBe(false);
  w.stand({ kind: 'waiting', item: item('vera', 'shop', 1) });
  w.reminder.look();
  expect(w.hasTimer()).toBe(true);
  w.reminder.close();
  expect(w.hasTimer()).toBe(false);
});
