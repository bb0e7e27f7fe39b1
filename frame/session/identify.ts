/**
 * Shows the server a token in which the customer's own server says who this is, and goes on as whoever that is. Fetched when a page
 * first calls `identify`. A server out of reach is asked again; what it refuses has ended.
 */
import type { Answer } from '../../shared/page/bridge.ts';
import type { Uid } from '../../shared/chat.ts';
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import type { Ground, Step } from './ground.ts';

/** Whom to answer: the deed is `given` for as long as anybody waits for it. */
interface Asker {
  given: { has(uid: Uid): boolean };
  answer(uid: Uid, outcome: Answer, now: Step): void;
  fail(command: 'identify', uid: Uid, code: ErrorCode, message: string, now: Step): void;
}

export type ShowToken = (ground: Ground, token: string, uid: Uid, asker: Asker) => void;

const AGAIN_MS = 500;

export const showToken: ShowToken = (ground, token, uid, { given, answer, fail }) => {
  // Not the deed's own uid, which the page knows: whoever has this and the token is taken for us.
  const once = ground.chance.uid();
  const again = (): void => void ground.later(AGAIN_MS, show);

  function show(): void {
    if (!given.has(uid)) return;
    if (!ground.isOnline()) {
      again();
      return;
    }
    ground.identity.identify(token, once).then(
      () => {
        ground.act();
        // Whoever we were is not to be believed any more: asked again, the server says whom the new tokens mean.
        ground.doubtIdentity();
        ground.change((now) => answer(uid, { ok: true }, now));
      },
      (error: unknown) => {
        if (error instanceof ChatError) ground.change((now) => fail('identify', uid, error.code, error.message, now));
        else again();
      },
    );
  }

  show();
};
