/** What happened between the messages: as history brings it, as it happens, and how far an operator has read. */
import { expect, test } from 'vitest';
import { chatOf, world } from '../testing/session-world.ts';
import type { Moment } from '../../shared/chat.ts';

const kinds = (moments: readonly Moment[]) => moments.map(({ kind }) => kind);

test('[VI.conversation] what history brings stands before what happens, and older pages before both', async () => {
  const w = world({ isKnown: true });
  const chat = chatOf('c1');
  chat.started();
  const joined = chat.joined() as Moment;
  chat.said('one');
  await w.begin(chat, { history: { items: chat.messages(), moments: [joined], hasOlder: true } });
  expect(kinds(w.session.moments.value)).toEqual(['operator.joined']);

  w.evt(chat, chat.closed());
  expect(kinds(w.session.moments.value)).toEqual(['operator.joined', 'chat.closed']);

  w.session.older();
  const left: Moment = { kind: 'request.left', way: 'sitephone', date: 1 };
  w.say({ t: 'history', n: 1, page: { items: [], moments: [left], hasOlder: false } });
  expect(kinds(w.session.moments.value)).toEqual(['request.left', 'operator.joined', 'chat.closed']);
});

test('[VI.conversation] an older server tells of no moments', async () => {
  const w = world({ isKnown: true });
  const chat = chatOf('c1');
  chat.started();
  chat.said('one');
  await w.begin(chat);
  expect(w.session.moments.value).toEqual([]);
  expect(w.session.entries.value).toMatchObject([{ chat: 'c1', seq: 2, file: null }]);
});

test('[VI.conversation] the page learns how far an operator has read', async () => {
  const w = world({ isKnown: true });
  const chat = chatOf('c1');
  chat.started();
  chat.said('one', { kind: 'visitor' });
  await w.begin(chat);
  w.say({ t: 'read', chat: 'c1', visitor: 0, operator: 2 });
  expect(w.session.chat.value).toMatchObject({ readByVisitor: 0, readByOperator: 2 });
  // Markers only go up, and never past what there is.
  w.say({ t: 'read', chat: 'c1', visitor: 99, operator: 1 });
  expect(w.session.chat.value).toMatchObject({ readByVisitor: 2, readByOperator: 2 });
});
