import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import { VISITOR, chatOf, world } from '../../testing/session-world.ts';
import { seenIn } from './seen.ts';

test('[VI.conversation] the last own message up to the operator’s marker was seen, and none of an earlier chat', async () => {
  const w = world({ isKnown: true });
  const chat = chatOf('c1');
  chat.started();
  chat.said('one', VISITOR, 'u1');
  chat.said('answer');
  chat.said('two', VISITOR, 'u2');
  await w.begin(chat);
  expect(seenIn(w.session)).toBeUndefined();
  w.say({ t: 'read', chat: 'c1', visitor: 0, operator: 3 });
  expect(seenIn(w.session)).toBe('u1');
  w.say({ t: 'read', chat: 'c1', visitor: 0, operator: 4 });
  expect(seenIn(w.session)).toBe('u2');
  const next = { ...chat.summary, id: 'c2', readByOperator: 9 };
  expect(seenIn({ entries: w.session.entries, chat: signal(next) })).toBeUndefined();
});
