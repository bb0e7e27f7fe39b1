/** The switch that puts an operator on duty. */
import { expect, test } from 'vitest';
import { ANNA, world } from '../testing/session-world.ts';

test('the switch moves at once, survives a cut, and follows another window of mine', async () => {
  const w = world();
  await w.connect();
  w.session.setOnline(true);
  expect(w.session.self.value.isOnline).toBe(true);
  expect(w.frames('online')).toEqual([{ t: 'online', value: true }]);
  await w.cut();
  await w.wait();
  await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: false } });
  expect(w.session.self.value.isOnline).toBe(true);
  expect(w.frames('online')).toHaveLength(2);
  await w.tell({ t: 'self', isOnline: false });
  await w.cut();
  await w.wait();
  await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: false } });
  expect(w.session.self.value.isOnline).toBe(false);
  expect(w.frames('online')).toHaveLength(2);
});
