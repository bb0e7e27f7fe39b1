/**
 * Authentication: visitors by a short access token that a longer one (cookie or refresh token) renews, operators by a
 * cookie. This file puts the parts together. It decides nothing about what they may do, and it sets no header: routes carry
 * cookies, the gateway asks here for the first frame of a socket.
 */
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../limits/limits.ts';
import { sessionLock } from '../store/locks.ts';
import type { Store } from '../store/store.ts';
import { createAccess, type AccessTokens } from './access.ts';
import { createIdentification, type Identification } from './identification.ts';
import type { LoginDelay } from './login.ts';
import { createOperatorSessions, type OperatorSessions } from './operator-sessions.ts';
import { createVisitorSessions, type VisitorSessions } from './visitor-sessions.ts';

export interface Auth extends AccessTokens, VisitorSessions, Identification, OperatorSessions {
  /** Ends a session of either kind. */
  end(session: string): Promise<void>;
}

export interface AuthOptions {
  store: Store;
  clock: Clock;
  delay: LoginDelay;
  limits: Limits;
}

export function createAuth({ store, clock, delay, limits }: AuthOptions): Auth {
  const access = createAccess({ store, clock, accessMs: limits.timing.accessMs });
  const sessions = createVisitorSessions({ store, clock, access });
  return {
    access: access.access,
    holder: access.holder,
    resume: sessions.resume,
    enter: sessions.enter,
    ...createIdentification({ store, clock, access, sessions }),
    ...createOperatorSessions({ store, clock, delay, limits }),
    end: (session) => store.transact([sessionLock(session)], (tx) => tx.removeSession(session)),
  };
}
