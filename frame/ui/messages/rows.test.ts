import { expect, test } from 'vitest';
import type { Message } from '../../../shared/chat.ts';
import type { Entry } from '../../session/history.ts';
import { WINDOW, endAround, initials, rowsOf, windowOf } from './rows.ts';
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
const stored = (one: Message): Entry => ({ chat: one.chat_id ?? '', seq: 1, message: one, file: null, isCounted: false });
const said = (from: string, date: number, id: string) =>
  stored(message({ sender: 'operator', source: 'Operator', from, date, message_id: id, uid: id }));

test('bubbles of one author close together are one group', () => {
  const rows = rowsOf(
    [said('Ann', NOON, '1'), said('Ann', NOON + 60, '2'), said('Bob', NOON + 70, '3'), said('Bob', NOON + 900, '4')],
    [],
    [],
  );
  const edges = rows.flatMap((row) => (row.kind === 'message' ? [`${row.isFirst}${row.isLast}`] : []));
  expect(edges).toEqual(['truefalse', 'falsetrue', 'truetrue', 'truetrue']);
});

test('a line between two messages ends their group', () => {
  const lines = (one: Message | null) => (one?.uid === '2' ? [{ kind: 'line' as const, key: 'day', node: 'Today' }] : []);
  const rows = rowsOf([said('Ann', NOON, '1'), said('Ann', NOON + 1, '2')], [], [], lines);
  expect(rows.map((row) => row.kind)).toEqual(['message', 'line', 'message']);
  expect(rows[2]).toMatchObject({ isFirst: true });
});

test('an own message keeps its key when the server has stored it', () => {
  const sent = message({ uid: 'x', message_id: null });
  const before = rowsOf([], [{ message: sent, failed: null }], []).at(-1);
  const after = rowsOf([stored({ ...sent, message_id: 'm9' })], [], []).at(-1);
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
  expect(rows.map((row) => row.key)).toEqual(['g', 'f']);
  expect(rows[0]).toMatchObject({ state: 'failed', reason: 'too_long' });
});

test('never more rows than the window holds, and it follows the newest unless told otherwise', () => {
  expect(windowOf(10_000, null)).toEqual({ start: 10_000 - WINDOW, end: 10_000 });
  expect(windowOf(10_000, 500)).toEqual({ start: 500 - WINDOW, end: 500 });
  expect(windowOf(10_000, 5)).toEqual({ start: 0, end: WINDOW });
  expect(windowOf(12, 5)).toEqual({ start: 0, end: 12 });
});

test('initials are the first letters of the first and the last word', () => {
  expect([initials('Anna van Dijk'), initials('bob'), initials('  '), initials('🦊 fox')]).toEqual(['AD', 'B', '', '🦊F']);
});

test('a picture is known by its name, and a drawing that could hold a script is none', () => {
  expect([isPicture('a.JPG'), isPicture('a.svg'), isPicture('png')]).toEqual([true, false, false]);
});

test('[VI.chats] the stretch around a row holds it near its beginning, and the newest where they are close', () => {
  const rows = rowsOf(
    Array.from({ length: 400 }, (_, i) => stored(message({ message_id: `m${i}`, uid: `u${i}` }))),
    [],
    [],
  );
  const stretch = windowOf(rows.length, endAround(rows, 'u120'));
  const shown = rows.slice(stretch.start, stretch.end).map(({ key }) => key);
  expect(shown).toHaveLength(WINDOW);
  expect(shown.indexOf('u120')).toBeGreaterThan(0);
  expect(shown.indexOf('u120')).toBeLessThan(WINDOW / 2);
  expect(endAround(rows, 'u390')).toBeNull();
  expect(endAround(rows, 'no such row')).toBeNull();
});
