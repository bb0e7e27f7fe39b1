/** What happens to an operator’s own chats without a command of theirs. */
import { expect, test } from 'vitest';
import { ANNA, BY_ANNA, item, opened, openChat, said, joined, left, rated, world } from '../testing/session-world.ts';

const OTTO = { id: 'otto', name: 'Otto' };
const MINE = { presence: 'in_chat', chat: 'chat1', operator: { id: 'anna', name: 'Anna' } } as const;
const HANDED = { via: { kind: 'transfer', from: OTTO }, seq: 4, date: 1_000_000 } as const;

test('[FF.C3] a chat handed to me has a call of its own and counts until I have opened it', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera', { ...MINE, operator: OTTO })] });
  expect(w.session.needs.value.size).toBe(0);
  await w.tell({ t: 'visitor', item: item('vera', { ...MINE, arrival: HANDED }) });
  await w.tell({ t: 'visitor', item: item('vera', { ...MINE, arrival: HANDED, lastText: 'Hm' }) });
  expect([w.alerts, w.session.needs.value.size]).toEqual([['arrival'], 1]);
  w.session.open('vera');
  w.session.setAttentive(true);
  await w.tell(opened('vera', openChat({ lastSeq: 5, operator: { id: 'anna', card: ANNA } }), [said(1, 'Hi')]));
  await w.flush();
  expect(w.commands()).toMatchObject([{ kind: 'messages.read', chat: 'chat1', seq: 5 }]);
  await w.tell({ t: 'visitor', item: item('vera', MINE) });
  expect(w.session.needs.value.size).toBe(0);
  // It stays written in the conversation.
  expect(w.session.current.value?.arrival).toEqual(HANDED);
});

test('[FF.C3] an accepted invitation of mine calls, also off duty; a chat I took over does not', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera', { presence: 'invited' }), item('bea', { ...MINE, operator: OTTO, chat: 'chat2' })] });
  await w.tell({ t: 'visitor', item: item('vera', { ...MINE, arrival: { ...HANDED, via: { kind: 'invite' } } }) });
  await w.tell({
    t: 'visitor',
    item: item('bea', { ...MINE, chat: 'chat2', arrival: { ...HANDED, via: { kind: 'takeover', from: OTTO } } }),
  });
  expect([w.alerts, w.session.needs.value.size]).toEqual([['arrival'], 1]);
});

test('[FF.C3] a chat or request that came while the line was cut calls when it is back', async () => {
  const w = world();
  const request = { id: 'r1', site: 'shop', date: 1, request: { message: 'Hi' }, way: 'offline_message' as const, isDone: false };
  await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true } });
  await w.cut();
  await w.wait();
  await w.connect({
    operator: { id: 'anna', card: ANNA, isOnline: true },
    requests: [request],
    visitors: [item('vera', { ...MINE, arrival: HANDED })],
  });
  expect([...w.alerts].sort()).toEqual(['arrival', 'request']);
});

test('[FF.C1] the operator learns that a chat was taken or given back, not that they gave it', async () => {
  const w = world();
  await w.inChat();
  await w.evt(left(3, 'takeover', { kind: 'operator', id: 'otto', card: { ...ANNA, name: 'Otto' } }));
  expect(w.session.notices.value).toMatchObject([{ type: 'lost', why: 'takeover', by: 'Otto', about: 'vera' }]);
  await w.evt(joined(4));
  await w.evt(left(5, 'lost'));
  await w.evt(joined(6));
  await w.evt(left(7, 'transfer', BY_ANNA));
  await w.evt(joined(8));
  await w.evt(left(9, undefined, BY_ANNA));
  expect(w.session.notices.value).toMatchObject([{ why: 'takeover' }, { why: 'lost', by: null }]);
  expect(w.alerts).toEqual(['lost', 'lost']);
});

test('[FF.C1] the operator learns it also of a chat that they had not opened', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera', { ...MINE, arrival: HANDED })] });
  await w.tell({
    t: 'visitor',
    item: item('vera', {
      ...MINE,
      operator: OTTO,
      arrival: { ...HANDED, seq: 6, via: { kind: 'takeover', from: { id: 'anna', name: 'Anna' } } },
    }),
  });
  expect(w.session.notices.value).toMatchObject([{ type: 'lost', why: 'takeover', by: 'Otto', about: null }]);
});

test('[FF.C3] a rating of mine calls and is shown, also after the chat; a colleague’s is not', async () => {
  const w = world();
  await w.inChat();
  await w.evt(rated(3, 4));
  await w.evt(joined(4, 'otto', { ...ANNA, name: 'Otto' }));
  await w.evt(rated(5, 1));
  expect(w.session.notices.value).toMatchObject([{ type: 'rated', mark: 4, about: 'vera' }]);
  expect(w.alerts).toEqual(['rating']);
});
