/** Open conversations: the loaded events, the missing ones, and which conversations are kept. */
import { expect, test } from 'vitest';
import { VISITOR, item, opened, openChat, said, world } from '../testing/session-world.ts';

test('[OP.conversation] opening asks the server once, and events are folded in as they come', async () => {
  const w = world();
  await w.inChat();
  w.session.leaveConversation();
  w.session.open('vera');
  expect(w.frames('watch')).toEqual([{ t: 'watch', visitor: 'vera' }]);
  await w.tell({ t: 'draft', visitor: 'vera', text: 'How mu' });
  expect(w.session.current.value?.draft).toBe('How mu');
  await w.evt(said(3, 'How much is it?'));
  expect(w.texts()).toEqual(['Hi', 'How much is it?']);
  expect(w.session.current.value?.draft).toBe('');
});

test('[OP.conversation] repeated events are dropped; a gap is filled before newer ones are shown', async () => {
  const w = world();
  await w.inChat();
  await w.evt(said(2, 'known'));
  await w.evt(said(5, 'five'));
  await w.evt(said(4, 'four'));
  expect(w.texts()).toEqual(['Hi']);
  expect(w.frames('sync')).toEqual([{ t: 'sync', chat: 'chat1', after: 2 }]);
  await w.evt(said(3, 'three'));
  expect(w.texts()).toEqual(['Hi', 'three', 'four', 'five']);
});

test('[FF.A4] the session asks for events until it has all that one answer could not hold', async () => {
  const w = world();
  await w.inChat();
  await w.evt(said(3, 'one'));
  await w.tell({ t: 'more', chat: 'chat1', seq: 5 });
  await w.evt(said(4, 'two'));
  await w.tell({ t: 'more', chat: 'chat1', seq: 5 });
  await w.evt(said(5, 'three'));
  expect(w.frames('sync')).toEqual([
    { t: 'sync', chat: 'chat1', after: 3 },
    { t: 'sync', chat: 'chat1', after: 4 },
  ]);
  expect(w.texts()).toEqual(['Hi', 'one', 'two', 'three']);
  w.clock.advance(10_000);
  expect(w.frames('sync')).toHaveLength(2);
});

test('[OP.conversation] a second chat of a visitor replaces the first, whose messages stay', async () => {
  const w = world();
  await w.inChat();
  await w.evt({ chat: 'chat1', seq: 3, message_id: 'x', uid: null, author: VISITOR, date: 1, kind: 'chat.closed', by: 'visitor' });
  expect(w.session.current.value?.chat).toMatchObject({ id: 'chat1', isOpen: false });
  await w.evt(
    { chat: 'chat2', seq: 1, message_id: 'y', uid: null, author: VISITOR, date: 2, kind: 'chat.started', group: null, via: 'message' },
    2,
  );
  await w.evt(said(2, 'Me again', { chat: 'chat2' }), 2);
  await w.evt({ chat: 'chat1', seq: 4, message_id: 'z', uid: null, author: VISITOR, date: 3, kind: 'rating.set', mark: 5 });
  expect(w.session.current.value?.chat).toMatchObject({ id: 'chat2', isOpen: true, rating: null });
  expect(w.texts()).toEqual(['Hi', 'Me again']);
});

test('earlier messages come page by page, one question at a time, strictly before the oldest', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera')] });
  w.session.open('vera');
  await w.tell(opened('vera', openChat({ lastSeq: 9 }), [said(8, 'eight'), said(9, 'nine')], true));
  w.session.older();
  w.session.older();
  expect(w.frames('history')).toEqual([{ t: 'history', n: 1, visitor: 'vera', before: { chat: 'chat1', seq: 8 } }]);
  expect(w.session.current.value?.isLoadingOlder).toBe(true);
  await w.tell({ t: 'history', n: 1, page: { items: [said(7, 'seven'), said(8, 'eight')], hasOlder: false } });
  expect(w.texts()).toEqual(['seven', 'eight', 'nine']);
  w.session.older();
  expect(w.frames('history')).toHaveLength(1);
});

test('a question that a lost connection swallowed can be asked again', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera')] });
  w.session.open('vera');
  await w.tell(opened('vera', openChat({ lastSeq: 9 }), [said(9, 'nine')], true));
  w.session.older();
  await w.cut();
  w.session.older();
  await w.wait();
  await w.connect({ visitors: [item('vera')] });
  w.session.older();
  expect(w.frames('history')).toHaveLength(2);
  await w.tell({ t: 'history', n: w.frames('history')[1]?.n ?? 0, page: { items: [said(8, 'eight')], hasOlder: false } });
  expect(w.texts()).toEqual(['eight', 'nine']);
});

test('[OP.conversation] at most 30 visitors stay open; those with unsent text are never dropped', async () => {
  const w = world();
  const ids = Array.from({ length: 32 }, (_, index) => `v${index}`);
  await w.connect({ visitors: ids.map((id) => item(id)) });
  w.session.open('v0');
  w.session.setReply('unsent');
  for (const id of ids.slice(1)) w.session.open(id);
  expect(w.frames('unwatch').map(({ visitor }) => visitor)).toEqual(['v1', 'v2']);
});

test('a fresh opening after a long absence keeps the pages that still meet it', async () => {
  const w = world();
  await w.inChat();
  await w.tell(opened('vera', openChat({ lastSeq: 4 }), [said(1, 'Hi'), said(3, 'three'), said(4, 'four')], true));
  expect(w.texts()).toEqual(['Hi', 'three', 'four']);
  await w.tell(opened('vera', openChat({ lastSeq: 40 }), [said(39, 'far'), said(40, 'away')], true));
  expect(w.texts()).toEqual(['far', 'away']);
  expect(w.session.current.value?.hasOlder).toBe(true);
});
