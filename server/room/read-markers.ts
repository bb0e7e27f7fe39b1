/** Read markers: how far each side has read. */
import type { ChatRecord } from '../store/chats.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** The marker never goes back and never beyond the chat's last event. */
export async function markRead(work: UnitOfWork, chat: ChatRecord, side: 'visitor' | 'operator', seq: number): Promise<void> {
  const { site, visitor } = chat;
  const id = chat.summary.id;
  const markers = await work.tx.markRead(site, id, side, seq);
  if (markers.visitor === chat.summary.readByVisitor && markers.operator === chat.summary.readByOperator) return;
  const unread = await work.tx.countVisitorMessages(site, id, markers.operator);
  const { lastSeq } = chat.summary;
  work.tell({ t: 'read', site, visitor, chat: id, lastSeq, byVisitor: markers.visitor, byOperator: markers.operator, unread });
}
