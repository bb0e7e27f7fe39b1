/** How events become the lines of the log. */
import { expect, test } from 'vitest';
import type { ChatEvent } from '../../shared/chat.ts';
import { emptyChat } from '../../shared/timeline.ts';
import { newConversation } from '../session/conversation.ts';
import { WINDOW, linesOf, windowOf } from './lines.ts';

const NOON = Math.floor(new Date(2026, 5, 15, 12).getTime() / 1000);
const CARD = { name: 'Anna', position: null, avatar: null };
const SCREEN = { self: 'anna', now: NOON + 3600, pending: [], uploads: [] };

function said(seq: number, at: number, by: 'visitor' | 'anna' | 'ben', chat = 'chat1'): ChatEvent {
  const author = by === 'visitor' ? ({ kind: 'visitor' } as const) : ({ kind: 'operator', id: by, card: CARD } as const);
  return {
    chat,
    seq,
    message_id: `${chat}-${seq}`,
    uid: `uid${seq}`,
    author,
    date: at,
    kind: 'message.added',
    text: `text ${seq}`,
    file: null,
  };
}

function conversation(events: ChatEvent[], readByVisitor = 0) {
  return { ...newConversation('vera', null), events, chat: { ...emptyChat('chat1', 1), isOpen: true, readByVisitor } };
}

test('days are named, and neighbours of one author within five minutes stand together', () => {
  const events = [
    said(1, NOON - 86_400, 'visitor'),
    said(2, NOON, 'visitor'),
    said(3, NOON + 10, 'visitor'),
    said(4, NOON + 20, 'anna'),
    said(5, NOON + 400, 'anna'),
  ];
  const lines = linesOf(conversation(events), SCREEN);
  expect(
    lines.map((line) =>
      line.type === 'day' ? line.text : line.type === 'message' ? [line.event.seq, line.isOwn, line.isFirst, line.isLast] : line.type,
    ),
  ).toEqual([
    'Yesterday',
    [1, false, true, true],
    'Today',
    [2, false, true, false],
    [3, false, false, true],
    [4, true, true, true],
    [5, true, true, true],
  ]);
});

test('another chat of the same visitor is set apart, once', () => {
  const started: ChatEvent = {
    chat: 'chat3',
    seq: 1,
    message_id: 's',
    uid: null,
    author: { kind: 'visitor' },
    date: NOON + 30,
    kind: 'chat.started',
    group: null,
    via: 'invite',
  };
  const lines = linesOf(
    conversation([said(1, NOON, 'visitor', 'chat0'), said(1, NOON + 10, 'visitor'), started, said(2, NOON + 40, 'visitor', 'chat3')]),
    SCREEN,
  );
  expect(lines.flatMap((line) => (line.type === 'note' ? [line.text] : []))).toEqual(['Another chat', 'Chat started from an invitation']);
});

test("operators' messages of the present chat say whether the visitor has seen them", () => {
  const events = [said(9, NOON, 'ben', 'chat0'), said(1, NOON, 'visitor'), said(2, NOON, 'anna'), said(3, NOON, 'ben')];
  const lines = linesOf(conversation(events, 2), SCREEN);
  expect(lines.flatMap((line) => (line.type === 'message' ? [line.fate] : []))).toEqual([null, null, 'seen', 'sent']);
});

test('a message on its way comes last, in this chat only, and goes when the stored one is there', () => {
  const pending = [
    { uid: 'uid1', chat: 'chat1', text: 'stored', date: NOON, failed: null },
    { uid: 'uid7', chat: 'chat1', text: 'waiting', date: NOON, failed: null },
    { uid: 'uid8', chat: 'other', text: 'elsewhere', date: NOON, failed: null },
  ];
  const uploads = [{ uid: 'uid9', chat: 'chat1', name: 'a.pdf', size: 1, loaded: 0, failed: null }];
  const lines = linesOf(conversation([said(1, NOON, 'anna')]), { ...SCREEN, pending, uploads });
  expect(lines.map(({ type, key }) => [type, key])).toEqual([
    ['day', 'day chat1-1'],
    ['message', 'chat1-1'],
    ['upload', 'uid9'],
    ['pending', 'uid7'],
  ]);
});

test('never more lines than the window holds, and it follows the newest unless told otherwise', () => {
  expect(windowOf(10_000, null)).toEqual({ start: 10_000 - WINDOW, end: 10_000 });
  expect(windowOf(10_000, 500)).toEqual({ start: 500 - WINDOW, end: 500 });
  expect(windowOf(10_000, 5)).toEqual({ start: 0, end: WINDOW });
  expect(windowOf(12, 5)).toEqual({ start: 0, end: 12 });
});

test('[P7] a conversation that has lost its beginning says so where it begins, once all that is left is loaded', () => {
  const known = { ...conversation([said(5, NOON, 'visitor')]), isLoaded: true };
  const first = (firstSeq: number, hasOlder: boolean) =>
    linesOf({ ...known, hasOlder, chat: { ...known.chat, firstSeq } }, SCREEN)[0]?.type;
  expect([first(5, false), first(5, true), first(1, false)]).toEqual(['shortened', 'day', 'day']);
});

test('[FF.C1] [FF.C3] who came instead of whom, and why somebody is gone, stand in the conversation', () => {
  const base = { chat: 'chat1', uid: null, date: NOON };
  const system = { kind: 'system' } as const;
  const anna = { kind: 'operator', id: 'anna', card: CARD } as const;
  const left = (seq: number, why: 'transfer' | 'takeover' | 'lost' | 'signed_out' | 'removed'): ChatEvent => ({
    ...base,
    seq,
    message_id: `m${seq}`,
    author: system,
    kind: 'operator.left',
    operator: 'anna',
    name: 'Anna',
    why,
  });
  const came = (seq: number, kind: 'transfer' | 'takeover'): ChatEvent => ({
    ...base,
    seq,
    message_id: `m${seq}`,
    author: anna,
    kind: 'operator.joined',
    operator: 'ben',
    card: { ...CARD, name: 'Ben' },
    via: { kind, from: { id: 'anna', name: 'Anna' } },
  });
  const events = [
    left(1, 'transfer'),
    came(2, 'transfer'),
    left(3, 'takeover'),
    came(4, 'takeover'),
    left(5, 'lost'),
    left(6, 'signed_out'),
    left(7, 'removed'),
  ];
  expect(linesOf(conversation(events), SCREEN).flatMap((line) => (line.type === 'note' ? [line.text] : []))).toEqual([
    'Anna handed this over to Ben',
    'Ben took this over from Anna',
    'Anna had no connection: the visitor waits again',
    'Anna signed out: the visitor waits again',
    'Anna does not answer here any more: the visitor waits again',
  ]);
});

test('[FF.C3] a chat that is opened after it was handed over says so, where it happened', () => {
  const known = conversation([said(1, NOON, 'visitor'), said(5, NOON + 10, 'visitor')]);
  const item = { operator: { id: 'anna', name: 'Anna' } } as unknown as NonNullable<typeof known.item>;
  const lines = linesOf(
    { ...known, item, arrival: { via: { kind: 'transfer', from: { id: 'ben', name: 'Ben' } }, seq: 3, date: NOON } },
    SCREEN,
  );
  expect(lines.map((line) => (line.type === 'note' ? line.text : line.type))).toEqual([
    'day',
    'message',
    'Ben handed this over to Anna',
    'message',
  ]);
});
