/**
 * Who is signed in at this workplace: looks for a sign-in that is still good, signs in, signs out. While an operator is
 * signed in, the account owns their chat session: `start` makes it, and it ends with the account. No address and no cookie
 * is known here.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { LoginRequest, OperatorSession } from '../../shared/wire/workplace.ts';
import type { Session } from './contract.ts';

/** Why nobody is signed in; `null` before the first try. */
export type SignInProblem = 'wrong' | 'too_many' | 'unreachable' | 'expired' | 'idle' | null;

export type AccountState =
  | { type: 'checking' }
  | { type: 'signed_out'; problem: SignInProblem; isBusy: boolean }
  | { type: 'signed_in'; operator: OperatorSession; session: Session };

export type SignInResult = { ok: true; operator: OperatorSession } | { ok: false; problem: 'wrong' | 'too_many' | 'unreachable' };

/** The server's HTTP api. None of them rejects. */
export interface Api {
  login(request: LoginRequest): Promise<SignInResult>;
  /** Whether the cookie is still good, and for whom. */
  resume(): Promise<SignInResult>;
  logout(csrf: string): Promise<void>;
}

export interface AccountOptions {
  api: Api;
  /** Makes the session of a signed-in operator. It calls `onRefused` when the server no longer accepts it; `isIdle` if nobody used it. */
  start(operator: OperatorSession, onRefused: (isIdle: boolean) => void): Session;
}

export interface Account {
  readonly state: ReadonlySignal<AccountState>;
  signIn(request: LoginRequest): void;
  signOut(): void;
  close(): void;
}

export function createAccount({ api, start }: AccountOptions): Account {
  const state = signal<AccountState>({ type: 'checking' });
  let isClosed = false;

  /** Takes over an answer, unless the state has changed since the question. */
  function decide(asked: AccountState, next: () => AccountState): void {
    if (!isClosed && state.peek() === asked) state.value = next();
  }

  function enter(operator: OperatorSession): AccountState {
    const session = start(operator, (isIdle) => void recheck(session, isIdle));
    return { type: 'signed_in', operator, session };
  }

  /** The socket was refused: either the sign-in has ended, or the server only lost this connection's proof (a restart). */
  async function recheck(session: Session, isIdle: boolean): Promise<void> {
    const before = state.peek();
    if (before.type !== 'signed_in' || before.session !== session) return;
    const answer = await api.resume();
    decide(before, () => {
      // An unreachable server says nothing about the sign-in: the session keeps trying by itself.
      if (!answer.ok && answer.problem === 'unreachable') return before;
      if (answer.ok && answer.operator.csrf === before.operator.csrf) return before;
      session.close();
      return answer.ok ? enter(answer.operator) : { type: 'signed_out', problem: isIdle ? 'idle' : 'expired', isBusy: false };
    });
  }

  async function check(): Promise<void> {
    const asked = state.peek();
    const answer = await api.resume();
    decide(asked, () => {
      if (answer.ok) return enter(answer.operator);
      return { type: 'signed_out', problem: answer.problem === 'wrong' ? null : answer.problem, isBusy: false };
    });
  }

  async function login(request: LoginRequest): Promise<void> {
    const before = state.peek();
    if (before.type !== 'signed_out' || before.isBusy) return;
    const asked: AccountState = { type: 'signed_out', problem: null, isBusy: true };
    state.value = asked;
    const answer = await api.login(request);
    decide(asked, () => (answer.ok ? enter(answer.operator) : { type: 'signed_out', problem: answer.problem, isBusy: false }));
  }

  void check();

  return {
    state,
    signIn: (request) => void login(request),
    signOut() {
      const before = state.peek();
      if (before.type !== 'signed_in') return;
      before.session.close();
      state.value = { type: 'signed_out', problem: null, isBusy: false };
      void api.logout(before.operator.csrf);
    },
    close() {
      isClosed = true;
      const now = state.peek();
      if (now.type === 'signed_in') now.session.close();
    },
  };
}
