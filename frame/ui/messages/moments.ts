/**
 * What happened in a chat, in words: who came and went, how it ended, what request was left. Of moments that say the same thing
 * twice only one is told. Seen in the conversation, and spoken.
 */
import type { Moment } from '../../../shared/chat.ts';
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

/** `null` where `next` says it: an operator who hands over or ends the chat has left it, too. */
export function wordsOf(moment: Moment, next: Moment | undefined): string | null {
  switch (moment.kind) {
    case 'operator.joined': {
      const { name } = moment.card;
      if (moment.via === undefined || moment.via.kind === 'invite') return t('joined', { name });
      return t(moment.via.kind === 'transfer' ? 'handedOver' : 'tookOver', { from: moment.via.from.name, name });
    }
    case 'operator.left': {
      if (moment.why === 'transfer' || moment.why === 'takeover') return null;
      if (next?.kind === 'chat.closed' && next.chat === moment.chat) return null;
      const name = moment.name ?? (moment.author.kind === 'operator' ? moment.author.card.name : '');
      return name === '' ? null : t('left', { name });
    }
    case 'chat.closed':
      if (moment.author.kind === 'operator') return t('endedBy', { name: moment.author.card.name });
      return t(moment.by === 'visitor' ? 'endedByYou' : 'ended');
    case 'request.left':
      return t(moment.way === 'sitephone' ? 'callRequested' : 'messageLeft');
  }
}
