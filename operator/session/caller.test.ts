/** Which alerts call an operator who looks elsewhere, and how often. */
import { describe, expect, test } from 'vitest';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import { ANNA, item, left, rated, world } from '../testing/session-world.ts';

test('[OP.alert] a new wait calls once, on duty only; a message to me calls unless I look at it', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera')] });
  await w.tell({ t: 'visitor', item: item('vera', { presence: 'waiting' }) });
  expect(w.alerts).toEqual([]);
  await w.tell({ t: 'visitor', item: item('vera') }, { t: 'self', isOnline: true });
  await w.tell(
    { t: 'visitor', item: item('vera', { presence: 'waiting' }) },
    { t: 'visitor', item: item('vera', { presence: 'waiting', lastText: 'still here' }) },
  );
  expect(w.alerts).toEqual(['waiting']);
  const mine = { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' } } as const;
  await w.tell({ t: 'visitor', item: item('vera', { ...mine, unread: 1 }) });
  expect(w.alerts).toEqual(['waiting', 'message']);
  w.session.open('vera');
  w.session.setAttentive(true);
  await w.tell({ t: 'visitor', item: item('vera', { ...mine, unread: 2 }) });
  expect(w.alerts).toEqual(['waiting', 'message']);
});

test('[OP.alert] a wait that began while we were offline calls after the reconnect', async () => {
  const w = world();
  await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true }, visitors: [item('vera')] });
  await w.cut();
  await w.wait();
  await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true }, visitors: [item('vera', { presence: 'waiting' })] });
  expect(w.alerts).toEqual(['waiting']);
});

describe('[FF.C5] while a visitor waits', () => {
  const waits = (id: string, part: Partial<VisitorItem> = {}) =>
    ({ t: 'visitor', item: item(id, { presence: 'waiting', ...part }) }) as const;
  const onDuty = async (repeatSeconds?: number) => {
    const w = world();
    const site = { key: 'shop', name: 'Shop', isTypingPreview: true, isRating: true };
    await w.connect({
      operator: { id: 'anna', card: ANNA, isOnline: true },
      sites: [{ ...site, ...(repeatSeconds !== undefined && { repeatSeconds }) }],
      visitors: [item('vera'), item('bea')],
    });
    return w;
  };

  test('the call is repeated, as often as the site says, until an operator comes', async () => {
    const w = await onDuty(20);
    await w.tell(waits('vera', { card: { name: 'Vera' } }));
    const counts = [19_999, 1, 20_000].map((ms) => {
      w.clock.advance(ms);
      return w.alerts.length;
    });
    expect(counts).toEqual([1, 2, 3]);
    expect(w.calls.at(-1)).toEqual({ kind: 'waiting', about: [{ id: 'vera', visitor: 'vera', name: 'Vera' }], event: null });
    await w.tell({ t: 'visitor', item: item('vera', { presence: 'in_chat', operator: { id: 'ben', name: 'Ben' } }) });
    w.clock.advance(100_000);
    expect(w.alerts.length).toBe(3);
  });

  test('ten who wait call no more often than one; a new one begins the pause anew', async () => {
    const w = await onDuty(20);
    await w.tell(waits('vera', { since: 900_010 }));
    w.clock.advance(15_000);
    await w.tell(waits('bea', { since: 900_000 }));
    w.clock.advance(19_999);
    expect(w.alerts).toEqual(['waiting', 'waiting']);
    w.clock.advance(1);
    expect(w.calls[2]?.about.map(({ id }) => id)).toEqual(['bea', 'vera']);
  });

  test('the workplace calls once where the site says so, and where an old server says nothing', async () => {
    for (const pause of [0, undefined]) {
      const w = await onDuty(pause);
      await w.tell(waits('vera'));
      w.clock.advance(1_000_000);
      expect(w.alerts).toEqual(['waiting']);
    }
  });

  test('no call comes about a chat in sight, off duty, or about visitors who left; later it does', async () => {
    const w = await onDuty(5);
    w.session.open('vera');
    w.session.setAttentive(true);
    await w.tell(waits('vera'));
    w.clock.advance(10_000);
    expect([w.alerts, w.session.shown.value]).toEqual([[], 'vera']);
    w.session.setAttentive(false);
    w.clock.advance(5_000);
    expect([w.alerts, w.session.shown.value]).toEqual([['waiting'], null]);
    await w.tell({ t: 'self', isOnline: false });
    w.clock.advance(10_000);
    await w.tell({ t: 'self', isOnline: true }, waits('vera', { leftAt: 900_100 }));
    w.clock.advance(10_000);
    expect(w.alerts).toEqual(['waiting']);
  });

  test('a visitor who came to me calls until I have opened the chat', async () => {
    const w = await onDuty(20);
    const mine = { presence: 'in_chat', chat: 'chat1', operator: { id: 'anna', name: 'Anna' } } as const;
    await w.tell({ t: 'visitor', item: item('vera', { ...mine, arrival: { via: { kind: 'invite' }, seq: 1, date: 1 } }) });
    w.clock.advance(20_000);
    await w.tell({ t: 'visitor', item: item('vera', mine) });
    w.clock.advance(60_000);
    expect(w.alerts).toEqual(['arrival', 'arrival']);
  });

  test('nothing calls while the line is cut; when it is back, the waiting call again', async () => {
    const w = await onDuty(5);
    await w.tell(waits('vera'));
    await w.cut();
    w.clock.advance(5_000);
    expect(w.alerts).toEqual(['waiting']);
    await w.flush();
    await w.connect({
      operator: { id: 'anna', card: ANNA, isOnline: true },
      sites: w.session.sites.value.map((site) => ({ ...site })),
      visitors: [waits('vera').item],
    });
    w.clock.advance(5_000);
    expect(w.alerts).toEqual(['waiting', 'waiting']);
  });

  test('a visitor who waited before the workplace opened calls after the pause, until it closes', async () => {
    const w = world();
    const sites = [{ key: 'shop', name: 'Shop', isTypingPreview: true, isRating: true, repeatSeconds: 20 }];
    await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true }, sites, visitors: [item('vera', { presence: 'waiting' })] });
    w.clock.advance(20_000);
    expect(w.alerts).toEqual(['waiting', 'waiting']);
    w.session.close();
    w.clock.advance(60_000);
    expect(w.alerts.length).toBe(2);
  });
});

test('[FF.C4] nothing calls about a visitor whom somebody looks at: no message, rating or loss', async () => {
  const w = world();
  await w.inChat();
  w.session.setAttentive(true);
  await w.evt(rated(3, 5));
  await w.evt(left(4, 'lost'));
  expect([w.alerts, w.session.notices.value.length]).toEqual([[], 2]);
});

test('[FF.C4] an alert that only some windows hear carries its event’s id; the others carry none', async () => {
  const w = world();
  await w.inChat();
  await w.tell({
    t: 'visitor',
    item: item('vera', { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' }, unread: 1, card: { name: 'Vera' } }),
  });
  await w.evt(rated(3, 4));
  await w.evt(left(4, 'lost'));
  expect(w.calls.map(({ kind, about, event }) => [kind, about[0]?.name, event])).toEqual([
    ['message', 'Vera', null],
    ['rating', 'Vera', 'chat1-3'],
    ['lost', 'Vera', 'chat1-4'],
  ]);
});

test('[OP.requests] a new request comes on top and calls; done is a command, and the list follows', async () => {
  const w = world();
  const request = { site: 'shop', date: 1, request: { message: 'Call me' }, way: 'sitephone' as const, isDone: false };
  await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true }, requests: [{ ...request, id: 'r1' }] });
  await w.tell({ t: 'request', item: { ...request, id: 'r2' } });
  expect(w.session.requests.value.map(({ id }) => id)).toEqual(['r2', 'r1']);
  expect(w.alerts).toEqual(['request']);
  w.session.finishRequest('r1');
  await w.flush();
  expect(w.commands()).toMatchObject([{ kind: 'request.done', request: 'r1' }]);
  await w.tell({ t: 'request', item: { ...request, id: 'r1', isDone: true } });
  expect(w.session.requests.value.map(({ isDone }) => isDone)).toEqual([false, true]);
});
