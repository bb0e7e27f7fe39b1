/** The lines between the messages: their places, their words, and keys that stay. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Author, Message, Moment } from '../../../shared/chat.ts';
import { speak } from '../../language/language.ts';
import { dayLabel } from './days.ts';
import { linesOf } from './lines.tsx';
import { fitted } from './fitted.ts';
import { rowsOf, type Row } from './rows.ts';

const NOON = new Date(2026, 4, 20, 12).getTime() / 1000;
const DAY = 86_400;
const card = (name: string) => ({ name, position: null, avatar: null });
const operator = (name: string): Author => ({ kind: 'operator', id: name, card: card(name) });

const at = (chat: string, seq: number, date = NOON) => ({ chat, seq, date, uid: null, message_id: `${chat}-${seq}` });
const joined = (name: string, place: ReturnType<typeof at>, via?: 'transfer' | 'takeover', from = ''): Moment => ({
  kind: 'operator.joined',
  operator: name,
  card: card(name),
  author: operator(name),
  ...place,
  ...(via && { via: { kind: via, from: { id: from, name: from } } }),
});
const left = (name: string, place: ReturnType<typeof at>, why?: 'transfer' | 'lost'): Moment => ({
  kind: 'operator.left',
  operator: name,
  author: why === 'lost' ? { kind: 'system' } : operator(name),
  ...place,
  ...(why && { why, name }),
});
const closed = (place: ReturnType<typeof at>, author: Author = { kind: 'visitor' }): Moment => ({
  kind: 'chat.closed',
  by: author.kind === 'operator' ? 'operator' : 'visitor',
  author,
  ...place,
});
const said = (text: string, { chat, seq, date, message_id }: ReturnType<typeof at>) => {
  const message: Message = {
    text,
    date,
    source: 'Visitor',
    from: 'Visitor',
    sender: 'visitor',
    chat_id: chat,
    message_id,
    uid: message_id,
  };
  return { chat, seq, message, file: null, isCounted: false };
};

/** All text within a node, without the hour at its end. */
function textOf(node: unknown): string {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return node.map(textOf).join('');
  if (typeof node !== 'object' || node === null) return '';
  const { type, props } = node as { type: unknown; props: { children?: unknown } };
  return type === 'time' ? '' : textOf(props.children);
}
const read = (rows: readonly Row[]) =>
  rows.map((row) => (row.kind === 'line' ? `(${textOf(row.node)})` : row.kind === 'message' ? row.message.text : ''));

beforeAll(() => speak('en'));
beforeEach(() => speak('en'));

test('[VI.conversation] each thing stands where it happened, and two that say the same are one', () => {
  const entries = [said('one', at('a', 2)), said('two', at('a', 7))];
  const moments = [
    joined('Eva', at('a', 3)),
    left('Eva', at('a', 4), 'transfer'),
    joined('Tom', at('a', 5), 'transfer', 'Eva'),
    joined('Mia', at('a', 6), 'takeover', 'Tom'),
    left('Mia', at('a', 8)),
    closed(at('a', 9), operator('Mia')),
  ];
  expect(read(rowsOf(entries, [], [], linesOf({ moments, unread: null, now: NOON })))).toEqual([
    '(Today)',
    'one',
    '(Eva joined the chat)',
    '(Eva handed the chat over to Tom)',
    '(Mia took the chat over from Tom)',
    'two',
    '(Mia ended the chat)',
  ]);
});

test('[VI.conversation] who leaves and who is lost have left; a request stands at its time', () => {
  const moments: Moment[] = [
    left('Eva', at('a', 3)),
    left('Tom', at('a', 4), 'lost'),
    { kind: 'request.left', way: 'sitephone', date: NOON + 1 },
    { kind: 'request.left', way: 'offline_message', date: NOON + 2 },
    closed(at('a', 5, NOON + 3)),
  ];
  expect(read(rowsOf([said('one', at('a', 2))], [], [], linesOf({ moments, unread: null, now: NOON }))).slice(2)).toEqual([
    '(Eva left the chat)',
    '(Tom left the chat)',
    '(You requested a call)',
    '(You left a message)',
    '(You ended the chat)',
  ]);
});

test('[VI.conversation] a day has one divider with one key, and a second chat of a day one with its hour', () => {
  const entries = [said('one', at('a', 2, NOON - DAY)), said('two', at('b', 2)), said('three', at('c', 2, NOON + 60))];
  const draw = () => rowsOf(entries, [], [], linesOf({ moments: [closed(at('b', 3))], unread: null, now: NOON }));
  expect(read(draw())).toEqual([
    '(Yesterday)',
    'one',
    '(Today)',
    'two',
    '(You ended the chat)',
    expect.stringMatching(/^\(Today, 12:01.PM\)$/),
    'three',
  ]);
  expect(draw().map(({ key }) => key)).toEqual(draw().map(({ key }) => key));
  // A message that the server has numbered meanwhile leaves the day as it was.
  const key = `day-${new Date(NOON * 1000).toDateString()}`;
  const pending = { ...said('new', at('b', 9)).message, message_id: null, chat_id: null };
  expect(rowsOf([], [{ message: pending, failed: null }], [], linesOf({ moments: [], unread: null, now: NOON }))[0]?.key).toBe(key);
  expect(draw().map((row) => row.key)).toContain(key);
});

test('[VI.conversation] says once where the visitor stopped', () => {
  const entries = [said('one', at('a', 2)), said('two', at('a', 3)), said('three', at('a', 4))];
  expect(read(rowsOf(entries, [], [], linesOf({ moments: [], unread: 'a-3', now: NOON })))).toEqual([
    '(Today)',
    'one',
    '(New messages)',
    'two',
    'three',
  ]);
});

test('[VI.conversation] a clock that goes back and forth makes no key twice', () => {
  const entries = [0, 1, 0, 1].map((days, i) => said(`${i}`, at('a', i + 2, NOON - days * DAY)));
  const keys = rowsOf(entries, [], [], linesOf({ moments: [], unread: null, now: NOON })).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('[VI.conversation] days are named as people name them, in the language on show', async () => {
  expect(dayLabel(NOON, NOON + 60)).toBe('Today');
  expect(dayLabel(NOON - DAY, NOON)).toBe('Yesterday');
  expect(dayLabel(NOON - 3 * DAY, NOON)).toMatch(/^Sunday, May 17$/);
  expect(dayLabel(NOON - 400 * DAY, NOON)).toContain('2025');
  await speak('de');
  expect(dayLabel(NOON - 3 * DAY, NOON)).toBe('Sonntag, 17. Mai');
});

test('[VI.conversation] a picture keeps its ratio, and a strip stays wide enough to point at', () => {
  expect(fitted({ width: 480, height: 360 })).toEqual({ width: 240, height: 180 });
  expect(fitted({ width: 600, height: 2600 })).toEqual({ width: 96, height: 260 });
  expect(fitted({ width: 16, height: 16 })).toEqual({ width: 96, height: 96 });
  expect(fitted({ width: 200, height: 150 })).toEqual({ width: 200, height: 150 });
  expect(fitted({})).toBeUndefined();
});
