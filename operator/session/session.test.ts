/** The session and its connection: hello, reconnects, restored databases, the end. */
import { expect, test } from 'vitest';
import { CLOSE } from '../../shared/wire/protocol.ts';
import { item, opened, openChat, said, world } from '../testing/session-world.ts';

test('hello names every open visitor and how far each is known; missed events are folded in', async () => {
  const w = world();
  await w.inChat();
  w.session.open('olaf');
  await w.cut();
  await w.wait();
  await w.connect({ visitors: [item('vera', { presence: 'in_chat', chat: 'chat1' })] });
  expect(w.frames('hello').at(-1)).toMatchObject({
    csrf: 'proof',
    epoch: 'e1',
    watching: [
      { visitor: 'vera', cursors: { chat1: 2 } },
      { visitor: 'olaf', cursors: {} },
    ],
  });
  expect(w.frames('hello')[0]?.tab).toBe(w.frames('hello')[1]?.tab);
  w.session.open('vera');
  await w.evt(said(3, 'missed'));
  expect(w.texts()).toEqual(['Hi', 'missed']);
});

test('after a restored database the session empties open conversations and loads them again', async () => {
  const w = world();
  await w.inChat();
  await w.tell({ t: 'reset', reason: 'epoch' });
  await w.flush();
  expect(w.session.current.value).toMatchObject({ visitor: 'vera', isLoaded: false, events: [] });
  await w.connect({ epoch: 'e2' });
  expect(w.frames('hello').at(-1)).toMatchObject({ watching: [{ visitor: 'vera', cursors: {} }] });
  expect(w.frames('hello').at(-1)?.epoch).toBeUndefined();
  await w.tell(opened('vera', openChat({ lastSeq: 1 }), [said(1, 'Restored')]));
  expect(w.texts()).toEqual(['Restored']);
});

test('[fault 39] the session tells of a restored database, also of one met by an earlier sign-in', async () => {
  const w = world();
  await w.connect({ epoch: 'e1' });
  expect(w.session.isRestored.value).toBe(false);
  await w.connect({ epoch: 'e2' });
  expect(w.session.isRestored.value).toBe(true);
  w.session.dismissRestored();
  expect(w.session.isRestored.value).toBe(false);
});

test('[OP.signIn] the session reports a socket refused for its sign-in, and no other end', async () => {
  const w = world();
  await w.connect();
  await w.cut();
  expect(w.refusals()).toBe(0);
  await w.wait();
  await w.cut(CLOSE.unauthorized);
  expect(w.refusals()).toBe(1);
});

test('[OP.conversation] nothing goes out, comes in or ticks after close', async () => {
  const w = world();
  await w.inChat();
  w.session.close();
  w.session.close();
  const count = w.sent.length;
  const now = w.session.now.value;
  w.session.setReply('Hello');
  w.session.sendReply();
  await w.evt(said(3, 'late'));
  w.clock.advance(120_000);
  expect(w.sent).toHaveLength(count);
  expect(w.texts()).toEqual(['Hi']);
  expect(w.session.now.value).toBe(now);
  expect(w.session.connection.value).toBe('closed');
});
