import { expect, test } from 'vitest';
import type { Message } from '../../../shared/chat.ts';
import { chatLines } from './list.ts';

const said = (chat: string | null, text: string, date: number, name?: string): Message => ({
  text,
  date,
  source: name ? 'Operator' : 'Visitor',
  from: name ?? 'Visitor',
  sender: name ? 'operator' : 'visitor',
  chat_id: chat,
  message_id: text,
  uid: null,
  ...(name && { operator_info: { name, position: null, avatar: `https://files.example/${name}` } }),
});

test('[VI.chats] each chat is one line with its last words and who answered in it, the newest first', () => {
  const lines = chatLines([
    said('c1', 'Where is my order?', 1),
    said('c1', 'On its way.', 2, 'Eva'),
    said('c2', 'It came broken.', 10),
    said('c2', 'I am sorry.', 11, 'Eva'),
    said('c2', 'A new one is on its way.', 12, 'Tom'),
    said('c2', 'Thanks, Eva.', 13, 'Eva'),
    said(null, 'not stored yet', 14),
  ]);
  expect(lines.map(({ id, since, last, operators }) => [id, since, last.text, operators.map(({ name }) => name)])).toEqual([
    ['c2', 10, 'Thanks, Eva.', ['Eva', 'Tom']],
    ['c1', 1, 'On its way.', ['Eva']],
  ]);
  expect(chatLines([])).toEqual([]);
});
