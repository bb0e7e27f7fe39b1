/**
 * Closes of this page that are on their way. One that the server cannot carry out now is applied here, and seen only once.
 */
import type { Uid } from '../../shared/chat.ts';
import type { OutboxItem } from '../../shared/client/platform.ts';
import type { VisitorCommand, VisitorCommandKind } from '../../shared/wire/protocol.ts';
import type { Callers } from './callers.ts';
import type { Changeset } from './changes.ts';
import type { SessionContext } from './context.ts';

export interface Closing {
  /** Closes that the server has not carried out. */
  readonly uids: Set<Uid>;
  /** Those of them that are applied here already. */
  applied(): Uid[];
  /** Applies the close here, before the server can: everything begun before it counts as answered. */
  apply(close: Uid, set: Changeset): void;
}

/** Commands that may begin a chat. */
const BEGINS: ReadonlySet<VisitorCommandKind> = new Set<VisitorCommandKind>(['chat.start', 'message.send', 'file.send', 'invite.accept']);
/** The event that reports that one of them has begun a chat. */
const TOLD_AS: Partial<Record<VisitorCommandKind, 'startchat' | 'inviteaccept'>> = {
  'chat.start': 'startchat',
  'invite.accept': 'inviteaccept',
};

export function createClosing(
  { chats, changes }: SessionContext,
  callers: Callers,
  items: () => readonly OutboxItem<VisitorCommand>[],
): Closing {
  const uids = new Set<Uid>();
  return {
    uids,
    applied: () => [...uids].filter((uid) => callers.has(uid) && !callers.isWaiting(uid)),
    apply(close, set) {
      if (!callers.isWaiting(close)) return;
      const begun = items().filter(({ failed, command }) => failed === null && BEGINS.has(command.kind));
      for (const { uid, command } of begun) {
        const name = TOLD_AS[command.kind];
        if (name === undefined || !callers.isWaiting(uid)) continue;
        set.after.push({ name });
        callers.answerEarly(uid, set);
      }
      const chat = chats.current;
      if (chat?.isOpen === true) chats.hide(chat.id, [close]);
      if (changes.state.state === 'chat' || begun.length > 0) set.after.push({ name: 'closechat' });
      callers.answerEarly(close, set);
    },
  };
}
