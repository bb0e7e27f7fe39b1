/** Signing in and out, with an HTTP API whose answers the test gives by hand. The chat session behind it only records its end. */
import { expect, test } from 'vitest';
import type { OperatorSession } from '../../shared/wire/workplace.ts';
import { createAccount, type SignInResult } from './account.ts';
import type { Session } from './contract.ts';

const ANNA: OperatorSession = { id: 'anna', name: 'Anna', csrf: 'proof' };

function world() {
  const asked: { call: string; answer: (answer: SignInResult) => void }[] = [];
  const logouts: string[] = [];
  const started: { operator: OperatorSession; isClosed: boolean; refuse: (isIdle: boolean) => void }[] = [];
  const ask = (call: string): Promise<SignInResult> => new Promise((answer) => asked.push({ call, answer }));
  const account = createAccount({
    api: {
      login: ({ email }) => ask(`login ${email}`),
      resume: () => ask('resume'),
      logout: (csrf) => Promise.resolve(void logouts.push(csrf)),
    },
    start(operator, onRefused) {
      const screen = { operator, isClosed: false, refuse: onRefused };
      started.push(screen);
      // The account closes a session and hands it on; it reads nothing of it.
      return { close: () => void (screen.isClosed = true) } as Session;
    },
  });
  return {
    account,
    asked,
    logouts,
    started,
    async answer(answer: SignInResult) {
      asked.at(-1)?.answer(answer);
      await new Promise((resolve) => setImmediate(resolve));
    },
    type: () => account.state.value.type,
  };
}

test('[OP.signIn] a good cookie opens the workplace without a password', async () => {
  const w = world();
  expect(w.type()).toBe('checking');
  await w.answer({ ok: true, operator: ANNA });
  expect(w.account.state.value).toMatchObject({ type: 'signed_in', operator: ANNA });
});

test('[OP.signIn] the screen names a wrong password and a dead server, not a missing sign-in', async () => {
  const w = world();
  await w.answer({ ok: false, problem: 'wrong' });
  expect(w.account.state.value).toEqual({ type: 'signed_out', problem: null, isBusy: false });
  for (const problem of ['wrong', 'too_many', 'unreachable'] as const) {
    w.account.signIn({ email: 'a@example.org', password: 'x' });
    w.account.signIn({ email: 'b@example.org', password: 'x' });
    expect(w.account.state.value).toMatchObject({ isBusy: true });
    expect(w.asked.at(-1)?.call).toBe('login a@example.org');
    await w.answer({ ok: false, problem });
    expect(w.account.state.value).toEqual({ type: 'signed_out', problem, isBusy: false });
  }
});

test('[OP.signIn] signing out closes the session and ends the sign-in at the server', async () => {
  const w = world();
  await w.answer({ ok: true, operator: ANNA });
  w.account.signOut();
  expect(w.type()).toBe('signed_out');
  expect(w.started[0]?.isClosed).toBe(true);
  expect(w.logouts).toEqual(['proof']);
});

test('[OP.signIn] a refused socket signs out only if the sign-in has really ended', async () => {
  const w = world();
  await w.answer({ ok: true, operator: ANNA });
  w.started[0]?.refuse(false);
  await w.answer({ ok: false, problem: 'unreachable' });
  expect(w.type()).toBe('signed_in');
  w.started[0]?.refuse(false);
  await w.answer({ ok: true, operator: ANNA });
  expect(w.started).toHaveLength(1);
  w.started[0]?.refuse(false);
  await w.answer({ ok: false, problem: 'wrong' });
  expect(w.account.state.value).toEqual({ type: 'signed_out', problem: 'expired', isBusy: false });
  expect(w.started[0]?.isClosed).toBe(true);
});

test('[D8] [OP.signIn] an operator who was signed out for being idle sees that reason', async () => {
  const w = world();
  await w.answer({ ok: true, operator: ANNA });
  w.started[0]?.refuse(true);
  await w.answer({ ok: false, problem: 'wrong' });
  expect(w.account.state.value).toEqual({ type: 'signed_out', problem: 'idle', isBusy: false });
});

test('[OP.signIn] another sign-in in the same browser begins a session of its own', async () => {
  const w = world();
  await w.answer({ ok: true, operator: ANNA });
  w.started[0]?.refuse(false);
  await w.answer({ ok: true, operator: { id: 'ben', name: 'Ben', csrf: 'other' } });
  expect(w.started.map(({ operator, isClosed }) => [operator.id, isClosed])).toEqual([
    ['anna', true],
    ['ben', false],
  ]);
});

test('[OP.conversation] an answer that comes after the end changes nothing', async () => {
  const w = world();
  w.account.close();
  await w.answer({ ok: true, operator: ANNA });
  expect(w.started).toEqual([]);
});
