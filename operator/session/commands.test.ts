/** What an operator can do to the visitor on screen. */
import { expect, test } from 'vitest';
import { ANNA, BEN, item, opened, openChat, joined, world } from '../testing/session-world.ts';

const OTTO = { id: 'otto', name: 'Otto' };
const MINE = { presence: 'in_chat', chat: 'chat1', operator: { id: 'anna', name: 'Anna' } } as const;

test('[OP.conversation] drafts belong to their visitor; empty and overlong ones are not sent', async () => {
  const w = world();
  await w.inChat();
  w.session.setReply('for Vera');
  w.session.open('olaf');
  w.session.setReply('for Olaf');
  expect([...w.session.replies.value]).toEqual([
    ['vera', 'for Vera'],
    ['olaf', 'for Olaf'],
  ]);
  w.session.open('vera');
  w.session.setReply('   ');
  w.session.sendReply();
  w.session.setReply('x'.repeat(4097));
  w.session.sendReply();
  await w.flush();
  expect(w.commands()).toEqual([]);
  w.session.setReply('😀'.repeat(4096));
  w.session.sendReply();
  await w.flush();
  expect(w.commands()).toHaveLength(1);
});

test('[OP.conversation] a reply to a waiting visitor joins first; in a colleague’s chat none goes', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera', { presence: 'waiting', chat: 'chat1' })] });
  w.session.open('vera');
  await w.tell(opened('vera', openChat({ lastSeq: 1 })));
  w.session.setReply('Hello');
  w.session.sendReply();
  w.session.setReply('again');
  w.session.sendReply();
  await w.flush();
  w.clock.advance(1000);
  expect(w.commands().map(({ kind }) => kind)).toEqual(['chat.join']);
  await w.ack(w.commands()[0]?.uid ?? '');
  expect(w.commands().map(({ kind }) => kind)).toEqual(['chat.join', 'message.send', 'message.send']);
  await w.evt(joined(2, 'ben', BEN));
  w.session.setReply('me too');
  w.session.sendReply();
  await w.flush();
  expect(w.commands()).toHaveLength(3);
});

test('leave, transfer, close, invite and withdraw are commands about the visitor on screen', async () => {
  const w = world();
  await w.inChat();
  w.session.leave();
  w.session.transfer('ben');
  w.session.closeChat();
  w.session.invite('  Hello!  ');
  w.session.invite('   ');
  w.session.withdrawInvite();
  for (let turn = 0; turn < 5; turn += 1) {
    await w.flush();
    const last = w.commands().at(-1);
    if (last !== undefined) await w.ack(last.uid);
  }
  expect(w.commands().map(({ uid: _, ...command }) => command)).toEqual([
    { kind: 'chat.leave', chat: 'chat1' },
    { kind: 'chat.transfer', chat: 'chat1', operator: 'ben' },
    { kind: 'chat.close', chat: 'chat1' },
    { kind: 'visitor.invite', visitor: 'vera', text: 'Hello!' },
    { kind: 'invite.withdraw', visitor: 'vera' },
  ]);
});

test('[OP.conversation] the session reports typing in my own chat every 3 s at most, and anew after a message', async () => {
  const w = world();
  await w.inChat();
  for (const text of ['H', 'He', 'Hel']) w.session.setReply(text);
  expect(w.frames('typing')).toEqual([{ t: 'typing', chat: 'chat1' }]);
  w.clock.advance(3_000);
  w.session.setReply('');
  expect(w.frames('typing')).toHaveLength(1);
  w.session.setReply('Hell');
  expect(w.frames('typing')).toHaveLength(2);
  w.session.sendReply();
  w.session.setReply('N');
  expect(w.frames('typing')).toHaveLength(3);
  await w.evt(joined(3, 'ben', BEN));
  w.clock.advance(3_000);
  w.session.setReply('No');
  expect(w.frames('typing')).toHaveLength(3);
});

test('[FF.C1] taking over is a command that names the colleague who has the chat', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera', { ...MINE, operator: OTTO })] });
  w.session.open('vera');
  await w.tell(opened('vera', openChat({ lastSeq: 2, operator: { id: 'otto', card: { ...ANNA, name: 'Otto' } } })));
  w.session.takeOver();
  w.session.takeOver();
  await w.flush();
  expect(w.commands()).toMatchObject([{ kind: 'chat.take', chat: 'chat1', from: 'otto' }]);
});
