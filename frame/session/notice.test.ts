import { expect, test } from 'vitest';
import type { ChatEvent, OperatorCard } from '../../shared/chat.ts';
import { texts } from '../../shared/languages/en.ts';
import { noticeOf } from './notice.ts';

const card = (name: string): OperatorCard => ({ name, position: null, avatar: null });
const base = {
  chat: 'c1',
  seq: 3,
  message_id: 'm3',
  uid: 'u',
  date: 7,
  author: { kind: 'operator', id: 'o1', card: card('Olga') },
} as const;
const system = { ...base, author: { kind: 'system' } } as const;
const from = { id: 'o2', name: 'Ivan' };

test.each<[string | undefined, ChatEvent]>([
  ['Olga joined the chat', { ...base, kind: 'operator.joined', operator: 'o1', card: card('Olga') }],
  ['Olga joined the chat', { ...base, kind: 'operator.joined', operator: 'o1', card: card('Olga'), via: { kind: 'invite' } }],
  [
    'Ivan handed the chat over to Olga',
    { ...base, kind: 'operator.joined', operator: 'o1', card: card('Olga'), via: { kind: 'transfer', from } },
  ],
  [
    'Olga took the chat over from Ivan',
    { ...base, kind: 'operator.joined', operator: 'o1', card: card('Olga'), via: { kind: 'takeover', from } },
  ],
  ['Olga left the chat', { ...base, kind: 'operator.left', operator: 'o1' }],
  ['Ivan left the chat', { ...system, kind: 'operator.left', operator: 'o2', why: 'lost', name: 'Ivan' }],
  // Told by who joins next, and by the close.
  [undefined, { ...base, kind: 'operator.left', operator: 'o1', why: 'transfer', name: 'Olga' }],
  [undefined, { ...base, kind: 'operator.left', operator: 'o2', why: 'takeover', name: 'Ivan' }],
  [undefined, { ...base, author: { kind: 'visitor' }, kind: 'operator.left', operator: 'o1' }],
  [undefined, { ...system, kind: 'operator.left', operator: 'o2', why: 'lost', name: '' }],
  ['This chat has ended', { ...system, kind: 'chat.closed', by: 'system' }],
  ['You ended the chat', { ...base, author: { kind: 'visitor' }, kind: 'chat.closed', by: 'visitor' }],
  ['Olga ended the chat', { ...base, kind: 'chat.closed', by: 'operator' }],
  [undefined, { ...base, kind: 'message.added', text: 'Hello', file: null }],
  [undefined, { ...system, kind: 'chat.started', group: null, via: 'command' }],
  [undefined, { ...system, kind: 'retention.offered', way: 'chat' }],
])('[FF.D9] [EV.system] [VI.lang] %s', (text, event) => {
  const message = { date: 7, source: 'System', from: 'System', sender: 'system', chat_id: 'c1', message_id: 'm3', uid: null };
  expect(noticeOf(event, texts)).toEqual(text === undefined ? undefined : { ...message, text });
});
