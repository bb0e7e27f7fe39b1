/** Invitations: what one says, how long it stands, and how it is offered and dropped. */
import type { OperatorCard, OperatorId, SiteKey, Uid, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { INVITE_SECONDS } from '../../shared/limits.ts';
import type { StandingInvite, Visitor } from '../store/visitors.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Makes an invitation. @param operator joins when it is accepted; an automatic invitation has none */
export function makeInvite(text: string, card: OperatorCard, uid: Uid, now: UnixSeconds, operator?: OperatorId): StandingInvite {
  return {
    text,
    invite_message: text,
    date: now,
    source: 'Operator',
    from: card.name,
    sender: 'operator',
    operator_info: card,
    chat_id: null,
    message_id: null,
    uid,
    expires: now + INVITE_SECONDS,
    ...(operator === undefined ? {} : { operator }),
  };
}

/** Offers an invitation, unless one stands already or a chat is open. Nothing is stored of an anonymous page. */
export async function offerInvite(
  work: UnitOfWork,
  to: { site: SiteKey; visitor: VisitorId; isAnonymous: boolean },
  made: StandingInvite,
): Promise<boolean> {
  if (!to.isAnonymous) {
    const visitor = await work.tx.visitor(to.site, to.visitor);
    if (visitor === undefined || standingInvite(visitor, work.now) !== null) return false;
    if ((await work.tx.openChatOf(to.site, to.visitor)) !== undefined) return false;
    await work.tx.setInvite(to.site, to.visitor, made);
  }
  work.tell({ t: 'invite', site: to.site, visitor: to.visitor, invite: made });
  return true;
}

/** The invitation of this visitor that still stands. */
export function standingInvite(visitor: Visitor, now: UnixSeconds): StandingInvite | null {
  const { invite } = visitor;
  // An invitation that would stand for too long was made by a clock that was ahead.
  return invite !== null && invite.expires > now && invite.expires <= now + INVITE_SECONDS ? invite : null;
}

/** Ends the visitor's invitation, if there is one. */
export async function dropInvite(work: UnitOfWork, visitor: Visitor): Promise<void> {
  if (visitor.invite === null) return;
  await work.tx.setInvite(visitor.site, visitor.id, null);
  work.tell({ t: 'invite', site: visitor.site, visitor: visitor.id, invite: null });
}
