/**
 * The events that a page missed between two frames: those that lead from the state it knew to the new frame's snapshot. Part of
 * the protocol in `bridge.ts`, on the frame's side. The frame fetches this file only for a page that had another frame before.
 * Changes that a page sees in its mirror by itself (connection, availability, state) are not repeated here.
 */
import type { Known, PageEvent, Snapshot } from './page/bridge.ts';

/** `known` comes from the page and may be anything; the events made from it go back to that page alone. */
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
