/** The number under which PostgreSQL knows a lock, which has no other names for locks than numbers of 64 bits. */
import { createHash } from 'node:crypto';

/** As text, because our own numbers hold no 64 bits. Two names that share a number wait for each other for nothing, and no worse. */
export function lockNumber(name: string): string {
  return createHash('sha256').update(name).digest().readBigInt64BE().toString();
}
