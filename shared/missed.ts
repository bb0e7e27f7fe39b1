/**
 * What a page has missed between two frames: the events that lead from what it knew to what the new frame's snapshot says. Part of
 * the treaty of `bridge.ts`, on the frame's side of it, and fetched only for pages that had another frame before. The changes that
 * a page sees in its mirror by itself (connection, availability, state) are not repeated here.
 */
import type { Known, PageEvent, Snapshot } from './page/bridge.ts';

/** `known` is the page's word and may be anything; what is made of it goes back to that page alone. */
export function missed(known: Known, { state, messages }: Pick<Snapshot, 'state' | 'messages'>): PageEvent[] {
  const events: PageEvent[] = [];
  const isNew = (key: 'operator' | 'invite'): boolean => JSON.stringify(state[key]) !== JSON.stringify(known[key]);
  if (isNew('operator')) {
    if (known.operator) events.push({ name: 'operatorleave' });
    if (state.operator) events.push({ name: 'operatorjoined', operator: state.operator });
  }
  if (isNew('invite') && state.invite) events.push({ name: 'invite', invite: state.invite });

  const ids = new Set<unknown>(toList(known.last));
  const own = toList(known.own);
  let from = messages.length;
  while (from > 0 && !ids.has(messages[from - 1]?.message_id)) from -= 1;
  for (const message of messages.slice(from)) {
    const { uid, message_id, chat_id, date } = message;
    const isOwn = uid !== null && own.includes(uid) && message_id !== null && chat_id !== null;
    events.push(isOwn ? { name: 'messagedelivered', uid, message_id, chat_id, date } : { name: 'sendmessage', message });
  }
  return events;
}

function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
