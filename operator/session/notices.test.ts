/** Notices on screen. */
import { expect, test } from 'vitest';
import { left, world } from '../testing/session-world.ts';

test('[OP.notices] [FF.C7] a notice ends after a time in sight, and not while it is pointed at', async () => {
  const w = world();
  await w.inChat();
  await w.evt(left(3, 'lost'));
  const tick = (seconds: number) => w.clock.advance(seconds * 1_000);
  tick(60);
  expect(w.session.notices.value).toHaveLength(1);
  w.session.setAttentive(true);
  w.session.leaveConversation();
  tick(60);
  expect(w.session.notices.value).toHaveLength(1);
  w.session.open('vera');
  tick(7);
  w.session.pauseNotices(true);
  tick(60);
  expect(w.session.notices.value).toHaveLength(1);
  w.session.pauseNotices(false);
  tick(1);
  expect(w.session.notices.value).toEqual([]);
});
