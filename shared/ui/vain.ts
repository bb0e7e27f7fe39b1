/** Which refusals trying again cannot change, so that nobody is offered it. Both interfaces ask. */
import type { ErrorCode } from '../errors.ts';

const IN_VAIN: ReadonlySet<string> = new Set<ErrorCode>([
  'too_long',
  'uid_conflict',
  'chat_closed',
  'file_too_large',
  'file_refused',
  'file_empty',
  'file_damaged',
  'file_unsafe',
  'picture_too_large',
]);

export function isInVain(code: string): boolean {
  return IN_VAIN.has(code);
}
