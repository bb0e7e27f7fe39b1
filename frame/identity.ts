/**
 * The visitor's lasting identity in the browser: a cookie that only the server reads and, because some browsers keep the one
 * and some the other, a refresh token in localStorage. Nothing is written before the visitor acts; looking writes nothing.
 */
import type { SessionAnswer } from '../shared/protocol.ts';
import type { Identity } from './session/outside.ts';

const REQUEST_MS = 15_000;

export function createIdentity(site: string): Identity {
  const key = `callgear-${site}`;
  /** Whether the last answer will be found again by the next page. */
  let isLasting = true;

  async function post(create: boolean, refresh: string | undefined): Promise<SessionAnswer> {
    const response = await fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ site, create, ...(refresh && { refresh }) }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    if (!response.ok) throw new Error(`POST /session answered ${response.status}`);
    return response.json() as Promise<SessionAnswer>;
  }

  return {
    hasTraces: async () => read(key) !== undefined || (await hasDatabase(key)),
    leaveTrace() {
      if (read(key) === undefined) write(key, '');
    },
    async ask(create) {
      let isKept = false;
      const work = async (): Promise<SessionAnswer> => {
        const found = await post(create, read(key));
        if (found.visitor !== null) isKept = write(key, found.refresh);
        return found;
      };
      const answer = await (create ? alone(key, work) : work());
      if (answer.visitor === null) return answer;
      // No localStorage: then it is the cookie or nothing, and only a second question shows which.
      if (isKept || !create) isLasting = true;
      else isLasting = await post(false, undefined).then((again) => again.visitor === answer.visitor, () => false);
      return answer;
    },
    isLasting: () => isLasting,
    async forget() {
      const refresh = read(key);
      remove(key);
      await fetch('/session', {
        method: 'DELETE',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ site, ...(refresh && { refresh }) }),
        keepalive: true,
      });
    },
  };
}

/** One page at a time where the browser has locks and lets us: two pages that became somebody at once would be two visitors. */
async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return work();
  let isBegun = false;
  try {
    return await locks.request(name, () => {
      isBegun = true;
      return work();
    });
  } catch (error) {
    if (isBegun) throw error;
    return work();
  }
}

/** Whether there is an outbox (`storage.ts`): a browser that was killed may have kept it and lost the token. */
async function hasDatabase(name: string): Promise<boolean> {
  try {
    return (await indexedDB.databases()).some((found) => found.name === name);
  } catch {
    return false;
  }
}

// A browser may refuse storage by throwing at any of these.

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, value: string): boolean {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

function remove(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing is there then.
  }
}
