/**
 * How a chat begins, is joined and left, and ends. The functions here decide nothing: the commands decide, and call them.
 */
import type { Author, LeftWhy, SiteKey, Uid, Via } from '../../shared/chat.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { Operator } from '../store/operators.ts';
import type { StandingInvite, Visitor } from '../store/visitors.ts';
import { dropInvite, standingInvite } from './invitations.ts';
import { awayKey, leftKey } from './job-keys.ts';
import { serves } from './operator-sites.ts';
import { SYSTEM, VISITOR, authorOf, type UnitOfWork } from './unit-of-work.ts';
import { beginWait, endWait } from './waiting.ts';

/**
 * The visitor's open chat, or a new one. A standing invitation is accepted by whatever starts the chat: it becomes the
 * first message, and the operator who wrote it joins.
 */
export async function openChat(
  work: UnitOfWork,
  visitor: Visitor,
  start: { group: string | null; via: 'command' | 'message' | 'invite'; uid: Uid | null },
): Promise<ChatRecord> {
  const open = await work.tx.openChatOf(visitor.site, visitor.id);
  if (open !== undefined) return open;
  const invite = standingInvite(visitor, work.now);
  const created = await work.tx.createChat(visitor.site, visitor.id);
  const started = await work.append(created, {
    kind: 'chat.started',
    group: await knownGroup(work, visitor.site, start.group),
    via: invite === null ? start.via : 'invite',
    author: VISITOR,
    uid: start.uid,
  });
  const chat = invite === null ? started.chat : await addInvitation(work, started.chat, invite);
  await dropInvite(work, visitor);
  if (!chat.summary.isAnswered) await beginWait(work, chat);
  return chat;
}

async function addInvitation(work: UnitOfWork, chat: ChatRecord, invite: StandingInvite): Promise<ChatRecord> {
  const operator = await inviter(work, chat.site, invite);
  const card = invite.operator_info ?? { name: invite.from, position: null, avatar: null };
  const author: Author = { kind: 'operator', id: operator?.id ?? null, card };
  const said = await work.append(chat, { kind: 'message.added', text: invite.text, file: null, author, uid: invite.uid });
  return operator === undefined ? said.chat : join(work, said.chat, operator, null, { kind: 'invite' });
}

/** The operator who wrote the invitation. `undefined`: they have left the site since, so nobody joins and the wait begins. */
async function inviter(work: UnitOfWork, site: SiteKey, invite: StandingInvite): Promise<Operator | undefined> {
  if (invite.operator === undefined) return undefined;
  const operator = await work.tx.operator(invite.operator);
  return operator !== undefined && serves(operator, site) ? operator : undefined;
}

/** The group, if the site has it. A visitor's chat is worth more than a page's typing error. */
async function knownGroup(work: UnitOfWork, site: SiteKey, group: string | null): Promise<string | null> {
  if (group === null) return null;
  return (await work.tx.groups(site)).some((known) => known.id === group) ? group : null;
}

/** An operator joins a chat. @param via how they came by it, other than by joining */
export async function join(work: UnitOfWork, chat: ChatRecord, operator: Operator, uid: Uid | null, via?: Via): Promise<ChatRecord> {
  await endWait(work, chat);
  await work.tx.removeJob(awayKey(chat.summary.id));
  const joined = await work.append(chat, {
    kind: 'operator.joined',
    operator: operator.id,
    card: operator.card,
    ...(via === undefined ? {} : { via }),
    author: authorOf(operator),
    uid,
  });
  return joined.chat;
}

/** The operator leaves the chat. @param why set unless the operator just left */
export async function leave(work: UnitOfWork, chat: ChatRecord, author: Author, uid: Uid | null, why?: LeftWhy): Promise<ChatRecord> {
  const { id, operator } = chat.summary;
  if (operator === null) return chat;
  await work.tx.removeJob(awayKey(id));
  const reason = why === undefined ? {} : { why, name: operator.card.name };
  return (await work.append(chat, { kind: 'operator.left', operator: operator.id, ...reason, author, uid })).chat;
}

/** Takes an operator who is gone out of the chat. The visitor waits for somebody again. */
export async function release(work: UnitOfWork, chat: ChatRecord, why: LeftWhy): Promise<void> {
  await beginWait(work, await leave(work, chat, SYSTEM, null, why));
}

/** Ends an open chat. Its operator leaves first. */
export async function closeChat(
  work: UnitOfWork,
  chat: ChatRecord,
  by: 'visitor' | 'operator' | 'system',
  author: Author,
  uid: Uid | null,
): Promise<void> {
  await endWait(work, chat);
  await work.tx.removeJob(leftKey(chat.summary.id));
  const left = await leave(work, chat, author, null);
  await work.append(left, { kind: 'chat.closed', by, author, uid });
}
