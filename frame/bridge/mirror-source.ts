/**
 * What the page's mirror is made of: the session's signals, read as they stand, and as many messages as one snapshot can carry.
 */
import type { Message } from '../../shared/chat.ts';
import { BRIDGE_LIMITS, type MirrorState } from '../../shared/page/bridge.ts';
import type { Session } from '../session/contract.ts';

/** A snapshot takes at most so many messages and characters, well inside what may cross at once; `older` brings the rest. */
const SNAPSHOT_MESSAGES = 200;
const SNAPSHOT_SIZE = BRIDGE_LIMITS.toHostSize / 2;

/** The newest messages that one snapshot can carry. */
export function recent(messages: readonly Message[]): Message[] {
  let size = 0;
  let from = messages.length;
  while (from > 0 && messages.length - from < SNAPSHOT_MESSAGES) {
    size += JSON.stringify(messages[from - 1]).length;
    if (size > SNAPSHOT_SIZE) break;
    from -= 1;
  }
  return messages.slice(from);
}

/** The mirror as the session holds it: same members, lists still read-only, objects still the session's own. */
export type MirrorSource = { readonly [K in keyof MirrorState]: MirrorState[K] extends (infer E)[] ? readonly E[] : MirrorState[K] };

export function mirrorOf(session: Session): MirrorSource {
  return {
    isOnline: session.connection.value === 'online',
    isAvailable: session.isAvailable.value,
    state: session.state.value,
    chatId: session.chat.value?.id ?? null,
    operator: session.operator.value,
    card: session.card.value,
    requiredInfo: session.requiredInfo.value,
    rating: session.rating.value,
    invite: session.invite.value,
    retention: session.retention.value,
    unread: session.unread.value,
    canSendFile: session.canSendFile.value,
    visitorId: session.visitorId.value,
    sessionId: session.sessionId.value,
    settings: session.settings.value,
  };
}

/** The members of the mirror; the page hears of each when it changes. */
export const keysOf = (state: MirrorSource) => Object.keys(state) as (keyof MirrorState)[];

export function toState(source: MirrorSource): MirrorState {
  return { ...source, requiredInfo: [...source.requiredInfo] };
}
