import { expect, test } from 'vitest';
import type { Message } from '../../../shared/chat.ts';
import { WINDOW, dayLabel, initials, rowsOf, windowOf } from './rows.ts';
import { isPicture } from '../composer/uploads.ts';

const NOON = Date.UTC(2026, 4, 20, 12) / 1000;

function message(over: Partial<Message> = {}): Message {
  return {
    text: 'Hi',
    date: NOON,
    source: 'Visitor',
    from: 'Visitor',
    sender: 'visitor',
    chat_id: 'c',
    message_id: 'm',
    uid: 'u',
    ...over,
  };
}
const said = (from: string, date: number, id: string) =>
  message({ sender: 'operator', source: 'Operator', from, date, message_id: id, uid: id });

test('bubbles of one author close together are one group', () => {
  const rows = rowsOf(
    [said('Ann', NOON, '1'), said('Ann', NOON + 60, '2'), said('Bob', NOON + 70, '3'), said('Bob', NOON + 900, '4')],
    [],
    [],
  );
  const edges = rows.flatMap((row) => (row.kind === 'message' ? [`${row.isFirst}${row.isLast}`] : []));
  expect(edges).toEqual(['truefalse', 'falsetrue', 'truetrue', 'truetrue']);
});

test('a separator stands before the first message of each day', () => {
  const rows = rowsOf([said('Ann', NOON, '1'), said('Ann', NOON + 86_400, '2')], [], []);
  expect(rows.map((row) => row.kind)).toEqual(['day', 'message', 'day', 'message']);
});

test('an own message keeps its key when the server has stored it', () => {
  const sent = message({ uid: 'x', message_id: null });
  const before = rowsOf([], [{ message: sent, failed: null }], []).at(-1);
  const after = rowsOf([{ ...sent, message_id: 'm9' }], [], []).at(-1);
  expect(before).toMatchObject({ key: 'x', state: 'pending' });
  expect(after).toMatchObject({ key: 'x', state: 'stored' });
});

test('a refused message carries its reason, a file on its way is shown once', () => {
  const upload = { uid: 'f', name: 'a.png', size: 1, loaded: 0, failed: null };
  const rows = rowsOf(
    [],
    [
      { message: message({ uid: 'f' }), failed: null },
      { message: message({ uid: 'g' }), failed: 'too_long' },
    ],
    [upload],
  );
  expect(rows.map((row) => row.key)).toEqual(['day-m', 'g', 'f']);
  expect(rows[1]).toMatchObject({ state: 'failed', reason: 'too_long' });
});

test('never more rows than the window holds, and it follows the newest unless told otherwise', () => {
  expect(windowOf(10_000, null)).toEqual({ start: 10_000 - WINDOW, end: 10_000 });
  expect(windowOf(10_000, 500)).toEqual({ start: 500 - WINDOW, end: 500 });
  expect(windowOf(10_000, 5)).toEqual({ start: 0, end: WINDOW });
  expect(windowOf(12, 5)).toEqual({ start: 0, end: 12 });
});

test('days are named as people name them', () => {
  const names = { today: 'Today', yesterday: 'Yesterday' };
  expect(dayLabel(NOON, NOON + 60, names)).toBe('Today');
  expect(dayLabel(NOON - 86_400, NOON, names)).toBe('Yesterday');
  expect(dayLabel(NOON - 3 * 86_400, NOON, names, 'en-GB')).toMatch(/^Sunday,? 17 May$/);
  expect(dayLabel(NOON - 400 * 86_400, NOON, names, 'en-GB')).toContain('2025');
});

test('initials are the first letters of the first and the last word', () => {
  expect([initials('Anna van Dijk'), initials('bob'), initials('  '), initials('🦊 fox')]).toEqual(['AD', 'B', '', '🦊F']);
});

test('a picture is known by its name, and a drawing that could hold a script is none', () => {
  expect([isPicture('a.JPG'), isPicture('a.svg'), isPicture('png')]).toEqual([true, false, false]);
});
