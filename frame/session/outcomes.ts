/**
 * What became of the last transcript mail and of the last offline request. The interface shows both, and the page hears of them.
 */
import type { Uid } from '../../shared/chat.ts';
import { toErrorCode, type ErrorCode } from '../../shared/errors.ts';
import type { Callers } from './callers.ts';
import type { Changeset } from './changes.ts';
import type { SessionContext } from './context.ts';
import type { MailOutcome, RequestOutcome } from './contract.ts';

type RequestEnd = { success: true; wantsCall: boolean } | { success: false; code?: ErrorCode; message?: string };

export interface Outcomes {
  readonly shown: Readonly<{ mailed: MailOutcome | null; requested: RequestOutcome | null }>;
  /** A new one is on its way: the old outcome is of no interest. */
  forget(outcome: 'mailed' | 'requested'): void;
  endMail(uid: Uid, success: boolean, error: string | undefined, set: Changeset, message?: string): void;
  /** The server has accepted the mail; it has gone out unless something bad is heard of it. */
  expectMail(uid: Uid): void;
  endRequest(uid: Uid, end: RequestEnd, set: Changeset): void;
  /** Gives a request back when nobody takes it; never one that may be on its way. */
  watchRequest(uid: Uid): void;
}

/** Offline for so long, the visitor gets the request back. */
const REQUEST_WAITS_MS = 10_000;
/** An accepted transcript of which nothing bad is heard for so long is on its way. */
const MAIL_WAITS_MS = 30_000;

/** What an answer says where no server did. */
export const UNREACHED = 'The server could not be reached.';

export function createOutcomes(
  { change, later, presence, words, chats, history, serverTime }: SessionContext,
  callers: Callers,
  discard: (uid: Uid) => void,
): Outcomes {
  const shown: { mailed: MailOutcome | null; requested: RequestOutcome | null } = { mailed: null, requested: null };

  function endMail(uid: Uid, success: boolean, error: string | undefined, set: Changeset, message = 'The mail could not be sent.'): void {
    if (!callers.has(uid)) return;
    const mailed = success ? { success } : { success, error: error ?? 'unavailable' };
    shown.mailed = mailed;
    set.after.push({ name: 'sendchatbymail', ...mailed });
    if (success) callers.answer(uid, { ok: true }, set);
    else callers.fail('transcript.mail', uid, toErrorCode(error ?? 'unavailable'), message, set);
  }

  function endRequest(uid: Uid, end: RequestEnd, set: Changeset): void {
    if (!callers.has(uid)) return;
    const { success } = end;
    // Part of the event, so that a page can show it as it is.
    const [title, body] = success ? (['thanks', 'requestSent'] as const) : (['notSent', 'requestFailed'] as const);
    const requested = { success, title: words.value?.[title] ?? '', message: words.value?.[body] ?? '' };
    shown.requested = requested;
    set.after.push({ name: 'sendofflinerequest', ...requested });
    if (!success) return callers.fail('request.send', uid, end.code ?? 'unavailable', end.message ?? UNREACHED, set);
    const open = chats.current?.isOpen ? chats.current : null;
    const way = end.wantsCall ? 'sitephone' : (open?.retention ?? open?.taken ?? 'offline_message');
    history.note({ kind: 'request.left', way, date: serverTime.now() });
    callers.answer(uid, { ok: true }, set);
  }

  function watchRequest(uid: Uid): void {
    later(REQUEST_WAITS_MS, () => {
      if (!callers.has(uid)) return;
      if (presence.isOnline()) {
        watchRequest(uid);
        return;
      }
      change((set) => {
        endRequest(uid, { success: false }, set);
        discard(uid);
      });
    });
  }

  return {
    shown,
    forget: (outcome) => void (shown[outcome] = null),
    endMail,
    expectMail: (uid) => void later(MAIL_WAITS_MS, () => change((set) => endMail(uid, true, undefined, set))),
    endRequest,
    watchRequest,
  };
}
