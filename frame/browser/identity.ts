/**
 * The visitor's lasting identity in the browser: a cookie that only the server reads and, because some browsers keep the one
 * and some the other, a refresh token in localStorage. Nothing is written before the visitor acts; looking writes nothing.
 */
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import type { IdentityRequest, SessionAnswer, SessionRequest } from '../../shared/wire/protocol.ts';
import type { Identity } from '../session/platform.ts';
import { languageKey, read, stored, write } from './local.ts';

/** What a request asks, beside what each request carries. */
type Asked = Pick<SessionRequest, 'create'> | Pick<IdentityRequest, 'token' | 'once'>;

const REQUEST_MS = 15_000;
/** A page that has been frozen in its turn does not hold up the others for longer. */
const TURN_MS = 5_000;

export interface LastingIdentity extends Identity {
  /** Whether the visitor has consented in the chat on an earlier page. */
  hasConsent(): boolean;
}

export function createIdentity(site: string): LastingIdentity {
  const key = `callgear-${site}`;
  const consent = `${key}-consent`;
  /** Whether the last answer will be found again by the next page. */
  let isLasting = true;
  /** What the last answer brought is in localStorage. */
  let isKept = false;

  const request = (method: 'POST' | 'DELETE', path: string, asked: object, how: RequestInit): Promise<Response> =>
    fetch(`/session${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ site, ...asked }), ...how });

  async function post(path: string, asked: Asked & { refresh?: string | undefined }): Promise<SessionAnswer> {
    const response = await request('POST', path, asked, { signal: AbortSignal.timeout(REQUEST_MS) });
    const answer = (await response.json()) as SessionAnswer & { code: ErrorCode; message: string };
    if (!response.ok) throw new ChatError(answer.code, answer.message);
    return answer;
  }

  /** Sends the stored refresh token along, and stores the new one. */
  const turn = (path: string, asked: Asked): Promise<SessionAnswer> =>
    alone(key, async () => {
      const answer = await post(path, { ...asked, refresh: read(key) || undefined });
      isKept = answer.visitor !== null && write(key, answer.refresh);
      return answer;
    });

  return {
    hasTraces: async () => read(key) !== undefined || (await hasDatabase(key)),
    leaveTrace() {
      if (read(key) === undefined) write(key, '');
    },
    hasConsent: () => read(consent) !== undefined,
    keepConsent: () => void write(consent, '1'),
    async ask(create) {
      const answer = await turn('', { create });
      if (answer.visitor === null) return answer;
      // No localStorage: then it is the cookie or nothing, and only a second question shows which.
      isLasting =
        isKept ||
        !create ||
        (await post('', { create: false }).then(
          (again) => again.visitor === answer.visitor,
          () => false,
        ));
      return answer;
    },
    identify: (token, once) => turn('/identity', { token, once }),
    isLasting: () => isLasting,
    async forget() {
      const refresh = read(key) || undefined;
      for (const name of [key, consent, languageKey(site)]) stored((storage) => storage.removeItem(name));
      // A draft that an earlier page of this tab has kept: here may be nothing drawn that would take it along.
      stored(() => sessionStorage.clear());
      await request('DELETE', '', { refresh }, { keepalive: true });
    },
  };
}

/**
 * One page at a time where the browser has locks and lets us: two pages that became somebody at once would be two visitors, and
 * of two that were given a new token each, the one that writes last would keep the older.
 */
async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  let mine: Promise<T> | undefined;
  try {
    await navigator.locks.request(name, { signal: AbortSignal.timeout(TURN_MS) }, () => (mine = work()));
  } catch {
    // No locks here, or a page that was frozen in its turn. The last line reports a failure of the work itself.
  }
  return mine ?? work();
}

/** Whether there is an outbox (`storage.ts`): a browser that was killed may have kept it and lost the token. */
async function hasDatabase(name: string): Promise<boolean> {
  try {
    return (await indexedDB.databases()).some((found) => found.name === name);
  } catch {
    return false;
  }
}
