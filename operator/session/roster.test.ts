/** The list of visitors, and who in it needs an operator. */
import { expect, test } from 'vitest';
import { ANNA, item, opened, world } from '../testing/session-world.ts';

const MINE = { presence: 'in_chat', chat: 'chat1', operator: { id: 'anna', name: 'Anna' } } as const;

test('[OP.list] the longest wait comes first, then my chats, then invited, others and visitors', async () => {
  const w = world();
  await w.connect({
    visitors: [
      item('looks'),
      item('looks-newer', { since: 900_100 }),
      item('bens', { presence: 'in_chat', operator: { id: 'ben', name: 'Ben' } }),
      item('invited', { presence: 'invited' }),
      item('mine', { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' } }),
      item('waits', { presence: 'waiting', since: 900_050 }),
      item('waits-longer', { presence: 'waiting', since: 900_000 }),
    ],
  });
  expect(w.session.visitors.value.map(({ id }) => id)).toEqual([
    'waits-longer',
    'waits',
    'mine',
    'invited',
    'bens',
    'looks-newer',
    'looks',
  ]);
});

test('[OP.list] a line changes, goes, and goes on under another id with its conversation', async () => {
  const w = world();
  await w.connect({ visitors: [item('page1'), item('page2')] });
  w.session.open('page1');
  w.session.setReply('half a sentence');
  await w.tell(
    { t: 'gone', id: 'page2' },
    { t: 'renamed', from: 'page1', to: 'vera' },
    { t: 'visitor', item: item('vera', { presence: 'waiting' }) },
    { t: 'gone', id: 'page1' },
  );
  expect(w.session.visitors.value.map(({ id, presence }) => [id, presence])).toEqual([['vera', 'waiting']]);
  expect(w.session.current.value).toMatchObject({ visitor: 'vera', isGone: false });
  expect(w.session.replies.value.get('vera')).toBe('half a sentence');
});

test('[OP.alert] visitors who wait or wrote to me need me; those of colleagues do not', async () => {
  const w = world();
  await w.connect({
    visitors: [
      item('waits', { presence: 'waiting' }),
      item('mine', { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' }, unread: 2 }),
      item('read', { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' } }),
      item('bens', { presence: 'in_chat', operator: { id: 'ben', name: 'Ben' }, unread: 1 }),
    ],
  });
  expect(w.session.needs.value.size).toBe(2);
  await w.tell({ t: 'gone', id: 'waits' });
  expect(w.session.needs.value.size).toBe(1);
});

test('[OP.list] a visitor who leaves stays while open on screen, and is dropped otherwise', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera'), item('olaf')] });
  w.session.open('olaf');
  w.session.open('vera');
  await w.tell(opened('vera', null), opened('olaf', null), { t: 'gone', id: 'olaf' }, { t: 'gone', id: 'vera' });
  expect(w.session.current.value).toMatchObject({ visitor: 'vera', isGone: true });
  expect(w.frames('unwatch')).toEqual([{ t: 'unwatch', visitor: 'olaf' }]);
});

test('[FF.C2] a visitor who left sinks below all others, is not counted, and calls again on return', async () => {
  const w = world();
  const waiting = { presence: 'waiting', chat: 'chat1' } as const;
  await w.connect({
    operator: { id: 'anna', card: ANNA, isOnline: true },
    visitors: [
      item('gone', { ...waiting, leftAt: 950_000 }),
      item('mine', { ...MINE, chat: 'chat2', unread: 2, leftAt: 950_000 }),
      item('there', { ...waiting, since: 950_000 }),
      item('looks'),
    ],
  });
  expect(w.session.visitors.value.map(({ id }) => id)).toEqual(['there', 'looks', 'gone', 'mine']);
  expect(w.session.needs.value.size).toBe(1);
  await w.tell({ t: 'visitor', item: item('there', { ...waiting, leftAt: 960_000 }) });
  expect([w.alerts, w.session.needs.value.size]).toEqual([['waiting'], 0]);
  await w.tell({ t: 'visitor', item: item('there', waiting) });
  expect([w.alerts, w.session.needs.value.size]).toEqual([['waiting', 'waiting'], 1]);
});
