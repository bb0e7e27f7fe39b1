/** How far an operator has read, as the server hears of it. */
import { expect, test } from 'vitest';
import { BEN, said, joined, world } from '../testing/session-world.ts';

test('only what I look at is marked as read: once per message, never in a colleague’s chat', async () => {
  const w = world();
  await w.inChat();
  const reads = () => w.commands().filter(({ kind }) => kind === 'messages.read');
  expect(reads()).toEqual([]);
  w.session.setAttentive(true);
  await w.flush();
  expect(reads()).toMatchObject([{ chat: 'chat1', seq: 1 }]);
  w.session.setAttentive(true);
  await w.evt(said(3, 'more'));
  await w.ack(reads()[0]?.uid ?? '');
  expect(reads()).toMatchObject([{ seq: 1 }, { seq: 3 }]);
  await w.ack(reads()[1]?.uid ?? '');
  await w.evt(joined(4, 'ben', BEN));
  await w.evt(said(5, 'for Ben'));
  expect(reads()).toHaveLength(2);
});

test('read marks only grow', async () => {
  const w = world();
  await w.inChat();
  await w.tell({ t: 'read', chat: 'chat1', visitor: 2, operator: 1 }, { t: 'read', chat: 'chat1', visitor: 1, operator: 0 });
  expect(w.session.current.value?.chat).toMatchObject({ readByVisitor: 2, readByOperator: 1 });
});
