/**
 * Who the visitor is to the server: nobody yet, or someone with a short-lived access token. Asks, keeps the token in memory
 * and renews it before it ends. Decides nothing about when a visitor comes to be; the session does.
 */
import type { Clock } from '../../shared/client/platform.ts';
import type { Identity } from './platform.ts';

export interface Visitor {
  /** The token as it is now; `undefined` for an anonymous presence. */
  readonly access: string | undefined;
  /** The server has been asked at least once. */
  readonly isKnown: boolean;
  /**
   * Makes sure that our knowledge is fresh: a valid token, or (without `create`) that there is no visitor.
   * Resolves to whether the server could be reached.
   */
  ensure(create: boolean): Promise<boolean>;
  /** The server refused the token: the next `ensure` asks again. */
  expire(): void;
  /** Another page has acted: the next `ensure` asks again, even if there was nobody. */
  doubt(): void;
  forget(): void;
}

/** A token this close to its end is not worth a handshake. */
const MARGIN_MS = 60_000;

export function createVisitor(identity: Identity, clock: Clock): Visitor {
  let access: string | undefined;
  let freshUntil = 0;
  let isKnown = false;
  let isDoubtful = true;
  /** One question at a time: two at once could make two visitors. */
  let line: Promise<boolean> = Promise.resolve(true);
  /** Counts `forget`s, so that an answer to an older question is not believed. */
  let life = 0;

  const isFresh = (create: boolean): boolean => (access === undefined ? !isDoubtful && !create : clock.now() < freshUntil);

  async function ask(create: boolean): Promise<boolean> {
    if (isFresh(create)) return true;
    const mine = life;
    try {
      const answer = await identity.ask(create);
      if (mine !== life) return false;
      isKnown = true;
      isDoubtful = false;
      access = answer.visitor === null ? undefined : answer.access;
      if (answer.visitor !== null) freshUntil = clock.now() + Math.max(answer.expiresIn * 1000 - MARGIN_MS, 1_000);
      return access !== undefined || !create;
    } catch {
      return false;
    }
  }

  return {
    get access() {
      return access;
    },
    get isKnown() {
      return isKnown;
    },
    ensure(create) {
      line = line.then(() => ask(create));
      return line;
    },
    expire() {
      freshUntil = 0;
      isDoubtful = true;
    },
    doubt() {
      isDoubtful = true;
    },
    forget() {
      life += 1;
      access = undefined;
      freshUntil = 0;
      isKnown = false;
      isDoubtful = true;
    },
  };
}
