import { describe, expect, test } from 'vitest';
import { standingOf, type Facts, type Standing } from './standing.ts';

const EVA = { name: 'Eva', position: null, avatar: null };
const OPEN = { isOpen: true, lastOperator: null, taken: null };
const ANSWERED = { ...OPEN, lastOperator: { id: 'o1', name: 'Eva' } };
const OVER = { ...ANSWERED, isOpen: false };

const QUIET: Facts = {
  connection: 'online',
  isDisconnected: false,
  state: 'available',
  chat: null,
  operator: null,
  isAway: undefined,
  isOffered: false,
  isAvailable: true,
  isSending: false,
  hasMessages: false,
};
const CHAT: Partial<Facts> = { state: 'chat', chat: OPEN, hasMessages: true };

type Row = [what: string, facts: Partial<Facts>, step: Standing['step'], presence: Standing['presence']];

const TABLE: Row[] = [
  ['a first visit', {}, 'start', 'online'],
  ['a first visit with nobody there', { isAvailable: false }, 'start', 'away'],
  ['a page that the server has not answered yet', { connection: 'connecting', isDisconnected: null, isAvailable: false }, 'start', null],
  ['a required consent', { connection: 'withheld', isDisconnected: null, isAvailable: false }, 'consent', null],
  ['a consent that was taken back in mid-chat', { ...CHAT, connection: 'withheld', isDisconnected: null }, 'consent', null],
  ['a message that a script sent before consent', { connection: 'withheld', isDisconnected: null, isSending: true }, 'consent', null],
  ['a site that is closed', { connection: 'closed', isDisconnected: true, isAvailable: false }, 'closed', null],
  ['a site that closes in mid-chat', { ...CHAT, connection: 'closed', isDisconnected: true }, 'closed', null],
  ['a first message under way', { isSending: true, hasMessages: true }, 'sending', 'online'],
  ['the same without a line', { isSending: true, hasMessages: true, isDisconnected: true, connection: 'offline' }, 'sending', null],
  ['the next first message after a chat', { isSending: true, hasMessages: true, chat: OVER }, 'sending', 'online'],
  ['an invitation', { state: 'invite' }, 'invited', 'online'],
  ['an invitation after a chat', { state: 'invite', chat: OVER, hasMessages: true }, 'invited', 'online'],
  ['a wait', CHAT, 'waiting', 'online'],
  ['a wait with nobody there', { ...CHAT, isAvailable: false }, 'waitingAway', 'away'],
  ['a wait without a line', { ...CHAT, isDisconnected: true, connection: 'offline' }, 'waiting', null],
  ['the offer of another way', { ...CHAT, isOffered: true }, 'offered', null],
  ['the offer, with nobody there', { ...CHAT, isOffered: true, isAvailable: false }, 'offered', null],
  ['a request that was left', { ...CHAT, chat: { ...OPEN, taken: 'sitephone' } }, 'requested', 'online'],
  ['an operator', { ...CHAT, chat: ANSWERED, operator: EVA }, 'talking', 'online'],
  ['an operator who came after a request', { ...CHAT, chat: { ...ANSWERED, taken: 'sitephone' }, operator: EVA }, 'talking', 'online'],
  ['an operator without a connection', { ...CHAT, chat: ANSWERED, operator: EVA, isAway: true }, 'operatorAway', 'online'],
  ['an operator who has left', { ...CHAT, chat: ANSWERED }, 'waitingAgain', 'online'],
  ['the same after a request', { ...CHAT, chat: { ...ANSWERED, taken: 'offline_message' } }, 'waitingAgain', 'online'],
  ['an operator who has left, with nobody else there', { ...CHAT, chat: ANSWERED, isAvailable: false }, 'waitingAway', 'away'],
  ['the same, and another way is offered', { ...CHAT, chat: ANSWERED, isOffered: true }, 'offered', null],
  ['the end', { chat: OVER, hasMessages: true }, 'ended', 'online'],
  ['the end of a chat without words', { chat: OVER }, 'start', 'online'],
  ['the end, with nobody there', { chat: OVER, hasMessages: true, isAvailable: false }, 'ended', 'away'],
];

describe('[VI.standing] one function says what the next step is and who may be claimed to be there', () => {
  test.each(TABLE)('%s', (_, facts, step, presence) => {
    expect(standingOf({ ...QUIET, ...facts })).toEqual({ step, presence });
  });

  test('while consent is asked, the line is cut or another way is offered, nobody is claimed to be there', () => {
    const bools = [true, false];
    for (const connection of ['connecting', 'online', 'offline', 'closed', 'withheld'] as const)
      for (const state of ['available', 'invite', 'chat'] as const)
        for (const chat of [null, OPEN, ANSWERED, OVER])
          for (const operator of [null, EVA])
            for (const isDisconnected of [true, false, null])
              for (const isOffered of bools)
                for (const isAvailable of bools) {
                  const { step, presence } = standingOf({
                    ...QUIET,
                    connection,
                    state,
                    chat,
                    operator,
                    isDisconnected,
                    isOffered,
                    isAvailable,
                  });
                  const isSilent = isDisconnected !== false || ['consent', 'closed', 'offered'].includes(step);
                  expect(presence).toBe(isSilent ? null : isAvailable ? 'online' : 'away');
                  if (step === 'waiting' || step === 'waitingAway') expect(step === 'waiting').toBe(isAvailable);
                }
  });
});
