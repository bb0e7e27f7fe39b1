/** The server’s time in the workplace. */
import { expect, test } from 'vitest';
import { world } from '../testing/session-world.ts';

test('[FF.E11] [UI.clock] dates are the server’s, however the operator’s clock is set', async () => {
  const w = world();
  const server = Math.floor(w.clock.now() / 1000);
  await w.inChat();
  w.clock.jump(86_400_000);
  w.session.setReply('Hello');
  w.session.sendReply();
  await w.flush();
  expect(w.session.pending.value.map(({ date }) => date)).toEqual([server]);
  w.clock.jump(-3 * 86_400_000);
  w.clock.advance(60_000);
  expect(w.session.now.value).toBe(server + 60);
});

test("[OP.list] the time of a wait runs by the server's clock", async () => {
  const w = world();
  await w.connect({ serverTime: w.clock.now() + 5_000_000 });
  expect(w.session.now.value).toBe(1_005_000);
  w.clock.advance(3_000);
  expect(w.session.now.value).toBe(1_005_003);
});
