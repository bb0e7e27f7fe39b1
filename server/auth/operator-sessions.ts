/**
 * Sessions of operators: opened by e-mail and password, found again by a cookie, prolonged by use, and over after twelve
 * hours. Only the SHA-256 of the cookie's token is stored. How often a password may be tried is `login.ts`'s.
 */
import type { UnixSeconds } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../limits/limits.ts';
import { createFairQueue } from '../limits/fair-queue.ts';
import { sessionLock } from '../store/locks.ts';
import type { Operator } from '../store/operators.ts';
import type { StoredSession } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import { operatorToken } from './cookies.ts';
import type { LoginDelay } from './login.ts';
import { verifyPassword } from './password.ts';
import { hashToken, newId, newToken } from './tokens.ts';

/** How long an operator stays signed in at most. */
export const OPERATOR_SESSION_SECONDS = 12 * 3600;
/** Each takes a processor for 30 ms: on a machine that has two, the other one goes on serving. */
const VERIFYING_AT_ONCE = 1;

export interface OperatorAccess {
  operator: Operator;
  session: string;
  endsAt: UnixSeconds;
  csrf: string;
}

export type LoginResult =
  { result: 'welcome'; access: OperatorAccess; token: string } | { result: 'refused' } | { result: 'later'; retryAfterMs: number };

export interface OperatorSessions {
  /** The operator of a `Cookie` header. */
  operator(cookieHeader: string | undefined): Promise<OperatorAccess | undefined>;
  login(email: string, password: string, address: string): Promise<LoginResult>;
  /** Somebody uses this operator's session: it lasts on, as long as it may. Returns what has become of it, if it still is. */
  use(session: string): Promise<StoredSession | undefined>;
}

export interface OperatorSessionsOptions {
  store: Store;
  clock: Clock;
  delay: LoginDelay;
  limits: { timing: Pick<Limits['timing'], 'operatorIdleMs'> };
}

export function createOperatorSessions({ store, clock, delay, limits }: OperatorSessionsOptions): OperatorSessions {
  const idleSeconds = Math.ceil(limits.timing.operatorIdleMs / 1000);
  /** Passwords are looked at in turns among addresses: who tries many waits for himself. */
  const verifying = createFairQueue({ atOnce: VERIFYING_AT_ONCE });

  return {
    async operator(cookieHeader) {
      const token = operatorToken(cookieHeader);
      if (token === undefined) return undefined;
      const session = await store.sessionByToken(hashToken(token), clock.nowSeconds());
      // Longer than it may last: written by a clock that was ahead, and not believed.
      if (session === undefined || session.operator === null || session.expiresAt > clock.nowSeconds() + OPERATOR_SESSION_SECONDS)
        return undefined;
      const operator = await store.operator(session.operator);
      return operator === undefined || operator.isRevoked
        ? undefined
        : { operator, session: session.id, endsAt: session.expiresAt, csrf: session.csrf };
    },

    async login(email, password, address) {
      const account = email.trim().toLowerCase();
      const retryAfterMs = await delay.take(account, address);
      if (retryAfterMs !== undefined) return { result: 'later', retryAfterMs };
      const operator = await store.operatorByEmail(account);
      // Checked also for an account that does not exist or was revoked: the answer must take the same time.
      const isRight = await verifying.run([address], () =>
        verifyPassword(operator?.isRevoked === false ? operator.passwordHash : undefined, password),
      );
      if (!isRight || operator === undefined) return { result: 'refused' };
      await delay.clear(account, address);
      const token = newToken();
      const session: StoredSession = {
        id: newId(),
        tokenHash: hashToken(token),
        site: null,
        visitor: null,
        operator: operator.id,
        csrf: newToken(),
        expiresAt: clock.nowSeconds() + Math.min(idleSeconds, OPERATOR_SESSION_SECONDS),
        lastsUntil: clock.nowSeconds() + OPERATOR_SESSION_SECONDS,
      };
      await store.transact([], (tx) => tx.saveSession(session));
      return { result: 'welcome', access: { operator, session: session.id, endsAt: session.expiresAt, csrf: session.csrf }, token };
    },

    use: (id) =>
      store.transact([sessionLock(id)], async (tx) => {
        const now = clock.nowSeconds();
        const session = await tx.session(id, now);
        if (session?.lastsUntil === undefined) return session;
        const expiresAt = Math.min(now + idleSeconds, session.lastsUntil);
        if (expiresAt <= session.expiresAt) return session;
        const used = { ...session, expiresAt };
        await tx.saveSession(used);
        return used;
      }),
  };
}
