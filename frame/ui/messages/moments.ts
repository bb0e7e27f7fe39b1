/**
 * What happened in a chat, in words: who came and went, how it ended, what request was left. Of moments that say the same thing
 * twice only one is told. Seen in the conversation, and spoken.
 */
import type { Moment } from '../../../shared/chat.ts';
import { words } from '../../language/language.ts';
import { textOf } from '../../session/notice.ts';
import { t } from '../words.ts';

/** The same whenever the moment is told. */
export function momentKey(moment: Moment): string {
  return 'message_id' in moment ? moment.message_id : `request-${moment.date}`;
}

/** Whom a moment shows the picture of. */
export function faceOf(moment: Moment): { name: string; avatar: string | null } | null {
  if (moment.kind === 'operator.joined') return moment.card;
  return moment.kind !== 'request.left' && moment.author.kind === 'operator' ? moment.author.card : null;
}

/** `undefined` where `next` says it: an operator who hands over or ends the chat has left it, too. */
export function wordsOf(moment: Moment, next: Moment | undefined): string | undefined {
  if (moment.kind === 'request.left') return t(moment.way === 'sitephone' ? 'callRequested' : 'messageLeft');
  if (moment.kind === 'operator.left' && next?.kind === 'chat.closed' && next.chat === moment.chat) return undefined;
  return words.value ? textOf(moment, words.value) : undefined;
}
