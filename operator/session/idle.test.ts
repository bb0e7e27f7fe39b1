/** The end of a sign-in that nobody uses. */
import { expect, test } from 'vitest';
import { world } from '../testing/session-world.ts';

test('[D8] use is reported as often as the server asks, and at once when the sign-in is ending', async () => {
  const w = world();
  w.session.use();
  await w.connect({ usedEveryMs: 10_000 });
  const said = () => w.frames('used').length;
  expect(said()).toBe(0);
  for (const ms of [0, 9_999, 1]) {
    w.clock.advance(ms);
    w.session.use();
  }
  expect(said()).toBe(2);
  await w.tell({ t: 'self', isOnline: true }, { t: 'ending', inMs: 120_000 });
  expect([w.session.isEnding.value, w.alerts]).toEqual([true, ['ending']]);
  w.session.use();
  expect([said(), w.session.isEnding.value]).toEqual([3, false]);
  // Another window of the same person was used.
  await w.tell({ t: 'ending', inMs: 120_000 }, { t: 'ending', inMs: null });
  expect(w.session.isEnding.value).toBe(false);
});

test('[BR.versions] a server that does not ask about use hears nothing of it', async () => {
  const w = world();
  await w.connect();
  w.session.use();
  expect(w.frames('used')).toEqual([]);
});
