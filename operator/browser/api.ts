/**
 * The server's HTTP API for the workplace, over `fetch`: sign in, ask who is signed in, sign out. The browser keeps the
 * cookie; this file reads and keeps no secret but the CSRF token that a caller gives.
 */
import type { Api, SignInResult } from '../session/account.ts';
import type { OperatorSession } from '../../shared/wire/workplace.ts';

export function createApi(): Api {
  return {
    login: (request) =>
      ask('/operator/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) }),
    resume: () => ask('/operator/session', {}),
    async logout(csrf) {
      // Without a server the cookie stays until it expires; the screen is signed out all the same.
      await fetch('/operator/logout', { method: 'POST', headers: { 'x-csrf-token': csrf } }).catch(() => undefined);
    },
  };
}

async function ask(address: string, init: RequestInit): Promise<SignInResult> {
  try {
    const response = await fetch(address, { cache: 'no-store', ...init });
    if (response.ok) {
      const operator = parseOperatorSession(await response.json());
      return operator === undefined ? { ok: false, problem: 'unreachable' } : { ok: true, operator };
    }
    if (response.status === 429) return { ok: false, problem: 'too_many' };
    return { ok: false, problem: response.status < 500 ? 'wrong' : 'unreachable' };
  } catch {
    return { ok: false, problem: 'unreachable' };
  }
}

/** Parses the answer of `POST /operator/login` and `GET /operator/session`. */
function parseOperatorSession(value: unknown): OperatorSession | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('id' in value && 'name' in value && 'csrf' in value)) return undefined;
  const { id, name, csrf } = value;
  return typeof id === 'string' && typeof name === 'string' && typeof csrf === 'string' ? { id, name, csrf } : undefined;
}
