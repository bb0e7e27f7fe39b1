/** Commands on their way: shown at once, sent again, refused, confirmed. */
import { expect, test } from 'vitest';
import { memoryStore, type OutboxItem } from '../../shared/client/platform.ts';
import type { OperatorCommand } from '../../shared/wire/workplace.ts';
import { BY_ANNA, item, opened, openChat, said, world } from '../testing/session-world.ts';
import { runningKey } from './outgoing.ts';

test('[OP.conversation] a reply shows at once and becomes the stored message without a gap', async () => {
  const w = world();
  await w.inChat();
  w.session.setReply('  Hello there\n');
  w.session.sendReply();
  await w.flush();
  expect(w.session.replies.value.has('vera')).toBe(false);
  expect(w.session.pending.value).toMatchObject([{ chat: 'chat1', text: 'Hello there', failed: null }]);
  const { uid = '' } = w.commands()[0] ?? {};
  await w.ack(uid);
  expect(w.session.pending.value).toHaveLength(1);
  await w.evt(said(3, 'Hello there', { author: BY_ANNA, uid }));
  expect(w.session.pending.value).toEqual([]);
  expect(w.texts()).toEqual(['Hi', 'Hello there']);
});

test('[OP.conversation] an event that comes before its ack ends the waiting too', async () => {
  const w = world();
  await w.inChat();
  w.session.setReply('Hello');
  w.session.sendReply();
  await w.flush();
  const { uid = '' } = w.commands()[0] ?? {};
  await w.evt(said(3, 'Hello', { author: BY_ANNA, uid }));
  expect(w.session.pending.value).toEqual([]);
  await w.ack(uid);
  expect(w.session.pending.value).toEqual([]);
});

test('[OP.conversation] a command that was unanswered when the line broke goes again, same uid', async () => {
  const w = world();
  await w.inChat();
  w.session.setReply('Hello');
  w.session.sendReply();
  await w.flush();
  await w.cut();
  expect(w.session.connection.value).toBe('offline');
  await w.wait();
  await w.connect();
  const uids = w.commands().map(({ uid }) => uid);
  expect(uids).toHaveLength(2);
  expect(new Set(uids).size).toBe(1);
});

test('[OP.conversation] a refused message stays with its reason until resent or discarded', async () => {
  const w = world();
  await w.inChat();
  w.session.setReply('Hello');
  w.session.sendReply();
  await w.flush();
  const { uid = '' } = w.commands()[0] ?? {};
  await w.tell({ t: 'nack', uid, code: 'chat_closed', message: '', retry: false });
  expect(w.session.pending.value).toMatchObject([{ uid, failed: 'chat_closed' }]);
  expect(w.session.notices.value).toEqual([]);
  w.session.resend(uid);
  await w.flush();
  expect(w.commands().map((command) => command.uid)).toEqual([uid, uid]);
  expect(w.session.pending.value).toMatchObject([{ uid, failed: null }]);
  w.session.discard(uid);
  expect(w.session.pending.value).toEqual([]);
});

test('[OP.conversation] the later of two operators gets a notice, and the command is over', async () => {
  const w = world();
  await w.connect({ visitors: [item('vera', { presence: 'waiting', chat: 'chat1' })] });
  w.session.open('vera');
  await w.tell(opened('vera', openChat({ lastSeq: 1 })));
  w.session.join();
  w.session.join();
  await w.flush();
  expect(w.commands()).toHaveLength(1);
  expect(w.session.running.value.has(runningKey('chat.join', 'chat1'))).toBe(true);
  await w.tell({ t: 'nack', uid: w.commands()[0]?.uid ?? '', code: 'already_taken', message: '', retry: false });
  expect(w.session.notices.value).toMatchObject([{ type: 'refused', kind: 'chat.join', code: 'already_taken', about: 'vera' }]);
  expect(w.session.running.value.size).toBe(0);
  w.session.dismissNotice(w.session.notices.value[0]?.id ?? 0);
  expect(w.session.notices.value).toEqual([]);
});

test('[OP.conversation] messages that an earlier page left behind are shown and sent', async () => {
  const left: OutboxItem<OperatorCommand> = {
    uid: 'old',
    order: 5_000,
    failed: null,
    command: { uid: 'old', kind: 'message.send', chat: 'chat1', text: 'from before' },
  };
  const w = world({ store: { ...memoryStore<OperatorCommand>(), adopt: () => Promise.resolve([left]) } });
  await w.flush();
  expect(w.session.pending.value).toMatchObject([{ uid: 'old', text: 'from before', date: 5 }]);
  await w.connect();
  expect(w.commands()).toEqual([left.command]);
});

test('[OP.conversation] a browser that stores nothing says so, and messages go all the same', async () => {
  const w = world({ store: { ...memoryStore<OperatorCommand>(), put: () => Promise.reject(new Error('blocked')) } });
  await w.inChat();
  w.session.setAttentive(true);
  await w.flush();
  // [FF.E15] Reading is no loss, though its marker could not be stored.
  expect(w.commands().some(({ kind }) => kind === 'messages.read')).toBe(true);
  expect(w.session.isForgetful.value).toBe(false);
  w.session.setReply('Hello');
  w.session.sendReply();
  await w.flush();
  expect(w.session.isForgetful.value).toBe(true);
  expect(w.commands()).toHaveLength(1);
});
