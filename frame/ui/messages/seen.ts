/** Which own message is the last one that an operator has read. */
import type { Session } from '../../session/contract.ts';
import { keyOf } from './rows.ts';

export function seenIn({ chat, entries }: Pick<Session, 'chat' | 'entries'>): string | undefined {
  const now = chat.value;
  if (now === null) return undefined;
  const read = entries.value.filter(
    (entry) => entry.chat === now.id && entry.message.sender === 'visitor' && entry.seq <= now.readByOperator,
  );
  const last = read.at(-1);
  return last && keyOf(last.message);
}
