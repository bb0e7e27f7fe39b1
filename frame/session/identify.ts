/**
 * Shows the server a token in which the customer's own server says who this is, and goes on as that visitor. Fetched when a page
 * first calls `identify`. Asks again while the server is out of reach; a refusal is final.
 */
import type { Uid } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Callers } from './callers.ts';
import type { SessionContext } from './context.ts';

export type Identify = (context: SessionContext, token: string, uid: Uid, callers: Callers) => void;

const AGAIN_MS = 500;

export const identify: Identify = ({ chance, later, presence, identity, change }, token, uid, callers) => {
  // Not the command's own uid, which the page knows: this value and the token together let anybody impersonate us.
  const once = chance.uid();
  const again = (): void => void later(AGAIN_MS, show);

  function show(): void {
    if (!callers.has(uid)) return;
    if (!presence.isOnline()) {
      again();
      return;
    }
    identity.identify(token, once).then(
      () => {
        presence.act();
        // Our old token is not to be believed any more: asked again, the server says whom the new tokens mean.
        presence.doubtIdentity();
        change((set) => callers.answer(uid, { ok: true }, set));
      },
      (error: unknown) => {
        if (error instanceof ChatError) change((set) => callers.fail('identify', uid, error.code, error.message, set));
        else again();
      },
    );
  }

  show();
};
